using ProdOps.LoadBalancing.Load;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Failover;

/// <summary>What a failover test stops, and for how long requests are watched.</summary>
internal sealed record FailoverPlan
{
    public required LoadBalancerDefinition Entry { get; init; }

    public required FailoverTarget Stopped { get; init; }

    /// <summary>The server that the service is stopped on.</summary>
    public required IServerShell Server { get; init; }

    /// <summary>The service, as systemd calls it.</summary>
    public required string Service { get; init; }

    /// <summary>The requests that are sent all the time.</summary>
    public required LoadOptions Load { get; init; }

    /// <summary>How long requests may fail until the part counts as one that nothing replaces.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For how long requests must be answered without a failure to be well.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>
/// Stops a service under requests, watches until they are answered again, starts it and watches once more. However it ends, the service is started: by this, or by the timer on the server.
/// </summary>
internal sealed class FailoverTest(FailoverPlan plan, TimeProvider time, IActivity activity)
{
    // Longer than everything that is waited for, so that the timer never comes before us.
    private static readonly TimeSpan GuardReserve = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RestartLimit = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private bool _isStopped;

    /// <exception cref="ProdOpsException">Requests fail before anything is stopped, or the service cannot be stopped or started.</exception>
    public async Task<FailoverTestResult> RunAsync(CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        DateTimeOffset stopped = default;
        bool recovered = false;
        LoadTestResult down;
        try
        {
            await using (var watch = new Watch(plan.Load, time))
            {
                Tell("asking before anything is stopped");
                if (!await watch.IsWellAsync(plan.Quiet, plan.Quiet * 3, cancellationToken).ConfigureAwait(false)) throw LoadBalancingErrors.FailoverNotWell(plan.Entry.Name, await watch.EndAsync().ConfigureAwait(false));
            }

            await using (var watch = new Watch(plan.Load, time))
            {
                await watch.BegunAsync(cancellationToken).ConfigureAwait(false);
                Tell($"stopping {plan.Service} on {plan.Server.Name}");
                stopped = time.GetUtcNow();
                await StopAsync(cancellationToken).ConfigureAwait(false);
                Tell($"{plan.Service} is stopped");
                recovered = await watch.IsWellAsync(plan.Quiet, plan.Limit, cancellationToken).ConfigureAwait(false);
                down = await watch.EndAsync().ConfigureAwait(false);
            }

            await using var back = new Watch(plan.Load, time);
            if (recovered) await back.BegunAsync(cancellationToken).ConfigureAwait(false);
            await StartAsync().ConfigureAwait(false);
            _isStopped = false;
            Tell($"{plan.Service} is started again");
            bool restored = await back.IsWellAsync(plan.Quiet, plan.Limit, cancellationToken).ConfigureAwait(false);
            var up = await back.EndAsync().ConfigureAwait(false);
            return new FailoverTestResult
            {
                LoadBalancer = plan.Entry.Name,
                Stopped = plan.Stopped,
                Server = plan.Server.Name,
                Service = plan.Service,
                Target = down.Target,
                Recovered = recovered,
                Requests = down.Requests,
                Failed = down.Failed,
                Gap = down.LongestGap,
                RecoveryTime = !recovered ? null : down.LastFailure is { } last ? Max(last - stopped) : TimeSpan.Zero,
                Restored = restored,
                FailedOnReturn = up.Failed,
                GapOnReturn = up.LongestGap,
                Failures = down.Failures,
                Time = stopped,
                Duration = time.GetElapsedTime(begun),
            };
        }
        finally
        {
            // Ctrl+C and errors alike; a kill is the timer's matter.
            if (_isStopped) await StartAsync().ConfigureAwait(false);
        }
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        // Not known until the server has answered.
        _isStopped = true;
        var output = await plan.Server.RunAsync(FailoverScripts.Stop(plan.Service, plan.Limit * 2 + plan.Quiet * 4 + GuardReserve), cancellationToken).ConfigureAwait(false);
        // Another test's service is not ours to start, nor is one that did not run.
        _isStopped = output.Exit.Code is not (FailoverScripts.Busy or FailoverScripts.NotRunning);
        switch (output.Exit.Code)
        {
            case FailoverScripts.Busy: throw LoadBalancingErrors.FailoverUnderWay(plan.Server.Name, plan.Service);
            case FailoverScripts.NotRunning: throw LoadBalancingErrors.FailoverNotRunning(plan.Server.Name, plan.Service);
            default: output.EnsureSuccess(); break;
        }
    }

    private async Task StartAsync()
    {
        using var limit = new CancellationTokenSource(RestartLimit, time);
        try
        {
            (await plan.Server.RunAsync(FailoverScripts.Start(plan.Service), limit.Token).ConfigureAwait(false)).EnsureSuccess();
        }
        catch (Exception error) when (error is ProdOpsException or OperationCanceledException)
        {
            throw LoadBalancingErrors.FailoverNotStarted(plan.Server.Name, plan.Service, error);
        }
    }

    private void Tell(string what)
    {
        activity.Verbose($"{plan.Entry.Name}: {what}.");
        activity.Progress(new ActivityProgress($"Failover of {plan.Entry.Name}", what, null, null, false));
    }

    private static TimeSpan Max(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;

    /// <summary>Requests that go on until it is ended.</summary>
    private sealed class Watch : IAsyncDisposable
    {
        private readonly TimeProvider _time;
        private readonly LoadGenerator _generator;
        private readonly CancellationTokenSource _end = new();
        private readonly Task<LoadTestResult> _running;

        public Watch(LoadOptions options, TimeProvider time)
        {
            _time = time;
            _generator = new LoadGenerator(options with { Duration = TimeSpan.FromDays(1) }, time);
            _running = Task.Run(() => _generator.RunAsync(_end.Token, CancellationToken.None));
        }

        public async Task BegunAsync(CancellationToken cancellationToken)
        {
            while (!_running.IsCompleted && _generator.Statistics.Good + _generator.Statistics.Failed == 0) await Task.Delay(Look, _time, cancellationToken).ConfigureAwait(false);
        }

        /// <summary>Waits until no request has failed and some were answered for a while.</summary>
        /// <returns><see langword="false"/> if that does not come within the limit.</returns>
        public async Task<bool> IsWellAsync(TimeSpan quiet, TimeSpan limit, CancellationToken cancellationToken)
        {
            long begun = _time.GetTimestamp(), since = begun, failed = _generator.Statistics.Failed, good = _generator.Statistics.Good;
            while (!_running.IsCompleted)
            {
                await Task.Delay(Look, _time, cancellationToken).ConfigureAwait(false);
                if (_generator.Statistics.Failed is var now && now != failed)
                {
                    (failed, good, since) = (now, _generator.Statistics.Good, _time.GetTimestamp());
                    if (_time.GetElapsedTime(begun) > limit) return false;
                }
                // Nothing fails either while nothing is answered yet.
                else if (_time.GetElapsedTime(since) >= quiet && _time.GetElapsedTime(_generator.Statistics.LastGood) < quiet / 2 && _generator.Statistics.Good > good) return true;
                else if (_time.GetElapsedTime(begun) > limit + quiet) return false;
            }

            return false;
        }

        public async Task<LoadTestResult> EndAsync()
        {
            await _end.CancelAsync().ConfigureAwait(false);
            return await _running.ConfigureAwait(false);
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync().ConfigureAwait(false);
            await ((Task)_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _end.Dispose();
        }
    }
}
