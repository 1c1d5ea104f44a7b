using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Archiving;

/// <summary>Finds the snapshot that changes are found against.</summary>
internal static class ParentSelection
{
    /// <summary>
    /// restic's rule: the newest snapshot of the same host that is not younger than this one and holds at least the
    /// same paths.
    /// </summary>
    public static SnapshotFile? Find(IEnumerable<SnapshotFile> snapshots, string hostName, IReadOnlyList<string> paths, DateTimeOffset time) =>
        snapshots
            .Where(snapshot => snapshot.HostName == hostName && snapshot.Time.ToDateTimeOffset() <= time
                && paths.All(path => snapshot.Paths.Contains(path, StringComparer.Ordinal)))
            .MaxBy(snapshot => snapshot.Time);
}
