using System.Globalization;
using System.Threading.Channels;
using ProdOps.Backup.Selection;
using ProdOps.Backup.Trees;
using ProdOps.Servers;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>
/// Follows a server's listing, which comes folder by folder and each folder before what is in it: compares each item with the parent snapshot,
/// and asks for what is not the same. Only the folders down to the present one are open.
/// </summary>
internal sealed class ServerWalk(ArchiveWorker worker, ServerSource source, ServerProbe probe, ChannelWriter<ServerItem> wanted)
{
    private readonly ArchivePipeline _pipeline = worker.Pipeline;
    private readonly ServerOwners _owners = (ServerOwners)source.Owners;
    private readonly Dictionary<string, Place> _targets = new(StringComparer.Ordinal);
    private readonly List<PendingTree> _above = [];
    private readonly List<Folder> _open = [];
    private readonly Dictionary<(ulong Device, ulong Inode), Links> _links = [];
    private Place? _target;
    private byte[] _targetPath = [];
    private bool _targetCame;
    private int _skipBelow = int.MaxValue;

    /// <summary>The targets to list, in the order in which their folders are open.</summary>
    public List<byte[]> Order { get; } = [];

    /// <summary>Where a target's entry goes.</summary>
    private sealed record Place(PendingTree Tree, byte[] Name, IReadOnlyList<Node> Previous);

    private sealed record Folder(PendingTree Tree, IReadOnlyList<Node> Previous, ulong Device, FolderTags Tags);

    /// <summary>A file with several names, of which the first that is read brings the content for all.</summary>
    private sealed class Links(ServerItem first)
    {
        public ServerItem First => first;

        public ulong Seen { get; set; } = 1;
    }

    /// <summary>Makes the folders above the targets.</summary>
    public async Task OpenTargetsAsync(PendingTree tree, TargetTree targets, CancellationToken cancellationToken)
    {
        var previous = await worker.ReadPreviousAsync(tree, cancellationToken);
        if (targets.IsTarget)
        {
            Order.Add("/"u8.ToArray());
            _targets.Add("/", new Place(tree, [], previous));
            return;
        }
        foreach (var (name, child) in targets.Children)
        {
            byte[] path = tree.PathOf(name);
            if (child.IsTarget)
            {
                Order.Add(path);
                _targets.Add(FileNames.Decode(path), new Place(tree, name, previous));
            }
            else if (probe.Find(path) is not { Type: FileType.Directory } stat) Fail(path, "ENOTDIR", "it is no folder");
            else
            {
                await LearnOwnerAsync(stat, cancellationToken);
                var below = await BeginFolderAsync(tree, path, name, stat, previous.FindName(name), cancellationToken);
                await OpenTargetsAsync(below, child, cancellationToken);
            }
        }
        _above.Add(tree);
    }

    /// <summary>The listing is complete: the folders above the targets are.</summary>
    public void Complete()
    {
        foreach (var tree in _above) worker.Arrive(tree);
    }

    public async ValueTask AddAsync(ListRecord record, CancellationToken cancellationToken)
    {
        switch (record.Kind)
        {
            case 'G':
                probe.AddTag(record.Name.Span);
                break;
            case 'T':
                _targetPath = record.Name.ToArray();
                _target = _targets.GetValueOrDefault(FileNames.Decode(_targetPath)) ?? throw NotUnderstood("it tells of a path that was not asked for");
                _targetCame = false;
                break;
            case 'E':
                CheckEnd(record.Name.Span);
                CloseDownTo(0);
                if (_target is not null && !_targetCame) Fail(_targetPath, "ENOENT", "no such file or folder");
                _target = null;
                break;
            case 'I' or '!' when _target is not null:
                await AddItemAsync(record, cancellationToken);
                break;
            default:
                throw NotUnderstood("a record is of an unknown kind");
        }
    }

    /// <summary>0, and 1 after complaints that it made of items, are ends of a whole listing. A find that was killed or could not go on left out it is not known what.</summary>
    private void CheckEnd(ReadOnlySpan<byte> text)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int code)) throw NotUnderstood("a listing ends without an exit code");
        if (code is 0 or 1) return;
        Interlocked.Increment(ref _pipeline.Counters.Errors);
        _pipeline.Activity.Error(BackupErrors.ServerListingComplaint(source.Name, $"find ended with {code} in '{ServersErrors.Printable(FileNames.Decode(_targetPath))}'"));
    }

    private async ValueTask AddItemAsync(ListRecord record, CancellationToken cancellationToken)
    {
        if (record.Depth > _skipBelow) return;
        _skipBelow = int.MaxValue;
        var place = PlaceOf(record);
        if (place.Name.Length == 0)
        {
            EnterRoot(place, record);
            return;
        }
        var stat = record.Stat;
        byte[] path = [];
        if (stat.Type is FileType.Socket or FileType.Unknown) return;
        if (IsLeftOut(record.Depth, place, stat, ref path))
        {
            _skipBelow = record.Depth;
            return;
        }
        await LearnOwnerAsync(stat, cancellationToken);
        var previous = place.Previous.FindName(place.Name);
        byte[] name = previous?.Name ?? place.Name;
        if (stat.Type == FileType.Directory)
        {
            if (path.Length == 0) path = place.Tree.PathOf(name);
            if (record.Kind == '!')
            {
                _skipBelow = record.Depth;
                Fail(path, "EACCES", "permission denied");
                return;
            }
            await EnterAsync(await BeginFolderAsync(place.Tree, path, name, stat, previous, cancellationToken), stat.Device, cancellationToken);
        }
        else if (stat.Type != FileType.File) await AddSpecialAsync(place.Tree, name, stat, record.LinkTarget, previous, cancellationToken);
        else if (!TryKeep(place.Tree, name, stat, previous)) await AddFileAsync(place.Tree, name, stat, previous, cancellationToken);
    }

    /// <summary>Which folder an item is in, by its depth; the folders that it is not in are complete.</summary>
    private Place PlaceOf(in ListRecord record)
    {
        if (record.Depth == 0)
        {
            if (_targetCame) throw NotUnderstood("a path comes twice");
            _targetCame = true;
            return _target!;
        }
        if (record.Depth > _open.Count) throw NotUnderstood("an item comes before its folder");
        CloseDownTo(record.Depth);
        var name = record.Name.Span;
        if (name.IsEmpty || name.Contains((byte)'/') || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8)) throw NotUnderstood("a name is no name");
        var folder = _open[^1];
        return new Place(folder.Tree, name.ToArray(), folder.Previous);
    }

    private bool IsLeftOut(int depth, Place place, in FileStat stat, ref byte[] path)
    {
        var tags = depth == 0 ? source.Selection.ReadTags(place.Tree.Path.Length == 0 ? "/"u8 : place.Tree.Path) : _open[^1].Tags;
        if (tags.Exclude(place.Name)) return true;
        if (source.Selection.IncludesAll) return false;
        path = place.Tree.PathOf(place.Name);
        if (depth > 0) probe.Folder = (place.Tree.Path, _open[^1].Device);
        return !source.Selection.Includes(path, stat);
    }

    private void EnterRoot(Place place, in ListRecord record) =>
        _open.Add(new Folder(place.Tree, place.Previous, record.Stat.Device, source.Selection.ReadTags("/"u8)));

    private async ValueTask<PendingTree> BeginFolderAsync(PendingTree tree, byte[] path, byte[] name, FileStat stat, Node? previous, CancellationToken cancellationToken)
    {
        var node = _pipeline.Nodes.Create(name, stat);
        int slot = tree.Add(node);
        var below = ArchiveWorker.BeginDirectory(tree, slot, node, path, previous);
        if (_pipeline.Nodes.IsUntouched(stat, previous)) node.ExtendedAttributes = previous!.ExtendedAttributes;
        else if (probe.Facts.HasAttributes) await AskAsync(new ServerItem(tree, slot, path, node, isNew: false), cancellationToken);
        return below;
    }

    private async ValueTask EnterAsync(PendingTree tree, ulong device, CancellationToken cancellationToken) =>
        _open.Add(new Folder(tree, await worker.ReadPreviousAsync(tree, cancellationToken), device, source.Selection.ReadTags(tree.Path)));

    private void CloseDownTo(int depth)
    {
        while (_open.Count > depth)
        {
            worker.Arrive(_open[^1].Tree);
            _open.RemoveAt(_open.Count - 1);
        }
    }

    private async ValueTask AddSpecialAsync(PendingTree tree, byte[] name, FileStat stat, ReadOnlyMemory<byte> target, Node? previous, CancellationToken cancellationToken)
    {
        bool isDevice = stat.Type is FileType.BlockDevice or FileType.CharacterDevice;
        // find does not tell a node's device number; what nobody has touched has the same as before.
        bool knowsDevice = !isDevice || !probe.Facts.HasFind;
        if (!knowsDevice && _pipeline.Nodes.IsUntouched(stat, previous)) (stat.DeviceNumber, knowsDevice) = (previous!.Device, true);
        if (knowsDevice && _pipeline.Nodes.Reuse(stat, previous) is { } known)
        {
            tree.Add(known);
            return;
        }
        var node = _pipeline.Nodes.Create(name, stat);
        if (stat.Type == FileType.SymbolicLink) node.LinkTarget = target.ToArray();
        int slot = tree.Add(node);
        if (_pipeline.Nodes.IsUntouched(stat, previous)) node.ExtendedAttributes = previous!.ExtendedAttributes;
        else if (probe.Facts.HasAttributes || !knowsDevice) await AskAsync(new ServerItem(tree, slot, tree.PathOf(name), node, isNew: false), cancellationToken);
    }

    private bool TryKeep(PendingTree tree, byte[] name, in FileStat stat, Node? previous)
    {
        if (!_pipeline.Nodes.IsContentUnchanged(stat, previous) || !worker.IsStored(previous!.Content!)) return false;
        var node = _pipeline.Nodes.Reuse(stat, previous);
        if (node is null)
        {
            node = _pipeline.Nodes.Create(name, stat);
            node.Content = previous.Content;
            // To ask for them would be to ask for the content too.
            node.ExtendedAttributes = previous.ExtendedAttributes;
        }
        worker.Keep(tree, tree.Add(null), node);
        return true;
    }

    private async ValueTask AddFileAsync(PendingTree tree, byte[] name, FileStat stat, Node? previous, CancellationToken cancellationToken)
    {
        var item = new ServerItem(tree, tree.Add(null), tree.PathOf(name), _pipeline.Nodes.Create(name, stat), isNew: previous is null);
        if (stat.Links < 2)
        {
            await AskAsync(item, cancellationToken);
            return;
        }
        var file = (stat.Device, stat.Inode);
        if (!_links.TryGetValue(file, out var links))
        {
            _links.Add(file, new Links(item));
            await AskAsync(item, cancellationToken);
            return;
        }
        tree.Expect();
        if (!links.First.TryFollow(item)) ServerContent.FinishFollower(worker, item, links.First);
        if (++links.Seen == stat.Links) _links.Remove(file);
    }

    private async ValueTask AskAsync(ServerItem item, CancellationToken cancellationToken)
    {
        item.Tree.Expect();
        await wanted.WriteAsync(item, cancellationToken);
    }

    private async ValueTask LearnOwnerAsync(FileStat stat, CancellationToken cancellationToken)
    {
        if (!_owners.Knows(stat.UserId, stat.GroupId)) await _owners.LearnAsync(stat.UserId, stat.GroupId, cancellationToken);
    }

    private void Fail(byte[] path, string errorName, string reason) =>
        _pipeline.Fail(path, new FileSystemException("lstat", FileNames.Decode(path), errorName, reason));

    private ProdOpsException NotUnderstood(string reason) => ServersErrors.ListingNotUnderstood(source.Name, reason);
}
