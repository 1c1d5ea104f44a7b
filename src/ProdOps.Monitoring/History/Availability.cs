using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.History;

/// <summary>For how much of a time something did its work.</summary>
/// <param name="Name">A server; of the environment empty.</param>
/// <param name="Available">How long it did.</param>
/// <param name="Down">How long it did not.</param>
/// <param name="Unknown">How long nobody knows, or work was announced: that counts for nothing.</param>
/// <param name="Incidents">How many incidents began in the time.</param>
/// <param name="Objective">The share that was promised, 0 to 1.</param>
internal sealed record AvailabilityResult(string Name, TimeSpan Available, TimeSpan Down, TimeSpan Unknown, int Incidents, double? Objective)
{
    public TimeSpan Observed => Available + Down;

    /// <summary>0 to 1; <see langword="null"/> where nothing was observed.</summary>
    public double? Share => Observed > TimeSpan.Zero ? Available / Observed : null;

    /// <summary>How long it may still be down in so much observed time (the error budget); negative: so much too long.</summary>
    public TimeSpan? BudgetLeft => Objective is { } objective ? (Observed * (1 - objective)) - Down : null;
}

/// <summary>
/// What events say about availability. A server is down while it cannot be reached, or one of the checks that count is critical for certain. The environment is down while of a role no server
/// is there: of two web servers one may go. What was not watched, and what was announced, counts for nothing.
/// </summary>
internal sealed class Availability
{
    // Announced work begins and ends without an event of its own: it is looked at once a minute.
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly DateTimeOffset _from, _to;
    private readonly Func<CheckKey, bool> _counts;
    private readonly List<Watched> _servers;
    private readonly List<List<Watched>> _roles;
    private readonly Watched _all = new("");
    private readonly SortedDictionary<long, Downtime> _downtimes = [];
    private DateTimeOffset _now = DateTimeOffset.MinValue;
    private bool _isolated;

    private Availability(IReadOnlyList<Server> servers, DateTimeOffset from, DateTimeOffset to, Func<CheckKey, bool> counts)
    {
        (_from, _to, _counts) = (from, to, counts);
        _servers = [.. servers.Select(static server => new Watched(server.Name))];
        // A server without a role is one of its own.
        _roles = [.. servers.SelectMany((server, index) => (server.Roles.Count > 0 ? server.Roles : [$"\0{server.Name}"]).Select(role => (role, Server: _servers[index])))
            .GroupBy(static one => one.role, static one => one.Server, StringComparer.OrdinalIgnoreCase).Select(static role => role.ToList())];
    }

    /// <summary>Of each server in its order, and last of all together.</summary>
    /// <param name="events">All events from the first on: what was before the time says how it began.</param>
    /// <param name="servers">The servers, with their roles.</param>
    /// <param name="from">The beginning of the time.</param>
    /// <param name="to">Its end.</param>
    /// <param name="alive">When the monitor was last alive: what came later nobody saw.</param>
    /// <param name="objective">What was promised, 0 to 1.</param>
    /// <param name="counts">The checks whose failure is an outage.</param>
    public static IReadOnlyList<AvailabilityResult> Of(
        IEnumerable<MonitorEvent> events, IReadOnlyList<Server> servers, DateTimeOffset from, DateTimeOffset to, DateTimeOffset? alive, double? objective, Func<CheckKey, bool> counts)
    {
        var availability = new Availability(servers, from, to, counts);
        foreach (var happened in events)
        {
            if (happened.Time >= to) break;
            availability.Take(happened);
        }

        availability.GoOn(alive is { } end && end < to ? end : to, isWatched: true);
        availability.GoOn(to, isWatched: false);
        return [.. availability._servers.Append(availability._all).Select(watched => watched.Result(objective))];
    }

    private void Take(MonitorEvent happened)
    {
        if (happened is MonitorBlind blind)
        {
            GoOn(blind.From, isWatched: true);
            GoOn(blind.Time, isWatched: false);
        }
        else
        {
            GoOn(happened.Time, isWatched: true);
        }

        switch (happened)
        {
            case ObserverIsolated: _isolated = true; break;
            case ObserverReturned: _isolated = false; break;
            case DowntimeSet e: _downtimes[e.Number] = e.Downtime; break;
            case DowntimeBegan e: if (_downtimes.TryGetValue(e.Downtime, out var begun)) _downtimes[e.Downtime] = begun with { Began = e.Time }; break;
            case DowntimeEnded e: _downtimes.Remove(e.Downtime); break;
            case ServerChanged e: if (Find(e.Server) is { } changed) (changed.IsSeen, changed.IsGone) = (true, e.To != HealthState.OK); break;
            case CheckChanged e: if (Find(e.Key.Server) is { } server) Change(server, e); break;
            case CheckDropped e: Find(e.Key.Server)?.Critical.Remove(e.Key); break;
            case CheckResult e: if (Find(e.Key.Server) is { } seen) seen.IsSeen = true; break;
            case IncidentOpened e when e.Time >= _from:
                _all.Incidents++;
                if (Find(e.Root.Server) is { } root) root.Incidents++;
                break;
        }
    }

    private void Change(Watched server, CheckChanged e)
    {
        server.IsSeen = true;
        if (e.Key.IsReachability) server.IsMissing = e.Missing;
        if (e.Level == HealthState.Critical && (e.Key.IsReachability || _counts(e.Key))) server.Critical.Add(e.Key);
        else server.Critical.Remove(e.Key);
    }

    /// <summary>Adds up what was since the last time.</summary>
    private void GoOn(DateTimeOffset until, bool isWatched)
    {
        if (_now < _from) _now = until < _from ? until : _from;
        while (_now < until && _now < _to)
        {
            var next = until < _to ? until : _to;
            if (_downtimes.Count > 0 && next - _now > Minute) next = _now + Minute;
            var length = next - _now;
            foreach (var server in _servers)
            {
                server.IsUp = !isWatched || _isolated || !server.IsSeen || IsAnnounced(server) ? null : server.IsGone || server.Critical.Count > 0 ? false : server.IsMissing ? null : true;
                server.Add(server.IsUp, length);
            }

            // Down if a role has nobody left for certain, up if each has somebody.
            bool? all = _roles.Exists(static role => role.TrueForAll(static server => server.IsUp == false)) ? false : _servers.Count > 0 && _roles.TrueForAll(static role => role.Exists(static server => server.IsUp == true)) ? true : null;
            _all.Add(all, length);
            _now = next;
        }
    }

    private bool IsAnnounced(Watched server) => _downtimes.Values.Any(downtime => downtime.CoversServer(server.Name) && downtime.IsActive(_now));

    private Watched? Find(string name) => _servers.Find(server => server.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private sealed class Watched(string name)
    {
        private TimeSpan _available, _down, _unknown;

        public string Name { get; } = name;

        public bool IsSeen { get; set; }

        public bool IsGone { get; set; }

        public bool IsMissing { get; set; }

        public bool? IsUp { get; set; }

        public int Incidents { get; set; }

        public HashSet<CheckKey> Critical { get; } = [];

        public void Add(bool? up, TimeSpan length)
        {
            if (up is null) _unknown += length;
            else if (up.Value) _available += length;
            else _down += length;
        }

        public AvailabilityResult Result(double? objective) => new(Name, _available, _down, _unknown, Incidents, objective);
    }
}
