namespace ProdOps.LoadBalancing.Rolling;

/// <summary>
/// Updates the servers of a pool batch by batch: out of the pool, script, check, back into it, a look at its answers. The journal says before and after each phase how far it is. What fails stays out; what is
/// called off before the script has begun goes back into service, and after that it stays out, for nobody knows what it is then.
/// </summary>
/// <param name="journal">What was done so far.</param>
/// <param name="pool">The pool on its balancers.</param>
/// <param name="work">What is done on a server.</param>
/// <param name="emit">Takes each phase's outcome.</param>
/// <param name="time">The clock.</param>
/// <param name="activity">Where to report to.</param>
internal sealed partial class RollingUpdate(RollingJournal journal, IRollingPool pool, IRollingWork work, Func<RollingUpdateStep, Task> emit, TimeProvider time, IActivity activity)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1), PutBackLimit = TimeSpan.FromSeconds(30);

    private readonly RollingHeader _header = journal.Header;
    private readonly List<RollingFailure> _failures = [];
    private bool _undo;

    /// <summary>Servers that updates of before have left out: those that are as they were left go back, as if this one had taken them out.</summary>
    public IReadOnlyDictionary<string, RollingLeftOut> LeftOut { get; init; } = new Dictionary<string, RollingLeftOut>();

    /// <summary>The servers of a pool as they are: what each is, the worst of what several balancers say, and the pool's share of failures.</summary>
    public static (IReadOnlyDictionary<string, BackendServerState> States, double FormerShare) Survey(IReadOnlyList<BackendServer> servers) => (StatesOf(servers), SettleJudge.ShareOf(servers));

    /// <summary>Begins, or goes on where it was left.</summary>
    /// <exception cref="ProdOpsException">Too many servers failed, or too few are left.</exception>
    public Task RunAsync(CancellationToken cancellationToken)
    {
        if (journal.Records.Any(record => record.Mark == RollingMark.Over)) throw LoadBalancingErrors.RollingUpdateOver(_header.Update);
        if (journal.Records.Any(record => record.Mark == RollingMark.UndoBegun)) throw LoadBalancingErrors.RollingUpdateUndone(_header.Update);
        return PassAsync(_header.Batches, cancellationToken);
    }

    /// <summary>Undoes what was done, on the servers on which the script had begun, the latest first.</summary>
    /// <exception cref="ProdOpsException">Too many servers failed, too few are left, or nothing was done.</exception>
    public async Task UndoAsync(CancellationToken cancellationToken)
    {
        _undo = true;
        var touched = _header.Batches.SelectMany(batch => batch).Where(server => RollingProgress.Of(journal.Records, server, undo: true).IsTouched).Reverse().ToList();
        if (touched.Count == 0) throw LoadBalancingErrors.RollingNothingToUndo(_header.Update);
        await pool.HoldAsync(cancellationToken).ConfigureAwait(false);
        if (!journal.Records.Any(record => record.Mark == RollingMark.UndoBegun)) journal.Add(new RollingRecord { Mark = RollingMark.UndoBegun });
        await PassAsync([.. touched.Chunk(_header.Options.BatchSize)], cancellationToken).ConfigureAwait(false);
    }

    private async Task PassAsync(IReadOnlyList<IReadOnlyList<string>> batches, CancellationToken cancellationToken)
    {
        for (int i = 0; i < batches.Count; i++)
        {
            var runs = batches[i].Select(server => new ServerRun(server, i + 1, RollingProgress.Of(journal.Records, server, _undo))).Where(run => !run.Progress.IsDone).ToList();
            if (runs.Count == 0) continue;
            await pool.HoldAsync(cancellationToken).ConfigureAwait(false);
            await PrepareAsync(runs, cancellationToken).ConfigureAwait(false);
            await BatchAsync(runs, cancellationToken).ConfigureAwait(false);
            if (_failures.Count > _header.Options.MaxFailures) throw LoadBalancingErrors.RollingUpdateStopped(_header.LoadBalancer, _header.Update, _failures, _undo);
        }

        if (_failures.Count == 0) journal.Add(new RollingRecord { Mark = RollingMark.Over });
        else activity.Warning($"{string.Join(", ", _failures.Select(failure => failure.Server))} failed. Invoke-RollingUpdate -{(_undo ? "Undo" : "Resume")} {_header.Update} tries again.");
    }

    /// <summary>Learns what the servers are, and waits until enough others get requests.</summary>
    private async Task PrepareAsync(List<ServerRun> runs, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        while (true)
        {
            var servers = await pool.ReadAsync(cancellationToken).ConfigureAwait(false);
            var states = StatesOf(servers);
            foreach (var run in runs)
            {
                var state = states.GetValueOrDefault(run.Server);
                run.LeftOut = run.Progress.Before is null ? LeftOut.GetValueOrDefault(run.Server) : null;
                run.Before ??= run.Progress.Before ?? (run.LeftOut is { IsUntouched: true } left ? left.Before : state);
                run.WasIn = !state.IsOutByHand();
            }

            int others = states.Count(state => state.Value == BackendServerState.Up && runs.TrueForAll(run => run.Server != state.Key));
            bool takesAway = runs.Exists(run => states.GetValueOrDefault(run.Server) == BackendServerState.Up && run.Progress.Next < RollingUpdatePhase.Enable);
            if (!takesAway || others >= _header.Options.MinimumHealthy) return;
            if (time.GetElapsedTime(begun) > _header.Options.EnableTimeout) throw LoadBalancingErrors.RollingTooFewHealthy(_header.LoadBalancer, _header.Update, others, _header.Options.MinimumHealthy);
            await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task BatchAsync(List<ServerRun> runs, CancellationToken cancellationToken)
    {
        bool ended = false;
        try
        {
            foreach (var run in runs.Where(run => !run.StaysOut)) await TellAsync(() => work.AnnounceAsync(run.Server, cancellationToken), cancellationToken).ConfigureAwait(false);
            await TogetherAsync(runs, run => StepAsync(run, RollingUpdatePhase.Drain, DrainAsync, cancellationToken), sideBySide: true).ConfigureAwait(false);
            await TogetherAsync(runs, run => StepAsync(run, _undo ? RollingUpdatePhase.Undo : RollingUpdatePhase.Update, ScriptAsync, cancellationToken), work.IsSideBySide).ConfigureAwait(false);
            await TogetherAsync(runs, run => StepAsync(run, RollingUpdatePhase.Check, CheckAsync, cancellationToken), sideBySide: true).ConfigureAwait(false);
            await TogetherAsync(runs, run => StepAsync(run, RollingUpdatePhase.Enable, EnableAsync, cancellationToken), sideBySide: true).ConfigureAwait(false);
            await TogetherAsync(runs, run => StepAsync(run, RollingUpdatePhase.Settle, SettleAsync, cancellationToken), sideBySide: true).ConfigureAwait(false);
            ended = true;
        }
        finally
        {
            using var limit = new CancellationTokenSource(PutBackLimit, time);
            if (!ended) await TogetherAsync(runs, run => PutBackAsync(run, limit.Token), sideBySide: true).ConfigureAwait(false);
            foreach (var run in runs.Where(run => run.IsBack)) await TellAsync(() => work.EndAnnouncementAsync(run.Server, limit.Token), limit.Token).ConfigureAwait(false);
        }
    }

    /// <summary>All servers of a batch go through a phase; what stops one of them lets the others come to its end.</summary>
    private static async Task TogetherAsync(List<ServerRun> runs, Func<ServerRun, Task> step, bool sideBySide)
    {
        if (sideBySide)
        {
            await Task.WhenAll(runs.Select(step)).ConfigureAwait(false);
            return;
        }

        foreach (var run in runs) await step(run).ConfigureAwait(false);
    }

    /// <summary>One phase of one server, noted before and after.</summary>
    private async Task StepAsync(ServerRun run, RollingUpdatePhase phase, Func<ServerRun, CancellationToken, Task<Outcome>> action, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (run.Failed || IsBehind(run, phase)) return;
        run.Phase = phase;
        journal.Add(new RollingRecord { Server = run.Server, Phase = phase, Mark = RollingMark.Begun, Before = phase == RollingUpdatePhase.Drain ? run.Before : null });
        var began = time.GetUtcNow();
        long start = time.GetTimestamp();
        Outcome outcome;
        try
        {
            outcome = await action(run, cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException error) when (!cancellationToken.IsCancellationRequested)
        {
            outcome = new Outcome(RollingUpdateStatus.Failed, "", error.Message);
        }

        run.Failed = outcome.Status == RollingUpdateStatus.Failed;
        journal.Add(new RollingRecord { Server = run.Server, Phase = phase, Mark = run.Failed ? RollingMark.Failed : RollingMark.Done, Error = outcome.Error });
        if (run.Failed) lock (_failures) _failures.Add(new RollingFailure(run.Server, phase, outcome.Error ?? ""));
        else run.Completed = phase;
        run.IsBack = run is { Failed: false, Completed: RollingUpdatePhase.Settle, StaysOut: false };
        await emit(new RollingUpdateStep
        {
            Update = _header.Update, LoadBalancer = _header.LoadBalancer, Server = run.Server, Batch = run.Batch, Phase = phase, Status = outcome.Status, Message = outcome.Message, Error = outcome.Error,
            Output = outcome.Output, Duration = time.GetElapsedTime(start), Time = began,
        }).ConfigureAwait(false);
    }

    /// <summary>True for what was done before this run. That a server is out of the pool is made sure again, as long as it is not to go back.</summary>
    private static bool IsBehind(ServerRun run, RollingUpdatePhase phase)
    {
        var next = run.Progress.Next;
        return phase switch
        {
            RollingUpdatePhase.Drain => next >= RollingUpdatePhase.Enable,
            RollingUpdatePhase.Undo => next > RollingUpdatePhase.Update,
            _ => next > phase,
        };
    }

    private static Dictionary<string, BackendServerState> StatesOf(IEnumerable<BackendServer> servers) =>
        servers.GroupBy(server => server.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Max(StateOf), StringComparer.Ordinal);

    /// <summary>What an administrator wants of a server counts before what its checks find.</summary>
    private static BackendServerState StateOf(BackendServer server) => server.AdminState == BackendServerState.Up ? server.State : server.AdminState;

    /// <summary>Tells others. That they cannot be told does not stop the work.</summary>
    private async Task TellAsync(Func<Task> tell, CancellationToken cancellationToken)
    {
        try
        {
            await tell().ConfigureAwait(false);
        }
        catch (ProdOpsException error) when (!cancellationToken.IsCancellationRequested)
        {
            activity.Warning(error.Message);
        }
    }

    /// <summary>How a phase ended.</summary>
    private sealed record Outcome(RollingUpdateStatus Status, string Message, string? Error = null)
    {
        public IReadOnlyList<string> Output { get; init; } = [];
    }

    /// <summary>A server in a batch.</summary>
    private sealed class ServerRun(string server, int batch, RollingProgress progress)
    {
        public string Server => server;

        public int Batch => batch;

        public RollingProgress Progress => progress;

        /// <summary>What it was before the update took it out.</summary>
        public BackendServerState? Before { get; set; }

        /// <summary>The update of before that has left it out.</summary>
        public RollingLeftOut? LeftOut { get; set; }

        /// <summary>True if it was in the pool when this pass came to it.</summary>
        public bool WasIn { get; set; }

        /// <summary>The phase that it is in.</summary>
        public RollingUpdatePhase? Phase { get; set; }

        /// <summary>The last phase that was done now.</summary>
        public RollingUpdatePhase? Completed { get; set; }

        public bool Failed { get; set; }

        /// <summary>True once it is in service again.</summary>
        public bool IsBack { get; set; }

        /// <summary>True if somebody had taken it out before.</summary>
        public bool StaysOut => Before?.IsOutByHand() ?? false;
    }
}

/// <summary>A server on which a rolling update failed.</summary>
internal sealed record RollingFailure(string Server, RollingUpdatePhase Phase, string Error);
