using System.Collections.Concurrent;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Execution;

/// <summary>How a run is carried out.</summary>
internal sealed record ExecutionOptions
{
    /// <summary>How many steps are done side by side.</summary>
    public int ThrottleLimit { get; init; } = 4;

    /// <summary>Takes the target's lock from another run.</summary>
    public bool Force { get; init; }

    /// <summary>Steps that a person has said to be done: manual ones, and those of which nobody else knows.</summary>
    public IReadOnlyList<string> Confirmed { get; init; } = [];

    /// <summary>Steps that are done again although nobody knows whether they were.</summary>
    public IReadOnlyList<string> Redo { get; init; } = [];

    /// <summary>How long checks may take to pass after a step.</summary>
    public TimeSpan VerifyPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a server may take to end a command that takes too long.</summary>
    public TimeSpan KillPatience { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>
/// Carries out a plan by its journal: each step when those that it waits for are done, several side by side. A step that fails holds up what waits for it and nothing else.
/// </summary>
internal sealed partial class RecoveryExecution(
    RunJournal journal, RecoveryPlan plan, IReadOnlyList<PlannedStep> steps, ExecutionOptions options, ProdOpsEnvironment environment, IRecoveryAccess access, IActivity activity, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, RunRecord> _last = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets what became of each step, when it is known.</summary>
    public Func<RecoveryRunStep, Task> Emit { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Gets why a step failed.</summary>
    public Func<ProdOpsException, Task> Fail { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Carries out what is not done yet.</summary>
    /// <returns>Whether all is done.</returns>
    /// <exception cref="ProdOpsException">The target cannot be reached or is in use by another run; the journal cannot be written.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        // First of all: a run that does not get them has not begun.
        await using var locks = new TargetLocks(journal.Header, access, activity, time);
        await locks.TakeAsync(steps.Where(step => !step.IsSkipped && LocksServer(step.Step.Kind)).Select(step => (step.Server, step.Step.AsRoot)).Distinct(), options.Force, cancellationToken).ConfigureAwait(false);
        TakeUp();
        foreach (var step in steps.Where(step => step.Reason is not null)) await TellAsync(step).ConfigureAwait(false);
        await FenceAsync(cancellationToken).ConfigureAwait(false);
        await VerifyLastAsync(cancellationToken).ConfigureAwait(false);
        var waiting = steps.Where(step => !IsDone(step.Step.Name)).ToList();
        var running = new Dictionary<Task<RunRecord>, PlannedStep>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (true)
            {
                foreach (var step in waiting.Where(step => step.Step.DependsOn.All(IsDone)).Take(options.ThrottleLimit - running.Count).ToArray())
                {
                    waiting.Remove(step);
                    running.Add(Task.Run(() => DoAsync(step, stop.Token), CancellationToken.None), step);
                }

                if (running.Count == 0) break;
                var ended = await Task.WhenAny(running.Keys).ConfigureAwait(false);
                running.Remove(ended, out var done);
                _last[done!.Step.Name] = await ended.ConfigureAwait(false);
                await TellAsync(done).ConfigureAwait(false);
            }
        }
        finally
        {
            // Nothing of a run goes on when it is over here; what was begun on servers does, and is found again.
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(running.Keys)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
        foreach (var step in waiting)
        {
            _last[step.Step.Name] = journal.Add(new RunRecord { Step = step.Step.Name, State = RecoveryStepState.Blocked, Message = $"waits for {string.Join(", ", step.Step.DependsOn.Where(name => !IsDone(name)))}" });
            await TellAsync(step).ConfigureAwait(false);
        }

        bool all = steps.All(step => IsDone(step.Step.Name));
        if (all) await MarkAsync(cancellationToken).ConfigureAwait(false);
        await locks.ReleaseAsync(all).ConfigureAwait(false);
        journal.Add(new RunRecord { State = all ? RecoveryStepState.Succeeded : RecoveryStepState.Failed });
        return all;
    }

    /// <summary>Where the journal was left: what was being done when it ended is unknown.</summary>
    private void TakeUp()
    {
        foreach (var record in journal.Records.Where(record => record.Step.Length > 0)) _last[record.Step] = record;
        foreach (var step in steps)
        {
            string name = step.Step.Name;
            var state = _last.GetValueOrDefault(name)?.State;
            if (step.IsSkipped && state is null) _last[name] = journal.Add(new RunRecord { Step = name, State = RecoveryStepState.Skipped, Message = step.Reason });
            else if (state is RecoveryStepState.Running or RecoveryStepState.WaitingManual or RecoveryStepState.Verifying)
                _last[name] = journal.Add(new RunRecord { Step = name, State = RecoveryStepState.Unknown, Attempt = _last[name].Attempt });
        }
    }

    /// <summary>A drill does nothing before its host is kept away from what is in use.</summary>
    private async Task FenceAsync(CancellationToken cancellationToken)
    {
        if (!journal.Header.IsDrill || steps.Select(step => step.Server).FirstOrDefault(server => !server.IsLocal && server.Name == journal.Header.Target) is not { } target) return;
        try
        {
            await new DrillNetwork(environment, target, steps).CloseAsync(await access.OpenShellAsync(target, cancellationToken).ConfigureAwait(false), activity, cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException error) when (options.Force && error.ErrorId == "RecoveryDrillNetwork")
        {
            activity.Warning(error.Message);
        }
    }

    /// <summary>What was done last may have been lost with the power: where checks tell, they are asked again.</summary>
    private async Task VerifyLastAsync(CancellationToken cancellationToken)
    {
        var last = journal.Records.LastOrDefault(record => record.Step.Length > 0 && record.State == RecoveryStepState.Succeeded);
        if (last is null || steps.FirstOrDefault(step => step.Step.Name.Equals(last.Step, StringComparison.OrdinalIgnoreCase)) is not { Step.Verify.Count: > 0 } step || _last[last.Step].State != RecoveryStepState.Succeeded) return;
        if (await StepChecksAsync(step, cancellationToken).ConfigureAwait(false) is not { } bad) return;
        activity.Warning($"The step '{last.Step}' was done and is not well any more ({bad}): it is done again.");
        _last[last.Step] = journal.Add(new RunRecord { Step = last.Step, State = RecoveryStepState.Pending, Attempt = last.Attempt, Message = bad });
    }

    private Task<string?> StepChecksAsync(PlannedStep step, CancellationToken cancellationToken) => Steps.StepChecks.RunAsync(ContextOf(step, 0), cancellationToken);

    private static bool LocksServer(RecoveryStepKind kind) => kind is not (RecoveryStepKind.LoadBalancer or RecoveryStepKind.Address or RecoveryStepKind.Wait or RecoveryStepKind.Manual or RecoveryStepKind.Verify);

    /// <summary>Leaves on each host that was built whose it is, so that no plan of another server is carried out on it by mistake.</summary>
    private async Task MarkAsync(CancellationToken cancellationToken)
    {
        if (journal.Header.IsDrill) return;
        foreach (var step in steps.Where(step => step is { IsSkipped: false, Step: { AsRoot: true, On.Length: 0 } } && LocksServer(step.Step.Kind)).DistinctBy(step => step.Server, ReferenceEqualityComparer.Instance))
        {
            var shell = await access.OpenShellAsync(step.Server, cancellationToken).ConfigureAwait(false);
            await shell.RunAsync(new ServerCommand($"umask 022; mkdir -p /var/lib/prodops && printf '%s\\n' {ShellQuote.Word(step.Owner.Server)} >/var/lib/prodops/server") { AsRoot = true, Idempotent = true }, cancellationToken).ConfigureAwait(false);
        }
    }

    private bool IsDone(string name) => _last.GetValueOrDefault(name)?.State is RecoveryStepState.Succeeded or RecoveryStepState.AlreadyOk or RecoveryStepState.Skipped;

    private async Task TellAsync(PlannedStep step)
    {
        var record = _last[step.Step.Name];
        await Emit(new RecoveryRunStep
        {
            Run = journal.Header.Run,
            Plan = plan.Name,
            Step = step.Step.Name,
            Kind = step.Step.Kind,
            Server = step.Server.Name,
            State = record.State,
            Changes = record.Changes ?? [],
            Message = record.Message ?? "",
            Attempt = record.Attempt,
            Started = record.Duration is { } took ? record.Time - took : null,
            Duration = record.Duration ?? TimeSpan.Zero,
            Expected = step.Step.Expected,
            Error = record.Error,
            Output = record.Output ?? "",
        }).ConfigureAwait(false);
    }

    private StepContext ContextOf(PlannedStep step, int attempt)
    {
        string name = step.Step.Name;
        return new StepContext(step.Owner, step.Step, step.Server, environment, access, activity, time)
        {
            Run = journal.Header.Run,
            Attempt = attempt,
            Snapshot = journal.Records.LastOrDefault(record => record.Snapshot is not null && record.Step.Equals(name, StringComparison.OrdinalIgnoreCase))?.Snapshot,
            OnSnapshot = snapshot => journal.Add(new RunRecord { Step = name, State = RecoveryStepState.Running, Attempt = attempt, Snapshot = snapshot.Id.ToString(), SnapshotTime = snapshot.Time.ToDateTimeOffset() }),
        };
    }
}
