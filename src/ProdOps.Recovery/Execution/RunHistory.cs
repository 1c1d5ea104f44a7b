using ProdOps.Servers.FileSystem;

namespace ProdOps.Recovery.Execution;

/// <summary>The runs that there were, as their journals tell.</summary>
internal static class RunHistory
{
    /// <summary>All runs, the latest first. A journal that cannot be read is told about and passed over.</summary>
    public static IEnumerable<RecoveryRun> Read(string folder, TimeProvider time, Action<ProdOpsException> damaged)
    {
        foreach (string name in JournalFile.List(folder))
        {
            RecoveryRun? run = null;
            try
            {
                run = Of(folder, name, time);
            }
            catch (ProdOpsException error)
            {
                damaged(error);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                damaged(RecoveryErrors.RunJournalUnwritable(folder, error));
            }

            if (run is not null) yield return run;
        }
    }

    /// <summary>How long each step of a plan took when it was done, the median of its latest successes.</summary>
    public static IReadOnlyDictionary<string, TimeSpan> Learnt(IEnumerable<RecoveryRun> runs, string plan) => runs
        .Where(run => run.Plan.Equals(plan, StringComparison.OrdinalIgnoreCase)).SelectMany(run => run.Steps).Where(step => step.State == RecoveryStepState.Succeeded)
        .GroupBy(step => step.Step, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(group => group.Key, group => Median([.. group.Take(5).Select(step => step.Duration)]), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether all of the plan was carried out; of a drill all that is done in one. A run of chosen steps brings nothing back.</summary>
    public static bool IsWhole(RecoveryRun run) => run.IsDrill || !run.Steps.Any(step => step.State == RecoveryStepState.Skipped);

    /// <summary>A run as its journal has it.</summary>
    public static RecoveryRun Of(RunHeader header, IReadOnlyList<RunRecord> records, bool isOpen, DateTimeOffset now)
    {
        var over = records.LastOrDefault(record => record.Step.Length == 0 && record.State is RecoveryStepState.Succeeded or RecoveryStepState.Failed);
        // Whoever resumed it has written after the end; what was taken back since does not make it unfinished.
        if (over is not null && records.SkipWhile(record => record != over).Skip(1).Any(record => record.State != RecoveryStepState.Undone)) over = null;
        var snapshots = records.Where(record => record.SnapshotTime is not null).Select(record => record.SnapshotTime!.Value).ToArray();
        return new RecoveryRun
        {
            Run = header.Run,
            Plan = header.Plan,
            Revision = records.LastOrDefault(record => record.Revision is not null)?.Revision ?? header.Revision,
            Environment = header.Environment ?? "",
            Server = header.Server,
            Target = header.Target,
            IsDrill = header.IsDrill,
            Status = over is null ? (isOpen ? RecoveryRunStatus.Running : RecoveryRunStatus.Interrupted) : over.State == RecoveryStepState.Succeeded ? RecoveryRunStatus.Succeeded : RecoveryRunStatus.Failed,
            Started = header.Time,
            Ended = over?.Time,
            Duration = (over?.Time ?? (isOpen ? now : records.LastOrDefault()?.Time ?? header.Time)) - header.Time,
            DataAge = snapshots.Length > 0 ? header.Time - snapshots.Min() : null,
            By = header.By,
            Steps = [.. header.Steps.Select(step => StepOf(header, step, records))],
        };
    }

    private static RecoveryRun Of(string folder, string name, TimeProvider time)
    {
        var (header, records) = RunJournal.Parse(name, JournalFile.Read(folder, name));
        return Of(header, records, JournalFile.IsOpen(folder, name), time.GetUtcNow());
    }

    private static RecoveryRunStep StepOf(RunHeader header, RunHeaderStep step, IReadOnlyList<RunRecord> records)
    {
        var own = records.Where(record => record.Step.Equals(step.Name, StringComparison.OrdinalIgnoreCase)).ToArray();
        var last = own.LastOrDefault();
        return new RecoveryRunStep
        {
            Run = header.Run,
            Plan = header.Plan,
            Step = step.Name,
            Kind = step.Kind,
            Server = step.Server,
            State = last?.State ?? RecoveryStepState.Pending,
            Changes = last?.Changes ?? [],
            Message = last?.Message ?? "",
            Attempt = own.Length > 0 ? own.Max(record => record.Attempt) : 0,
            Started = own.LastOrDefault(record => record.State == RecoveryStepState.Running)?.Time,
            Duration = last?.Duration ?? TimeSpan.Zero,
            Error = last?.Error,
            Output = last?.Output ?? "",
        };
    }

    private static TimeSpan Median(TimeSpan[] times)
    {
        Array.Sort(times);
        return times[times.Length / 2];
    }
}
