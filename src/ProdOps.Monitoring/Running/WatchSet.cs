namespace ProdOps.Monitoring.Running;

/// <summary>Everything that is looked at, side by side, each at its own pace.</summary>
/// <param name="setup">What there is.</param>
/// <param name="services">How it is looked at.</param>
/// <param name="found">Is told what was found out; a look that is told holds a place until it is taken in.</param>
internal sealed class WatchSet(MonitorSetup setup, LoopServices services, Func<Observation, CancellationToken, ValueTask> found) : IDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, List<Rhythm>> _rhythms = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _throttle = new(setup.ThrottleLimit);
    // What takes minutes must not hold up what takes milliseconds.
    private readonly SemaphoreSlim _long = new(setup.ThrottleLimit);

    /// <summary>Begins to look, until it is called off.</summary>
    public IEnumerable<Task> Start(CancellationToken stop) =>
        [.. setup.Servers.Select(server => WatchAsync(server, stop)), .. setup.Checks.Select(check => WatchAsync(check, stop))];

    /// <summary>Asks again soon where something is not certain, but no sooner than a retry may be.</summary>
    /// <param name="servers">The servers, each with how soon rules want it: <see langword="null"/> for the usual.</param>
    public void Hurry(IReadOnlyDictionary<string, HashSet<TimeSpan?>> servers)
    {
        lock (_rhythms)
        {
            foreach (var (server, wishes) in servers)
            {
                if (!_rhythms.TryGetValue(server, out var rhythms)) continue;
                foreach (var rhythm in rhythms) rhythm.Hurry(wishes);
            }
        }
    }

    public void Dispose()
    {
        _throttle.Dispose();
        _long.Dispose();
    }

    private async Task WatchAsync(Server server, CancellationToken stop)
    {
        var watch = new ServerWatch(server, (request, token) => services.Ask(server, request, token), setup.Pace, _long, services.Time);
        try
        {
            await RepeatAsync(server.Name, setup.Pace.Interval, watch.LookAsync, stop).ConfigureAwait(false);
        }
        finally
        {
            await watch.EndAsync().ConfigureAwait(false);
        }
    }

    private Task WatchAsync(WatchedCheck check, CancellationToken stop) => RepeatAsync(check.Server, check.Definition.Interval, async token =>
    {
        IReadOnlyList<HealthCheckResult> results;
        try
        {
            results = await check.Check.RunAsync(token).ConfigureAwait(false);
        }
        catch (ProdOpsException error)
        {
            results = [new HealthCheckResult { Server = check.Server, Check = check.Definition.Name, State = HealthState.Unknown, Message = error.Message }];
        }

        return new Observation(check.Server, services.Time.GetUtcNow()) { Check = check.Definition.Name, Results = results };
    }, stop);

    private async Task RepeatAsync(string server, TimeSpan interval, Func<CancellationToken, Task<Observation>> look, CancellationToken stop)
    {
        var rhythm = new Rhythm(interval, new MonitorPace(interval).Retry, services.Time);
        lock (_rhythms)
        {
            if (!_rhythms.TryGetValue(server, out var rhythms)) _rhythms[server] = rhythms = [];
            rhythms.Add(rhythm);
        }

        // Not all at once.
        var first = interval < LongestStart ? interval : LongestStart;
        if (setup.Servers.Count > 1) await Task.Delay(first * (StringComparer.Ordinal.GetHashCode(server) & 0xFFFF) / 0x10000, services.Time, stop).ConfigureAwait(false);
        while (true)
        {
            await _throttle.WaitAsync(stop).ConfigureAwait(false);
            long begun = services.Time.GetTimestamp();
            try
            {
                await found(await look(stop).ConfigureAwait(false), stop).ConfigureAwait(false);
            }
            finally
            {
                _throttle.Release();
            }

            await rhythm.WaitAsync(begun, stop).ConfigureAwait(false);
        }
    }
}
