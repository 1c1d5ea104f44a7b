using ProdOps.Backup.Repositories;
using ProdOps.Backup.Sets;
using ProdOps.Cmdlets.Places;

namespace ProdOps.Cmdlets.Backup;

/// <summary>What is kept of a result as evidence: numbers and names, and nothing of what backups hold.</summary>
internal static class BackupProof
{
    public static BackupRunEvidence Of(BackupSetResult result) => new()
    {
        Set = result.Name,
        Server = result.Server,
        Status = result.Status,
        Repository = result.Repository,
        SnapshotId = result.Snapshot?.Id,
        Time = result.StartTime,
        Duration = result.Duration,
        BytesProcessed = result.BytesProcessed,
        BytesAdded = result.BytesAdded,
        CopiedTo = result.CopiedTo,
        Removed = result.Removed.Count,
        Problem = result.Error ?? (result.Problems is [var first, ..] ? first : null),
    };

    public static BackupTestEvidence Of(BackupTestResult result, RepositoryPlace place, IReadOnlyList<SnapshotFile> snapshots, bool isWhole) => new()
    {
        Kind = result.Kind,
        Repository = NameOf(place),
        Passed = result.Success,
        Problem = result.Problems is [var first, ..] ? first.Message : null,
        IsWhole = isWhole,
        SnapshotId = result.SnapshotId,
        SnapshotTime = snapshots is [var one] ? one.Time.ToDateTimeOffset() : null,
        Sets = TagsOf(snapshots, SetSeries.SetTag),
        Servers = TagsOf(snapshots, SetSeries.ServerTag),
        Time = result.Time,
        Duration = result.Duration,
        FilesTested = result.FilesTested,
        Databases = [.. result.Databases.Where(database => database.Success).Select(database => $"{database.Kind} {database.Database}")],
        BytesRead = result.BytesRead,
        Coverage = result.RollingCoverage ?? result.Coverage,
        Anomalies = [.. result.Anomalies.Where(anomaly => anomaly.IsLatest).Select(anomaly => $"{anomaly.ShortId} of {anomaly.Server}: {anomaly.Message}").Take(20)],
        EvidenceHash = result.EvidenceHash,
    };

    public static RestoreEvidence Of(RestorePlan done, RepositoryPlace place, SnapshotFile snapshot, string server, DateTimeOffset now) => new()
    {
        Server = server,
        Repository = NameOf(place),
        SnapshotId = done.SnapshotId,
        SnapshotTime = snapshot.Time.ToDateTimeOffset(),
        Sets = TagsOf([snapshot], SetSeries.SetTag),
        Time = now,
        Duration = done.Duration,
        Bytes = done.BytesToWrite,
        Verified = done.Verified,
        Errors = done.Errors,
    };

    public static RestoreEvidence Of(BackupDatabaseRestore done, RepositoryPlace place, SnapshotFile snapshot, DateTimeOffset now) => new()
    {
        Server = done.Server,
        Repository = NameOf(place),
        SnapshotId = done.SnapshotId,
        SnapshotTime = done.Time,
        Sets = TagsOf([snapshot], SetSeries.SetTag),
        Database = $"{done.Kind} {done.Source}",
        Time = now,
        Duration = done.Duration,
        Bytes = done.Size,
    };

    private static string NameOf(RepositoryPlace place) => place.Entry?.Name ?? place.Location;

    private static IReadOnlyList<string> TagsOf(IReadOnlyList<SnapshotFile> snapshots, string kind) =>
        [.. snapshots.SelectMany(snapshot => snapshot.Tags).Where(tag => tag.StartsWith(kind, StringComparison.Ordinal)).Select(tag => tag[kind.Length..]).Distinct()];
}
