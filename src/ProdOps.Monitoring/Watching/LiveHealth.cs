using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Running;

namespace ProdOps.Monitoring.Watching;

/// <summary>How servers are that are asked from here, round after round, by the monitor's own way of asking. May be used from several threads.</summary>
internal sealed class LiveHealth : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<(Server Server, LiveServer Live)> _servers;
    private readonly Dictionary<string, LiveServer> _byName;
    private readonly WatchSet _watches;
    private readonly MonitorSetup _setup;
    private readonly TimeProvider _time;

    /// <exception cref="ProdOpsException">A rule cannot be used.</exception>
    public LiveHealth(MonitorSetup setup, LoopServices services)
    {
        var rules = new RuleSet(setup.Rules);
        (_setup, _time) = (setup, services.Time);
        _servers =
        [
            .. setup.Servers.Concat(setup.Checks.Select(static check => new Server { Name = check.Server })).DistinctBy(static server => server.Name, StringComparer.OrdinalIgnoreCase)
                .Select(server => (server, new LiveServer(server, rules.For(server.Name, server.Roles)))),
        ];
        _byName = _servers.ToDictionary(static one => one.Server.Name, static one => one.Live, StringComparer.OrdinalIgnoreCase);
        _watches = new WatchSet(setup, services, (observation, _) =>
        {
            Take(observation);
            return ValueTask.CompletedTask;
        });
    }

    /// <summary>Asks until it is called off.</summary>
    public async Task RunAsync(CancellationToken cancellationToken) => await (await Task.WhenAny(_watches.Start(cancellationToken).Append(Task.Delay(Timeout.Infinite, cancellationToken))).ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>How they are now.</summary>
    public HealthPicture Look()
    {
        var now = _time.GetUtcNow();
        List<WatchedHealth> servers;
        lock (_lock) servers = [.. _servers.Select(static one => one.Live.Look())];
        TimeSpan? age = servers.Exists(static one => one.IsKnown) ? now - servers.Where(static one => one.IsKnown).Min(static one => one.Health.Time) : null;
        return new HealthPicture
        {
            Environment = _setup.Environment,
            Servers = servers,
            Source = $"asked from here every {HealthThreshold.Format(_setup.Pace.Interval.TotalSeconds, "s")}",
            Time = now,
            Age = age,
            IsStale = age > Longest,
        };
    }

    public void Dispose() => _watches.Dispose();

    /// <summary>One that does not answer is waited for, and then it is known that it does not.</summary>
    private TimeSpan Longest => _setup.Checks.Select(static check => check.Definition.Interval + check.Definition.Timeout).Append(_setup.Pace.Interval + _setup.Pace.Limit(Probing.ProbeParts.Slow)).Max() + TimeSpan.FromSeconds(15);

    private void Take(Observation observation)
    {
        lock (_lock) if (_byName.TryGetValue(observation.Server, out var server)) server.Take(observation);
    }
}
