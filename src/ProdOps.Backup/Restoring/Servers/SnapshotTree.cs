using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.Files;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring.Servers;

/// <summary>The items of a snapshot that a restore takes, as a tree that can be sent.</summary>
internal sealed class SnapshotTree
{
    private readonly Repository _repository;
    private readonly IActivity _activity;
    private readonly SubPaths _subPaths;
    private readonly RestoreSelection _selection;
    private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal);
    private readonly List<TreeItem> _items = [];
    private readonly HashSet<string> _leftAlone = new(StringComparer.Ordinal) { "" };
    private readonly HashSet<string> _passedOver = new(StringComparer.Ordinal);
    private SnapshotRoots _roots = new([], []);

    private SnapshotTree(Repository repository, RestoreRequest request, IActivity activity)
    {
        _repository = repository;
        _activity = activity;
        _subPaths = new SubPaths(request.Paths);
        _selection = new RestoreSelection(request);
    }

    public FileTree Tree { get; private set; } = FileTree.Nothing;

    /// <summary>Folders above what was backed up or asked for: those are the server's own affair where they exist.</summary>
    public IReadOnlySet<string> LeftAlone => _leftAlone;

    /// <summary>The uppermost folders that were backed up whole, and are restored.</summary>
    public IReadOnlyCollection<string> Tops =>
        [.. _items.Where(item => item.Type == FileType.Directory && !_leftAlone.Contains(item.Path) && _leftAlone.Contains(item.Parent)).Select(item => item.Path)];

    /// <summary>Items that cannot be restored; each was reported.</summary>
    public long Errors { get; private set; }

    public bool HasAttributes { get; private set; }

    /// <summary>Reads a snapshot's trees. The repository's index is loaded.</summary>
    public static async Task<SnapshotTree> ReadAsync(Repository repository, SnapshotFile snapshot, RestoreRequest request, IActivity activity, CancellationToken cancellationToken)
    {
        var tree = new SnapshotTree(repository, request, activity);
        var nodes = TreeReader.Parse(await repository.ReadBlobAsync(new BlobHandle(BlobType.Tree, snapshot.Tree), cancellationToken));
        tree._roots = new SnapshotRoots(snapshot.Paths, nodes);
        await tree.AddAsync(nodes, [], tree._subPaths.IncludesRoot, cancellationToken);
        foreach (string path in tree._subPaths.Missing)
        {
            var error = BackupErrors.RestorePathNotFound(path, snapshot.Id.ToShortString());
            if (tree._subPaths.AllMissing && request.Paths.Count == 1) throw error;
            tree.Fail(error);
        }
        // What could not be read is no reason to delete it at the destination.
        tree.Tree = new FileTree(new TreeItem { Path = "", Type = FileType.Directory, Permissions = 0x1ED }, tree._items) { IsPartial = tree.Errors > 0 };
        return tree;
    }

    public Node NodeOf(TreeItem item) => _nodes[item.Path];

    /// <summary>Whether something that stands at the destination and is not in <see cref="Tree"/> stays: what was not restored although it was backed up, and what the patterns leave out.</summary>
    public bool IsLeftOut(TreeItem item) =>
        _passedOver.Contains(item.Path) || (!_selection.TakesEverything && !_selection.Decide(FileNames.Encode($"/{item.Path}"), isFolder: false).Selected);

    private async Task AddAsync(IEnumerable<Node> nodes, byte[] above, bool inside, CancellationToken cancellationToken)
    {
        foreach (var node in nodes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] path = [.. above, (byte)'/', .. node.Name];
            bool isFolder = node.Type == FileType.Directory;
            var relation = inside ? SubPathRelation.Inside : _subPaths.RelationOf(path);
            if (relation == SubPathRelation.Outside || (relation == SubPathRelation.Above && !isFolder)) continue;
            var (selected, entered) = (true, isFolder);
            if (relation == SubPathRelation.Inside && !_selection.TakesEverything) (selected, entered) = _selection.Decide(path, isFolder);
            if (!selected && !entered) continue;
            int before = _items.Count;
            if (!TryAdd(node, path)) continue;
            if (!isFolder) continue;
            bool isAncestor = relation == SubPathRelation.Above || !_roots.Contains(path);
            if (isAncestor) _leftAlone.Add(PathOf(path));
            if (entered) await EnterAsync(node, path, relation == SubPathRelation.Inside, cancellationToken);
            // A folder that no pattern takes is made only for what is in it.
            if (!selected && _items.Count == before + 1) _items.RemoveAt(before);
        }
    }

    private async Task EnterAsync(Node node, byte[] path, bool inside, CancellationToken cancellationToken)
    {
        try
        {
            if (node.Subtree is not { } id) throw BackupErrors.TreeDamaged("a folder without a tree");
            await AddAsync(TreeReader.Parse(await _repository.ReadBlobAsync(new BlobHandle(BlobType.Tree, id), cancellationToken)), path, inside, cancellationToken);
        }
        catch (ProdOpsException e) when (e.Kind is ErrorKind.InvalidData or ErrorKind.NotFound)
        {
            Fail(BackupErrors.RestoreListingDamaged(FileNames.Decode(path), e));
        }
    }

    private bool TryAdd(Node node, byte[] path)
    {
        string text = PathOf(path);
        if (node.Type == FileType.Socket)
        {
            _passedOver.Add(text);
            return false;
        }
        // Names come out of a repository that others may have written to.
        if (node.Type == FileType.Unknown || !SafePath.IsSafe(text))
        {
            Fail(BackupErrors.RestoreTypeUnknown(FileNames.Decode(path)));
            return false;
        }
        long size = 0;
        foreach (var id in node.Content ?? [])
        {
            if (!_repository.Index.TryFind(new BlobHandle(BlobType.Data, id), out var location))
            {
                Fail(BackupErrors.RestoreBlobMissing(FileNames.Decode(path), id));
                return false;
            }
            size += location.PlaintextLength;
        }
        HasAttributes |= node.ExtendedAttributes.Length > 0;
        _nodes[text] = node;
        _items.Add(new TreeItem
        {
            Path = text,
            Type = node.Type,
            Permissions = GoFileMode.ToPermissions(node.Mode),
            Size = size,
            Modified = node.ModifiedTime,
            Device = node.DeviceId,
            Inode = node.Inode,
            Links = node.Type == FileType.File && node.Inode != 0 ? Math.Max(1, node.Links) : 1,
            UserId = node.UserId,
            GroupId = node.GroupId,
            User = node.User,
            Group = node.Group,
            LinkTarget = node.Type == FileType.SymbolicLink ? FileNames.Decode(node.LinkTarget) : null,
        });
        return true;
    }

    private static string PathOf(byte[] path) => FileNames.Decode(path.AsSpan(1));

    private void Fail(ProdOpsException error)
    {
        Errors++;
        _activity.Error(error);
    }
}
