namespace ProdOps.Recovery.Execution;

/// <summary>Takes steps of a run back by the commands that the plan has for it, the latest first.</summary>
internal sealed class RunUndo(RunJournal journal, RecoveryPlan plan, IReadOnlyList<PlannedStep> steps, ProdOpsEnvironment environment, IRecoveryAccess access, IActivity activity, TimeProvider time)
{
    /// <summary>The steps that can be taken back, the latest first.</summary>
    /// <param name="names">The wanted ones; none for all that were done and have an Undo.</param>
    /// <exception cref="ProdOpsException">A step that is named was not done, or has no Undo.</exception>
    public IReadOnlyList<PlannedStep> Find(IReadOnlyList<string> names)
    {
        var records = journal.Records;
        var last = new Dictionary<string, RunRecord>(StringComparer.OrdinalIgnoreCase);
        foreach (var record in records.Where(record => record.Step.Length > 0)) last[record.Step] = record;
        var done = steps.Where(step => step.Step.Undo is not null && last.GetValueOrDefault(step.Step.Name)?.State is RecoveryStepState.Succeeded or RecoveryStepState.Failed or RecoveryStepState.Unknown).ToArray();
        foreach (string name in names)
            if (!done.Any(step => step.Step.Name.Equals(name, StringComparison.OrdinalIgnoreCase))) throw RecoveryErrors.NothingToUndo(journal.Header.Run, name);
        return
        [
            .. done.Where(step => names.Count == 0 ? last[step.Step.Name].State == RecoveryStepState.Succeeded : names.Contains(step.Step.Name, StringComparer.OrdinalIgnoreCase))
                .OrderByDescending(step => last[step.Step.Name].Time),
        ];
    }

    /// <summary>Takes one back.</summary>
    /// <exception cref="ProdOpsException">The command failed.</exception>
    public async Task<RecoveryRunStep> UndoAsync(PlannedStep planned, CancellationToken cancellationToken)
    {
        var step = planned.Step;
        await using var locks = new TargetLocks(journal.Header, access, activity, time);
        await locks.TakeAsync([(planned.Server, step.AsRoot)], force: false, cancellationToken).ConfigureAwait(false);
        int attempt = journal.Records.Count(record => record.Step.Equals(step.Name, StringComparison.OrdinalIgnoreCase));
        // A name of its own: what is found again of a step must not be its undoing.
        var context = new StepContext(planned.Owner, step with { Name = step.Name + "#undo" }, planned.Server, environment, access, activity, time) { Run = journal.Header.Run, Attempt = attempt };
        // One that goes on is waited for; one that failed is done again, and not told of once more.
        while (await new ServerJob(context, ServerJob.NameOf(context.Run, context.Step.Name, context.Attempt)).LookAsync(cancellationToken).ConfigureAwait(false) is { State: JobState.Gone } or { State: JobState.Ended, Code: not 0 })
            context = context with { Attempt = context.Attempt + 1 };
        long begun = time.GetTimestamp();
        string output = await context.JobAsync(step.Undo!, step.Secrets, cancellationToken).ConfigureAwait(false);
        var record = journal.Add(new RunRecord { Step = step.Name, State = RecoveryStepState.Undone, Attempt = attempt, Output = output, Duration = time.GetElapsedTime(begun) });
        return new RecoveryRunStep { Run = journal.Header.Run, Plan = plan.Name, Step = step.Name, Kind = step.Kind, Server = planned.Server.Name, State = record.State, Attempt = attempt, Duration = record.Duration ?? default, Output = record.Output ?? "" };
    }
}
