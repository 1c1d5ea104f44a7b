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
    private static readonly string ResultKind = EventJson.KindOf<CheckResult>();

    private readonly AvailabilityRequest _request;
    private readonly Dictionary<string, Watched> _servers = new(StringComparer.OrdinalIgnoreCase);
    private readonly int _roles;
    private readonly OutageClock _all;
    private readonly Dictionary<long, Watched> _incidents = [];
    private readonly SortedDictionary<long, Downtime> _downtimes = [];
    private List<Downtime> _active = [];
    private DateTimeOffset _now = DateTimeOffset.MinValue, _nextDowntime = DateTimeOffset.MaxValue;
    private int _rolesUp, _rolesDown;
    private bool _isolated, _blind;

    public Availability(AvailabilityRequest request)
    {
        _request = request;
        _all = new OutageClock(request.From, request.To);
        var roles = new Dictionary<string, Role>(StringComparer.OrdinalIgnoreCase);
        foreach (var server in request.Servers)
        {
            var watched = new Watched(server.Name, new OutageClock(request.From, request.To));
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
    }

    /// <summary>Whether an event may say something. Most are results, which say no more than that somebody looks.</summary>
    public bool Wants(StoredEvent stored) => stored.Kind != ResultKind || (stored.Server is { } server && Find(server) is { IsAsked: false });

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
            case ObserverIsolated: SetIsolated(true); break;
            case ObserverReturned: SetIsolated(false); break;
            case DowntimeSet e: Announce(e.Number, e.Downtime); break;
            case DowntimeBegan e: if (_downtimes.TryGetValue(e.Downtime, out var begun)) Announce(e.Downtime, begun with { Began = e.Time }); break;
            case DowntimeEnded e: Announce(e.Downtime, null); break;
            case ServerChanged e: Change(e.Server, server => (server.IsAsked, server.Gone) = (true, e.To)); break;
            case CheckChanged e: Change(e.Key.Server, server => Change(server, e)); break;
            case CheckResult e: Change(e.Key.Server, server => See(server, e.Key)); break;
            case CheckDropped e: Change(e.Key.Server, server => Drop(server, e.Key)); break;
            // One that turns out to have another cause, or to be part of another, is counted there.
            case IncidentOpened e when e.Time >= _request.From: Count(e.Number, e.Root); break;
            case IncidentRooted e when _incidents.ContainsKey(e.Incident): Count(e.Incident, e.Root); break;
            case IncidentMerged e: _incidents.Remove(e.Incident); break;
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

    private void Announce(long number, Downtime? downtime)
    {
        if (downtime is null) _downtimes.Remove(number);
        else _downtimes[number] = downtime;
        if (_now >= _request.From) LookAtDowntimes();
    }

    private void LookAtDowntimes()
    {
        _nextDowntime = _downtimes.Count == 0 ? DateTimeOffset.MaxValue : _downtimes.Values.Min(downtime => downtime.NextChange(_now));
        var active = _downtimes.Values.Where(downtime => downtime.IsActive(_now)).ToList();
        if (active.SequenceEqual(_active)) return;
        _active = active;
        RefreshAll();
    }

    private void SetIsolated(bool isolated)
    {
        _isolated = isolated;
        RefreshAll();
    }

    private static void See(Watched server, CheckKey key)
    {
        if (key.IsReachability) server.IsAsked = true;
        else server.Checks.Add(key);
    }

    private void Change(Watched server, CheckChanged e)
    {
        See(server, e.Key);
        if (e.Key.IsReachability) server.IsMissing = e.Missing;
        if (e.Level == HealthState.Critical && (e.Key.IsReachability || _request.Counts(e.Key))) server.Critical.Add(e.Key);
        else server.Critical.Remove(e.Key);
    }

    private static void Drop(Watched server, CheckKey key)
    {
        server.Checks.Remove(key);
        server.Critical.Remove(key);
        if (key.IsReachability) (server.IsAsked, server.IsMissing, server.Gone) = (false, false, HealthState.OK);
    }

    private void Count(long incident, CheckKey root)
    {
        // What is wrong with the monitor itself is no incident of a server.
        if (Find(root.Server) is { } server) _incidents[incident] = server;
        else _incidents.Remove(incident);
    }

    private void Change(string name, Action<Watched> change)
    {
        if (Find(name) is not { } server) return;
        change(server);
        Refresh(server);
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

    private bool? IsUp(Watched server)
    {
        if (_blind || _isolated || !(server.IsAsked || server.Checks.Count > 0) || server.Gone == HealthState.Unreachable) return null;
        if (_active.Exists(downtime => downtime.CoversServer(server.Name))) return null;
        var bad = server.Gone == HealthState.OK ? server.Critical : server.Critical.Append(CheckKey.ReachabilityOf(server.Name));
        bool isAnnounced = false;
        foreach (var key in bad)
        {
            if (!_active.Exists(downtime => downtime.Covers(key, level: HealthState.Critical))) return false;
            isAnnounced = true;
        }

        return isAnnounced || server.IsMissing ? null : true;
    }

    private Watched? Find(string name) => _servers.GetValueOrDefault(name);

    private sealed class Watched(string name, OutageClock clock)
    {
        public string Name { get; } = name;

        public OutageClock Clock { get; } = clock;

        public List<Role> Roles { get; } = [];

        /// <summary>Whether it is asked as a server. A host in the place of one only has checks.</summary>
        public bool IsAsked { get; set; }

        public bool IsMissing { get; set; }

        public HealthState Gone { get; set; }

        public HashSet<CheckKey> Checks { get; } = [];

        public HashSet<CheckKey> Critical { get; } = [];
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
