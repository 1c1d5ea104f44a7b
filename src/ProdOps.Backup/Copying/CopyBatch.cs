using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Copying;

/// <summary>What some snapshots need that the target lacks, by the source's packs. Blobs are claimed in the target's index as they are met, so that each is met once.</summary>
/// <param name="source">Where the snapshots are. Its index must be loaded.</param>
/// <param name="target">Where they go. Its index must be loaded.</param>
/// <param name="visited">The trees that were looked at, by this batch and those before it.</param>
/// <param name="damage">Takes what cannot be read.</param>
internal sealed class CopyBatch(Repository source, Repository target, HashSet<ObjectId> visited, CopyDamage damage)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectId, List<PackedBlob>> _packs = [];
    private readonly List<PlannedCopy> _snapshots = [];
    private long _bytes;

    public IReadOnlyList<PlannedCopy> Snapshots => _snapshots;

    /// <summary>What is to be read.</summary>
    public IReadOnlyDictionary<ObjectId, List<PackedBlob>> Packs => _packs;

    /// <summary>How many bytes that is.</summary>
    public long Bytes => _bytes;

    /// <summary>Adds what a snapshot needs.</summary>
    public async Task AddAsync(SnapshotFile snapshot, int workers, CancellationToken cancellationToken)
    {
        var planned = new PlannedCopy(snapshot);
        var walk = new TreeWalk(source, workers, visited);
        await walk.RunAsync([snapshot.Tree], (id, nodes) => Visit(planned, id, nodes), (id, error) => damage.Add(new BlobHandle(BlobType.Tree, id), error), cancellationToken);
        _snapshots.Add(planned);
    }

    private void Visit(PlannedCopy planned, ObjectId tree, List<Node> nodes)
    {
        Need(planned, new BlobHandle(BlobType.Tree, tree));
        foreach (var node in nodes)
        {
            if (node.Type != FileType.File || node.Content is null) continue;
            foreach (var content in node.Content) Need(planned, new BlobHandle(BlobType.Data, content));
        }
    }

    private void Need(PlannedCopy planned, in BlobHandle blob)
    {
        if (!target.Index.TryClaim(blob)) return;
        if (!source.Index.TryFind(blob, out var location))
        {
            damage.Add(blob, BackupErrors.BlobNotFound(blob));
            return;
        }

        lock (_gate)
        {
            if (!_packs.TryGetValue(location.Pack, out var blobs)) _packs.Add(location.Pack, blobs = []);
            blobs.Add(new PackedBlob(blob, location.Offset, location.Length, location.UncompressedLength));
            _bytes += location.Length;
            planned.Count(blob.Type, location);
        }
    }
}
