using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.History;

/// <summary>
/// What events say about availability. A server is down while it cannot be reached, or one of the checks that count is critical for certain. The environment is down while of a role no server
/// is there: of two web servers one may go. What was not watched, what is behind something else that is down, and what was announced counts for nothing.
/// </summary>
/// <remarks>An event costs no more with a thousand servers than with one: only what it changes is looked at.</remarks>
internal sealed class Availability
{
    private readonly AvailabilityRequest _request;
    private readonly OutageState _state;
    private readonly Dictionary<string, Watched> _servers = new(StringComparer.OrdinalIgnoreCase);
    private readonly int _roles;
    private readonly OutageClock _all;
    private readonly Dictionary<long, Watched> _incidents = [];
    private List<Downtime> _active = [];
    private DateTimeOffset _now = DateTimeOffset.MinValue, _nextDowntime = DateTimeOffset.MaxValue;
    private int _rolesUp, _rolesDown;
    private bool _blind;

    /// <param name="request">What is wanted.</param>
    /// <param name="before">What all events before those that are taken in add up to; they are all there ever were without it.</param>
    public Availability(AvailabilityRequest request, OutageCheckpoint? before = null)
    {
        _request = request;
        var names = request.Servers.Select(static server => server.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _state = before?.Restore(names.Contains) ?? new OutageState(names.Contains);
        _all = new OutageClock(request.From, request.To);
        var roles = new Dictionary<string, Role>(StringComparer.OrdinalIgnoreCase);
        foreach (var server in request.Servers)
        {
            var watched = new Watched(_state.At(server.Name)!, server.Name, new OutageClock(request.From, request.To));
            if (!_servers.TryAdd(server.Name, watched)) continue;
            // A server without a role is one of its own.
            foreach (string name in server.Roles.Count > 0 ? server.Roles.Distinct(StringComparer.OrdinalIgnoreCase) : [$"\0{server.Name}"])
            {
                if (!roles.TryGetValue(name, out var role)) roles[name] = role = new Role();
                role.Servers++;
                watched.Roles.Add(role);
            }
        }

        _roles = roles.Count;
        RefreshAll();
    }

    /// <summary>Whether an event may say something. Most are results, which say no more than that somebody looks.</summary>
    public bool Wants(StoredEvent stored) => _state.Wants(stored);

    /// <summary>Whether any result may say something now.</summary>
    public bool WantsResults => _state.WantsResults;

    /// <summary>Takes in an event; they come in the order of time.</summary>
    public void Take(MonitorEvent happened)
    {
        if (happened is MonitorBlind { From: var from } blind && from < blind.Time)
        {
            GoOn(from);
            _blind = true;
            RefreshAll();
            GoOn(blind.Time);
            _blind = false;
            RefreshAll();
            return;
        }

        GoOn(happened.Time);
        switch (happened)
        {
            case ObserverIsolated or ObserverReturned:
                _state.Take(happened);
                RefreshAll();
                break;
            case DowntimeSet or DowntimeBegan or DowntimeEnded:
                _state.Take(happened);
                if (_now >= _request.From) LookAtDowntimes();
                break;
            // One that turns out to have another cause, or to be part of another, is counted there.
            case IncidentOpened e when e.Time >= _request.From: Count(e.Number, e.Root); break;
            case IncidentRooted e when _incidents.ContainsKey(e.Incident): Count(e.Incident, e.Root); break;
            case IncidentMerged e: _incidents.Remove(e.Incident); break;
            default: if (_state.Take(happened) is { } server && Find(server.Name) is { } watched) Refresh(watched); break;
        }
    }

    /// <summary>Of each server in its order, and last of all together.</summary>
    /// <param name="alive">When the monitor was last alive: what came later nobody saw.</param>
    public IReadOnlyList<HealthAvailability> Finish(DateTimeOffset? alive)
    {
        GoOn(alive < _request.To ? alive.Value : _request.To);
        _blind = true;
        if (_now < _request.To) RefreshAll();
        var counts = _incidents.Values.CountBy(static server => server).ToDictionary();
        return
        [
            .. _request.Servers.DistinctBy(static server => server.Name, StringComparer.OrdinalIgnoreCase).Select(server => _servers[server.Name])
                .Select(server => server.Clock.Finish() with { Server = server.Name, Incidents = counts.GetValueOrDefault(server), Objective = _request.Objective }),
            _all.Finish() with { Incidents = _incidents.Count, Objective = _request.Objective },
        ];
    }

    /// <summary>Lets time go by, to each moment at which announced work begins or ends.</summary>
    private void GoOn(DateTimeOffset until)
    {
        if (until > _request.To) until = _request.To;
        if (until <= _now) return;
        // What was announced before the time says nothing about it.
        if (until < _request.From)
        {
            _now = until;
            return;
        }

        if (_now < _request.From)
        {
            _now = _request.From;
            LookAtDowntimes();
        }

        while (_nextDowntime <= until)
        {
            _now = _nextDowntime;
            LookAtDowntimes();
        }

        _now = until;
    }

    private void LookAtDowntimes()
    {
        _nextDowntime = _state.Downtimes.Count == 0 ? DateTimeOffset.MaxValue : _state.Downtimes.Values.Min(downtime => downtime.NextChange(_now));
        var active = _state.Downtimes.Values.Where(downtime => downtime.IsActive(_now)).ToList();
        if (active.SequenceEqual(_active)) return;
        _active = active;
        RefreshAll();
    }

    private void Count(long incident, CheckKey root)
    {
        // What is wrong with the monitor itself is no incident of a server.
        if (Find(root.Server) is { } server) _incidents[incident] = server;
        else _incidents.Remove(incident);
    }

    private void RefreshAll()
    {
        foreach (var server in _servers.Values) Refresh(server);
    }

    private void Refresh(Watched server)
    {
        bool? before = server.Clock.IsUp, isUp = IsUp(server);
        if (before == isUp) return;
        server.Clock.Set(isUp, _now);
        foreach (var role in server.Roles)
        {
            (_rolesUp, _rolesDown) = (_rolesUp - (role.IsUp ? 1 : 0), _rolesDown - (role.IsDown ? 1 : 0));
            role.Up += (isUp == true ? 1 : 0) - (before == true ? 1 : 0);
            role.Down += (isUp == false ? 1 : 0) - (before == false ? 1 : 0);
            (_rolesUp, _rolesDown) = (_rolesUp + (role.IsUp ? 1 : 0), _rolesDown + (role.IsDown ? 1 : 0));
        }

        // Down if a role has nobody left for certain, up if each has somebody.
        _all.Set(_rolesDown > 0 ? false : _rolesUp == _roles ? true : null, _now);
    }

    private bool? IsUp(Watched watched)
    {
        var server = watched.State;
        if (_blind || _state.IsIsolated || !(server.IsAsked || server.Checks.Count > 0) || server.Gone == HealthState.Unreachable) return null;
        if (_active.Exists(downtime => downtime.CoversServer(watched.Name))) return null;
        var bad = server.Critical.Where(key => key.IsReachability || _request.Counts(key));
        bool isAnnounced = false;
        foreach (var key in server.Gone == HealthState.OK ? bad : bad.Append(CheckKey.ReachabilityOf(watched.Name)))
        {
            if (!_active.Exists(downtime => downtime.Covers(key, level: HealthState.Critical))) return false;
            isAnnounced = true;
        }

        return isAnnounced || server.IsMissing ? null : true;
    }

    private Watched? Find(string name) => _servers.GetValueOrDefault(name);

    private sealed class Watched(ServerOutage state, string name, OutageClock clock)
    {
        public ServerOutage State { get; } = state;

        public string Name { get; } = name;

        public OutageClock Clock { get; } = clock;

        public List<Role> Roles { get; } = [];
    }

    private sealed class Role
    {
        public int Servers { get; set; }

        public int Up { get; set; }

        public int Down { get; set; }

        public bool IsUp => Up > 0;

        public bool IsDown => Down == Servers;
    }
}
