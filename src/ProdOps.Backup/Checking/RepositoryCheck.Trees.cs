using System.Collections.Concurrent;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Checking;

/// <content>The folders of all snapshots.</content>
internal sealed partial class RepositoryCheck
{
    private readonly ConcurrentDictionary<BlobHandle, byte> _missing = [];
    private readonly ConcurrentDictionary<ObjectId, ProdOpsException> _unreadable = [];
    private readonly ConcurrentDictionary<ObjectId, byte> _healed = [];

    /// <summary>Walks every tree and answers the packs in which one could not be read.</summary>
    private async Task<HashSet<ObjectId>> WalkTreesAsync(CancellationToken cancellationToken)
    {
        // A listing with a turned bit costs nothing that is below it, but its pack is looked into.
        _repository.OnHealed = pack => _healed.TryAdd(pack, 0);
        var walk = new TreeWalk(_repository, _workers);
        await walk.RunAsync(_snapshots.Select(snapshot => snapshot.Tree), CheckTree, (id, error) => _unreadable[id] = error, cancellationToken);
        _activity.Verbose($"Walked {walk.Count} folders of {_snapshots.Count} snapshots.");

        foreach (var id in _unreadable.Keys.Where(id => !_repository.Index.Contains(new BlobHandle(BlobType.Tree, id))).ToList())
        {
            _missing.TryAdd(new BlobHandle(BlobType.Tree, id), 0);
            _unreadable.TryRemove(id, out _);
        }

        TellMissing(BlobType.Data, BackupErrors.BlobsMissing);
        TellMissing(BlobType.Tree, BackupErrors.TreesMissing);
        return [.. _unreadable.Keys.SelectMany(id => _repository.Index.FindAll(new BlobHandle(BlobType.Tree, id))).Select(location => location.Pack), .. _healed.Keys];
    }

    /// <summary>Tells of trees that cannot be read though their packs are sound; the others go with what is wrong with their packs.</summary>
    private void TellUnreadableTrees()
    {
        foreach (var (id, error) in _unreadable)
        {
            var tree = new BlobHandle(BlobType.Tree, id);
            if (!_problems.Explain(tree)) _problems.AddBlobs(BackupErrors.TreeUnreadable(id, error), [tree]);
        }
    }

    private void CheckTree(ObjectId id, List<Node> nodes)
    {
        _progress.AddTree();
        foreach (var node in nodes)
        {
            if (node.Type == FileType.File)
            {
                if (node.Content is null) Refuse("is a file without a list of its content");
                foreach (var content in node.Content ?? [])
                {
                    var blob = new BlobHandle(BlobType.Data, content);
                    if (!_repository.Index.Contains(blob)) _missing.TryAdd(blob, 0);
                }
            }
            else if (node.Type == FileType.Directory && (node.Subtree is not { } subtree || subtree.IsZero))
            {
                Refuse("is a folder without a listing");
            }

            void Refuse(string reason) =>
                _problems.AddBlobs(BackupErrors.NodeInvalid(id, FileNames.Decode(node.Name), reason), [new BlobHandle(BlobType.Tree, id)]);
        }
    }

    private void TellMissing(BlobType type, Func<int, BlobHandle, ProdOpsException> toError)
    {
        var missing = _missing.Keys.Where(blob => blob.Type == type).OrderBy(blob => blob.Id).ToList();
        if (missing.Count > 0) _problems.AddBlobs(toError(missing.Count, missing[0]), missing);
    }
}
