using System.Runtime.CompilerServices;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Browsing;

/// <summary>
/// Tells in what two snapshots differ, by the rules of <c>restic diff</c>: folders with equal trees are not looked into, a changed
/// type hides what is below, content counts before metadata.
/// </summary>
internal sealed class SnapshotComparer(Repository repository, IActivity activity)
{
    /// <param name="older">The snapshot that <c>Removed</c> items are in.</param>
    /// <param name="newer">The snapshot that <c>Added</c> items are in.</param>
    /// <param name="metadata">Also tell of items whose metadata alone differs.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <param name="below">The path at and below which to compare.</param>
    public async IAsyncEnumerable<BackupDifference> CompareAsync(
        SnapshotFile older, SnapshotFile newer, bool metadata, [EnumeratorCancellation] CancellationToken cancellationToken, string below = "/")
    {
        string[] wanted = PathSegments.Split(below);
        if (older.Tree == newer.Tree) yield break;
        var (oldOrigin, newOrigin) = (SnapshotBrowser.OriginOf(repository, older), SnapshotBrowser.OriginOf(repository, newer));
        var open = new Stack<FolderPair>();
        open.Push(await OpenAsync("/", older.Tree, newer.Tree, cancellationToken));
        while (open.TryPop(out var pair))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!pair.MoveNext(out var before, out var after)) continue;
            open.Push(pair);
            string path = TreeOrder.Combine(pair.Path, (before ?? after)!.Name);
            int depth = open.Count;
            if (depth <= wanted.Length && FileNames.Decode((before ?? after)!.Name) != wanted[depth - 1]) continue;
            bool bothKinds = before is not null && after is not null && before.Type != after.Type;
            if ((depth >= wanted.Length || bothKinds) && Compare(before, after, metadata) is { } change)
            {
                yield return new BackupDifference
                {
                    Path = path,
                    Change = change,
                    Type = NodeMapper.TypeOf((after ?? before)!.Type),
                    OldSize = before?.Type == FileType.File ? (long)before.Size : null,
                    NewSize = after?.Type == FileType.File ? (long)after.Size : null,
                    OldItem = before is null ? null : NodeMapper.ToItem(before, path, oldOrigin),
                    NewItem = after is null ? null : NodeMapper.ToItem(after, path, newOrigin),
                };
            }

            if (!bothKinds && before?.Subtree != after?.Subtree)
                open.Push(await OpenAsync(path, before?.Subtree, after?.Subtree, cancellationToken));
        }
    }

    /// <summary>How two entries of one name differ, either of which may be missing; <see langword="null"/> if they do not.</summary>
    private static BackupChange? Compare(Node? before, Node? after, bool metadata)
    {
        if (before is null) return BackupChange.Added;
        if (after is null) return BackupChange.Removed;
        if (before.Type != after.Type) return BackupChange.TypeChanged;
        if (before.Type == FileType.File && !NodeEquality.HaveSameContent(before, after)) return BackupChange.Modified;
        return metadata && !NodeEquality.AreEqual(before, after) ? BackupChange.MetadataChanged : null;
    }

    private async ValueTask<FolderPair> OpenAsync(string path, ObjectId? before, ObjectId? after, CancellationToken cancellationToken) => new(
        path,
        before is { } oldTree ? await TreeOrder.LoadAsync(repository, oldTree, path, activity, cancellationToken) : [],
        after is { } newTree ? await TreeOrder.LoadAsync(repository, newTree, path, activity, cancellationToken) : []);

    /// <summary>The entries of one folder in both snapshots, merged by name.</summary>
    private sealed class FolderPair(string path, List<Node> before, List<Node> after)
    {
        private int _before, _after;

        public string Path { get; } = path;

        public bool MoveNext(out Node? oldNode, out Node? newNode)
        {
            oldNode = _before < before.Count ? before[_before] : null;
            newNode = _after < after.Count ? after[_after] : null;
            int order = oldNode is null ? 1 : newNode is null ? -1 : oldNode.Name.AsSpan().SequenceCompareTo(newNode.Name);
            if (order > 0) oldNode = null;
            else _before++;
            if (order < 0) newNode = null;
            else _after++;
            return (oldNode ?? newNode) is not null;
        }
    }
}
