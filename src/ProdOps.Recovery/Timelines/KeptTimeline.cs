using ProdOps.LoadBalancing.Publishing;
using ProdOps.LoadBalancing.Rolling;
using ProdOps.Servers.Evidence;

namespace ProdOps.Recovery.Timelines;

/// <summary>What commands of this machine's user have noted: rolling updates, publications, backups, restores, tests.</summary>
/// <param name="window">From when until when.</param>
/// <param name="environment">The environment's name: what is known to be of another one is left out; <see langword="null"/> for all.</param>
internal sealed class KeptTimeline(TimelineWindow window, string? environment)
{
    /// <summary>The phases of rolling updates, read beside whoever may be writing them.</summary>
    public IEnumerable<TimelineEvent> Updates(string folder)
    {
        foreach (string update in RollingJournal.List(folder))
        {
            string path = Path.Combine(folder, update + ".jsonl");
            // Nothing was noted after the last write.
            if (File.GetLastWriteTimeUtc(path) < window.From.UtcDateTime) continue;
            if (RollingJournal.Peek(folder, update) is not var (header, records) || !IsWanted(header.Environment)) continue;
            foreach (var record in records.Where(record => window.Covers(record.Time)))
            {
                yield return new TimelineEvent
                {
                    Time = record.Time,
                    Server = record.Server,
                    Kind = TimelineKind.Deployment,
                    Severity = record.Mark == RollingMark.Failed ? TimelineSeverity.Critical : TimelineSeverity.Info,
                    Text = Plain($"{update} by {header.By}: {(record.Server.Length > 0 ? $"{record.Phase} of {record.Server} " : "")}{record.Mark.ToString().ToLowerInvariant()}{(record.Error is null ? "" : $", {record.Error}")}"),
                };
            }
        }
    }

    /// <summary>Configurations that balancers got, as far as they were seen from here.</summary>
    public IEnumerable<TimelineEvent> Publications(IEnumerable<KnownRevision> revisions) => revisions.Where(revision => window.Covers(revision.Time) && IsWanted(revision.Environment)).Select(revision => new TimelineEvent
    {
        Time = revision.Time,
        Server = revision.Server,
        Kind = TimelineKind.Publication,
        Text = Plain($"revision {revision.Id} of {revision.LoadBalancer} by {revision.By}: {revision.Change}"),
    });

    /// <summary>Recovery plans that were carried out: when each began and ended, and what became of its steps. Drills are tests.</summary>
    public IEnumerable<TimelineEvent> Recoveries(IEnumerable<RecoveryRun> runs)
    {
        foreach (var run in runs.Where(run => IsWanted(run.Environment)))
        {
            string what = $"{(run.IsDrill ? "drill" : "recovery")} {run.Run} of {run.Server}";
            var kind = run.IsDrill ? TimelineKind.Test : TimelineKind.Restore;
            if (window.Covers(run.Started)) yield return Event(run.Started, run.Target, $"{what} on {run.Target} by {run.By} began", TimelineSeverity.Info);
            foreach (var step in run.Steps)
            {
                if (step.Started is not { } started || step.State is not (RecoveryStepState.Succeeded or RecoveryStepState.Failed or RecoveryStepState.Unknown or RecoveryStepState.Undone) || !window.Covers(started)) continue;
                yield return Event(started, step.Server, $"{what}: {step.Step} {step.State.ToString().ToLowerInvariant()}{(step.Error is null ? "" : $", {step.Error}")}", step.State is RecoveryStepState.Succeeded or RecoveryStepState.Undone ? TimelineSeverity.Info : TimelineSeverity.Critical);
            }

            if (run.Ended is { } ended && window.Covers(ended)) yield return Event(ended, run.Target, $"{what} {run.Status.ToString().ToLowerInvariant()}", run.Status == RecoveryRunStatus.Succeeded ? TimelineSeverity.Info : TimelineSeverity.Critical);

            TimelineEvent Event(DateTimeOffset time, string server, string text, TimelineSeverity severity) => new() { Time = time, Server = server, Kind = kind, Severity = severity, Text = Plain(text), Source = run };
        }
    }

    /// <summary>What was proved.</summary>
    /// <param name="folder">Where that is noted.</param>
    /// <param name="known">Publications that are told by <see cref="Publications"/>.</param>
    public IEnumerable<TimelineEvent> Evidence(EvidenceFolder folder, IReadOnlyCollection<KnownRevision> known) =>
    [
        .. Of(folder.Publications, one => one.Time, one => new TimelineEvent { Server = one.Server, Kind = TimelineKind.Publication, Severity = one.Status == LoadBalancerPublicationStatus.PutBack ? TimelineSeverity.Warning : TimelineSeverity.Info, Text = $"revision {one.Revision} of {one.LoadBalancer}: {one.Status.ToString().ToLowerInvariant()}" },
            one => one.Status != LoadBalancerPublicationStatus.Unchanged && !known.Any(revision => revision.Id == one.Revision && revision.Server.Equals(one.Server, StringComparison.OrdinalIgnoreCase))),
        .. Of(folder.Switches, moved => moved.Time, moved => new TimelineEvent { Server = moved.To, Kind = TimelineKind.Action, Text = $"{moved.Address} of {moved.LoadBalancer} was moved from {moved.From} to {moved.To}" }),
        .. Of(folder.BackupRuns, run => run.Time, run => new TimelineEvent { Server = run.Server, Kind = TimelineKind.Backup, Severity = run.Problem is null ? TimelineSeverity.Info : TimelineSeverity.Warning, Text = $"backup {run.Set}: {run.Status}{(run.Problem is null ? "" : $", {run.Problem}")}" }),
        .. Of(folder.Restores, restore => restore.Time, restore => new TimelineEvent { Server = restore.Server, Kind = TimelineKind.Restore, Severity = restore.Errors > 0 ? TimelineSeverity.Warning : TimelineSeverity.Info, Text = $"restored {restore.Database ?? restore.SnapshotId} from {restore.Repository}" }),
        .. Of(folder.BackupTests, test => test.Time, test => new TimelineEvent { Kind = TimelineKind.Test, Severity = test.Passed ? TimelineSeverity.Info : TimelineSeverity.Warning, Text = $"test of backups, {test}" }),
        .. Of(folder.Failovers, test => test.Time, test => new TimelineEvent { Server = test.Server, Kind = TimelineKind.Test, Severity = test.Recovered ? TimelineSeverity.Info : TimelineSeverity.Critical, Text = $"failover test of {test.LoadBalancer}: {test.Service} stopped" }),
        .. Of(folder.LoadTests, test => test.Start, test => new TimelineEvent { Kind = TimelineKind.Test, Severity = test.Failed > 0 ? TimelineSeverity.Warning : TimelineSeverity.Info, Text = FormattableString.Invariant($"load test of {test.LoadBalancer ?? test.Target}: {test.Rate:0} requests/s, {test.Failed} failed") }),
    ];

    private IEnumerable<TimelineEvent> Of<T>(EvidenceLog<T> log, Func<T, DateTimeOffset> time, Func<T, TimelineEvent> tell, Func<T, bool>? isWanted = null) where T : class
    {
        foreach (var proof in log.Read())
        {
            if (!IsWanted(proof.Environment) || !window.Covers(time(proof.What)) || isWanted?.Invoke(proof.What) == false) continue;
            var told = tell(proof.What);
            yield return told with { Time = time(proof.What), Source = proof.What, Text = Plain(told.Text) };
        }
    }

    /// <summary>What nobody knows the environment of may be of this one.</summary>
    private bool IsWanted(string? noted) => environment is null || string.IsNullOrEmpty(noted) || noted.Equals(environment, StringComparison.OrdinalIgnoreCase);

    private static string Plain(string text) => ProdOps.Servers.ServersErrors.Printable(text);
}
