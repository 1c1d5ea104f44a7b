using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Copying;

/// <summary>
/// Knows which snapshots a repository has already, by restic's rule (cmd/restic/cmd_copy.go): a copy keeps the id of its original, and everything but
/// that and the parent must be equal, so that a snapshot whose tags were changed since is copied anew.
/// </summary>
internal sealed class SnapshotTwins
{
    private readonly ILookup<ObjectId, SnapshotFile> _byId;

    public SnapshotTwins(IEnumerable<SnapshotFile> snapshots) => _byId = snapshots
        .SelectMany(snapshot => Names(snapshot).Distinct().Select(id => (id, snapshot)))
        .ToLookup(pair => pair.id, pair => pair.snapshot);

    /// <summary>The twin of another repository's snapshot, or <see langword="null"/>.</summary>
    public SnapshotFile? Find(SnapshotFile snapshot) => _byId[snapshot.Original ?? snapshot.Id].FirstOrDefault(twin => IsTwin(snapshot, twin));

    /// <summary>A snapshot as it is written to another repository. The parent means nothing there.</summary>
    public static SnapshotFile Copy(SnapshotFile snapshot) => snapshot with { Id = default, Parent = null, Original = snapshot.Original ?? snapshot.Id };

    private static IEnumerable<ObjectId> Names(SnapshotFile snapshot)
    {
        if (snapshot.Original is { } original) yield return original;
        yield return snapshot.Id;
    }

    private static bool IsTwin(SnapshotFile a, SnapshotFile b) =>
        a.Time.Time == b.Time.Time && a.Tree == b.Tree && a.HostName == b.HostName && a.UserName == b.UserName
        && a.UserId == b.UserId && a.GroupId == b.GroupId
        && a.Paths.Count == b.Paths.Count && b.Paths.All(a.Paths.Contains)
        && a.Tags.Count == b.Tags.Count && b.Tags.All(a.Tags.Contains)
        && a.Excludes.SequenceEqual(b.Excludes);
}
