using ProdOps.Backup.Browsing;
using ProdOps.Backup.Checking;
using ProdOps.Backup.Pruning;
using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Growth;

/// <summary>
/// Tells what each backup added: the blobs that it is the first to use. Each folder's listing is read once, and all that is remembered is a byte beside each entry of the
/// index, so the memory is that of the index. The index must be loaded.
/// </summary>
internal sealed class FirstUseWalk(Repository repository, IActivity activity)
{
    private const int LargestCount = 10;
    private const byte Used = 1;

    private readonly BlobMarks _marks = new(repository.Index);
    private readonly CheckProgress _progress = new(activity, $"Measuring what backups added to {repository.Location}", repository.TimeProvider);

    /// <param name="snapshots">All of the repository's, oldest first: what an older one uses, a newer one did not add.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<IReadOnlyList<BackupContribution>> RunAsync(IEnumerable<SnapshotFile> snapshots, CancellationToken cancellationToken)
    {
        var contributions = new List<BackupContribution>();
        foreach (var snapshot in snapshots) contributions.Add(await WalkAsync(snapshot, cancellationToken));
        _progress.Complete();
        return contributions;
    }

    private async Task<BackupContribution> WalkAsync(SnapshotFile snapshot, CancellationToken cancellationToken)
    {
        LargestPaths files = new(LargestCount), folders = new(LargestCount);
        long added = Take(BlobType.Tree, snapshot.Tree);
        // A tree that an older backup has holds nothing new, all the way down.
        var open = new Stack<(string Path, ObjectId Tree)>();
        if (added > 0) open.Push(("/", snapshot.Tree));
        while (open.TryPop(out var folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _progress.AddTree();
            long addedHere = 0, sizeHere = 0, filesHere = 0;
            foreach (var node in await TreeOrder.LoadAsync(repository, folder.Tree, folder.Path, activity, cancellationToken))
            {
                if (node.Subtree is { } subtree)
                {
                    long listing = Take(BlobType.Tree, subtree);
                    added += listing;
                    if (listing > 0) open.Push((TreeOrder.Combine(folder.Path, node.Name), subtree));
                }
                else if (node.Type == FileType.File)
                {
                    long addedByFile = (node.Content ?? []).Sum(id => Take(BlobType.Data, id));
                    files.Add(() => TreeOrder.Combine(folder.Path, node.Name), addedByFile, (long)node.Size, 1);
                    addedHere += addedByFile;
                    sizeHere += (long)node.Size;
                    filesHere++;
                }
            }

            folders.Add(() => folder.Path, addedHere, sizeHere, filesHere);
            added += addedHere;
        }

        return new BackupContribution
        {
            SnapshotId = snapshot.Id.ToString(), Time = snapshot.Time.ToDateTimeOffset(), Server = snapshot.HostName,
            AddedSize = added, RecordedSize = snapshot.Summary?.DataAddedPacked, Files = files.ToArray(), Folders = folders.ToArray(),
        };
    }

    /// <summary>The stored bytes of a blob that no older backup uses, else zero. A blob that is missing takes no room.</summary>
    private long Take(BlobType type, ObjectId id)
    {
        var blob = new BlobHandle(type, id);
        if (!repository.Index.TryFindEntry(blob, out var number) || !_marks.TrySet(number, 0, Used)) return 0;
        return repository.Index.TryGetEntry(number, out _, out var place) ? place.Length : 0;
    }
}
