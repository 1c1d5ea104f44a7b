using ProdOps.Monitoring.History;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Status;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Watching;

/// <summary>How servers are by what a monitor, here or elsewhere, writes down: its events are followed, and nothing is asked twice. It is only read.</summary>
/// <param name="store">The monitor's store.</param>
/// <param name="environment">The environment; <see langword="null"/> without one.</param>
/// <param name="unitOf">The units of rules.</param>
/// <param name="time">The clock.</param>
/// <param name="activity">Is told what is not understood.</param>
internal sealed class StoreWatch(MetricStore store, ProdOpsEnvironment? environment, Func<string, string> unitOf, TimeProvider time, IActivity activity)
{
    private static readonly string[] Shown = ["cpu.busy", "memory.available", "disk.used"];
    private static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(30), Recent = TimeSpan.FromMinutes(15), Overlap = TimeSpan.FromSeconds(15);

    private readonly EventReader _events = new(store.Events, activity);
    private readonly Dictionary<(string Server, string Metric, string? Instance), MetricSample> _latest = [];
    private readonly Dictionary<string, TrendRing> _trends = new(StringComparer.OrdinalIgnoreCase);
    private MonitorState? _state;
    private long _lastEvent;
    private DateTimeOffset? _read;

    /// <summary>Whether a monitor is at work: it says so twice an interval.</summary>
    public bool IsAlive => store.Monitor.LastAlive is { } alive && time.GetUtcNow() - alive <= Patience;

    private TimeSpan Patience => environment?.Monitoring.Interval * 2.5 is { } rounds && rounds > LeastPatience ? rounds : LeastPatience;

    /// <summary>Which servers a monitor that is at work cannot reach.</summary>
    public IReadOnlySet<string> OutOfReach(CancellationToken cancellationToken) => new HashSet<string>(IsAlive ? State(cancellationToken).Servers.Keys : [], StringComparer.OrdinalIgnoreCase);

    /// <summary>Which of some servers the monitor knows nothing of.</summary>
    public IEnumerable<string> Unknown(IEnumerable<string> servers, CancellationToken cancellationToken)
    {
        var known = State(cancellationToken).Checks.Keys.Select(static key => key.Server).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return servers.Where(server => !known.Contains(server));
    }

    /// <summary>How they are.</summary>
    /// <param name="servers">Which; <see langword="null"/> for all that are monitored.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public HealthPicture Look(IReadOnlyList<Server>? servers, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var state = State(cancellationToken);
        var checks = state.Checks.Keys.ToLookup(static key => key.Server, StringComparer.OrdinalIgnoreCase);
        var wanted = servers ?? All(checks);
        Measure(wanted, checks, state, now, cancellationToken);
        var metrics = _latest.Values.ToLookup(static sample => sample.Server, StringComparer.OrdinalIgnoreCase);
        var alive = store.Monitor.LastAlive ?? (state.LastNumber > 0 ? state.LastTime : null);
        var age = now - alive;
        return new HealthPicture
        {
            Environment = environment?.Name ?? "",
            Servers = [.. wanted.Select(server => new WatchedHealth(HealthOf(server, checks[server.Name], state, alive, now) with { Metrics = [.. metrics[server.Name]] }, _trends.TryGetValue(server.Name, out var trend) ? trend.Trend : HealthTrend.None))],
            Source = "what the monitor has written down",
            Time = now,
            Age = age < TimeSpan.Zero ? TimeSpan.Zero : age,
            IsStale = age > Patience,
            Incidents = state.Incidents.Values.Count(static incident => incident.Resolved is null),
        };
    }

    private List<Server> All(ILookup<string, CheckKey> checks)
    {
        var known = environment?.Servers.ToDictionary(static server => server.Name, StringComparer.OrdinalIgnoreCase) ?? [];
        // The monitor stands among them where something is wrong with it.
        return [.. known.Values, .. checks.Select(static server => server.Key).Where(name => !known.ContainsKey(name)).Order(StringComparer.OrdinalIgnoreCase).Select(static name => new Server { Name = name })];
    }

    private MonitorState State(CancellationToken cancellationToken)
    {
        if (_state is null) _lastEvent = (_state = store.Monitor.LoadSaved()).LastNumber;
        // Also what is not understood is read once.
        foreach (var happened in _events.Replay(_lastEvent, stored => (_lastEvent = stored.Number) > 0, cancellationToken)) _state.Apply(happened);
        _events.TellUnknown();
        return _state;
    }

    private ServerHealth HealthOf(Server server, IEnumerable<CheckKey> keys, MonitorState state, DateTimeOffset? alive, DateTimeOffset now)
    {
        HealthCheckResult[] results = [.. keys.Select(key => ResultOf(key, state, now))];
        var worst = results.Select(static result => result.State).DefaultIfEmpty(HealthState.Unknown).Max();
        return ServerLook.WithChecks(new ServerHealth { Server = server.Name, Roles = server.Roles }, results) with
        {
            State = HealthView.OfServer(state, server.Name, worst, now),
            Time = results.Length > 0 && alive is { } last ? last : default,
        };
    }

    private HealthCheckResult ResultOf(CheckKey key, MonitorState state, DateTimeOffset now)
    {
        var check = state.Checks[key];
        string unit = unitOf(key.Rule);
        // What decided the state may be hours old.
        double? value = _latest.TryGetValue((key.Server, key.Rule, key.Instance), out var sample) ? sample.Value : check.Value;
        return new HealthCheckResult
        {
            Server = key.Server,
            Check = key.Rule,
            Instance = key.Instance,
            State = HealthView.OfCheck(state, key, now),
            Value = value,
            Unit = unit,
            Message = check.Message is { Length: > 0 } message ? message : value is { } number ? HealthThreshold.Format(number, unit) : check.Missing ? "nothing is heard of it" : "",
            Time = sample?.Time ?? check.Since,
        };
    }

    /// <summary>Reads the samples that have come since the last time: of what the table shows, and of what is a problem.</summary>
    private void Measure(IReadOnlyList<Server> servers, ILookup<string, CheckKey> checks, MonitorState state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var names = servers.Select(static server => server.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var bad = names.SelectMany(name => checks[name]).Where(key => state.Checks[key].Level != HealthState.OK).Select(static key => (key.Server, key.Rule, key.Instance)).ToHashSet();
        var series = store.Series([], [.. Shown.Concat(bad.Select(static key => key.Rule)).Distinct(StringComparer.OrdinalIgnoreCase)], [])
            .Where(row => names.Contains(row.Server) && (Shown.Contains(row.Metric) || bad.Contains((row.Server, row.Metric, row.Instance)))).ToList();
        var recent = now - Recent;
        foreach (var old in _latest.Where(one => one.Value.Time < recent).Select(static one => one.Key).ToList()) _latest.Remove(old);
        // Samples are written a moment after they were measured.
        var query = new MetricQuery { From = _read is { } last ? last - Overlap : recent, To = now + Overlap, Resolution = MetricResolution.Raw };
        _read = now;
        var rounds = new Dictionary<string, Round>(StringComparer.OrdinalIgnoreCase);
        foreach (var sample in store.Query(series, query, cancellationToken))
        {
            var key = (sample.Server, sample.Name, sample.Instance);
            if (_latest.TryGetValue(key, out var known) && known.Time >= sample.Time) continue;
            _latest[key] = sample;
            // All samples of a round have its time.
            if (!rounds.TryGetValue(sample.Server, out var round) || round.Time != sample.Time)
            {
                if (round is not null) Remember(sample.Server, round);
                rounds[sample.Server] = round = new Round(sample.Time);
            }

            round.Take(sample);
        }

        foreach (var (server, round) in rounds) Remember(server, round);
    }

    private void Remember(string server, Round round)
    {
        if (!_trends.TryGetValue(server, out var trend)) _trends[server] = trend = new TrendRing();
        trend.Add(round.Cpu, round.Memory, round.Disk);
    }

    private sealed class Round(DateTimeOffset time)
    {
        public DateTimeOffset Time => time;

        public double? Cpu { get; private set; }

        public double? Memory { get; private set; }

        public double? Disk { get; private set; }

        public void Take(MetricSample sample)
        {
            switch (sample.Name)
            {
                case "cpu.busy": Cpu = sample.Value; break;
                case "memory.available": Memory = 100 - sample.Value; break;
                case "disk.used": Disk = Disk is { } most && most > sample.Value ? most : sample.Value; break;
            }
        }
    }
}
