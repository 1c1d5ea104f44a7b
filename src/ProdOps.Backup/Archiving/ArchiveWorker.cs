using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving;

/// <summary>One of the pipeline's workers, with the buffers that it uses again and again.</summary>
internal sealed partial class ArchiveWorker(ArchivePipeline pipeline) : IDisposable
{
    private readonly DirectoryListing _listing = new();
    private readonly TreeWriter _tree = new();
    private readonly BlobSealer _sealer = pipeline.Writer.CreateSealer();

    public ValueTask RunAsync(Work work, CancellationToken cancellationToken)
    {
        switch (work)
        {
            case BlobWork blob:
                StoreBlob(blob);
                return default;
            case FileWork file:
                ArchiveFile(file, cancellationToken);
                return default;
            default:
                return ArchiveDirectoryAsync((DirectoryWork)work, cancellationToken);
        }
    }

    /// <summary>Makes the folders above the targets and hands the targets themselves to the workers.</summary>
    public async Task ArchiveTargetsAsync(PendingTree tree, TargetTree targets, CancellationToken cancellationToken)
    {
        var previous = await ReadPreviousAsync(tree, cancellationToken);
        var names = targets.Children.Keys.ToArray();
        tree.Nodes = new Node?[names.Length];
        for (int slot = 0; slot < names.Length; slot++)
        {
            var target = targets.Children[names[slot]];
            byte[] path = tree.PathOf(names[slot]);
            if (GetTargetStat(path, follow: !target.IsTarget) is not { } stat) continue;
            int at = Find(previous, names[slot], 0);
            var before = at < 0 ? null : previous[at];
            if (target.IsTarget)
            {
                if (!pipeline.Selection.Includes(path, stat) || pipeline.Selection.ReadTags(PathOrRoot(tree)).Exclude(names[slot])) continue;
                ArchiveEntry(tree, slot, names[slot], stat, before);
            }
            else if (stat.Type == FileType.Directory)
            {
                if (BeginDirectory(tree, slot, names[slot], path, stat, before) is not { } below) continue;
                await ArchiveTargetsAsync(below, target, cancellationToken);
            }
        }
        Arrive(tree);
    }

    private FileStat? GetTargetStat(byte[] path, bool follow)
    {
        try
        {
            return pipeline.Files.GetStat(path, follow);
        }
        catch (FileSystemException e)
        {
            pipeline.Fail(path, e);
            return null;
        }
    }

    private async ValueTask ArchiveDirectoryAsync(DirectoryWork work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var previous = await ReadPreviousAsync(work.Tree, cancellationToken);
        ArchiveDirectory(work, previous);
    }

    /// <summary>The folder's entries in the parent snapshot, in the order of their names; empty where there are none to be had.</summary>
    private async ValueTask<IReadOnlyList<Node>> ReadPreviousAsync(PendingTree tree, CancellationToken cancellationToken)
    {
        if (tree.Previous?.Subtree is not { } id) return [];
        try
        {
            return TreeReader.Parse(await pipeline.Repository.ReadBlobAsync(new BlobHandle(BlobType.Tree, id), cancellationToken));
        }
        catch (ProdOpsException e)
        {
            // A damaged parent costs time, not the backup: everything below is read again.
            pipeline.Activity.Warning($"The parent snapshot's listing of '{FileNames.Decode(tree.Path)}' cannot be used, its files are read again: {e.Message}");
            return [];
        }
    }

    private void ArchiveDirectory(DirectoryWork work, IReadOnlyList<Node> previous)
    {
        var tree = work.Tree;
        var path = PathOrRoot(tree);
        try
        {
            pipeline.Files.ReadDirectory(path, _listing);
        }
        catch (FileSystemException e)
        {
            pipeline.Fail(path, e);
            LeaveOut(tree);
            return;
        }
        foreach (var (name, error) in _listing.Failures) pipeline.Fail(tree.PathOf(name), error);
        var tags = pipeline.Selection.ReadTags(path, _listing);
        bool all = pipeline.Selection.IncludesAll;
        tree.Nodes = new Node?[_listing.Count];
        for (int slot = 0, before = 0; slot < _listing.Count; slot++)
        {
            var name = _listing.NameOf(slot);
            ref readonly var stat = ref _listing.StatOf(slot);
            if (stat.Type == FileType.Socket || tags.Exclude(name) || !(all || pipeline.Selection.Includes(tree.PathOf(name), stat))) continue;
            int at = Find(previous, name, before);
            var known = at < 0 ? null : previous[at];
            before = at < 0 ? ~at : at + 1;
            ArchiveEntry(tree, slot, known is not null ? known.Name : name.ToArray(), stat, known);
        }
        Arrive(tree);
    }

    private void ArchiveEntry(PendingTree tree, int slot, byte[] name, in FileStat stat, Node? previous)
    {
        byte[]? path = null;
        try
        {
            switch (stat.Type)
            {
                case FileType.Directory:
                    path = tree.PathOf(name);
                    if (BeginDirectory(tree, slot, name, path, stat, previous) is { } below) pipeline.Queue.Add(new DirectoryWork(below));
                    break;
                case FileType.File when pipeline.Nodes.IsContentUnchanged(stat, previous) && IsStored(previous!.Content!):
                    tree.Nodes[slot] = pipeline.Nodes.Reuse(stat, previous) ?? WithContent(
                        pipeline.Nodes.Create(name, tree.PathOf(name), stat, previous), previous.Content!);
                    Interlocked.Increment(ref pipeline.Counters.FilesUnmodified);
                    Interlocked.Add(ref pipeline.Counters.BytesProcessed, stat.Size);
                    break;
                case FileType.File:
                    tree.Expect();
                    pipeline.Queue.Add(new FileWork(tree, slot, name, previous));
                    break;
                default:
                    tree.Nodes[slot] = pipeline.Nodes.Reuse(stat, previous) ?? pipeline.Nodes.Create(name, tree.PathOf(name), stat, previous);
                    break;
            }
        }
        catch (FileSystemException e)
        {
            pipeline.Fail(path ?? tree.PathOf(name), e);
        }
    }

    /// <summary>Puts a folder's entry into the tree above and returns its own tree, still to be filled.</summary>
    private PendingTree? BeginDirectory(PendingTree tree, int slot, byte[] name, byte[] path, in FileStat stat, Node? previous)
    {
        try
        {
            tree.Nodes[slot] = pipeline.Nodes.Create(name, path, stat, previous);
        }
        catch (FileSystemException e)
        {
            pipeline.Fail(path, e);
            return null;
        }
        tree.Expect();
        return new PendingTree(tree, slot, path) { Previous = previous?.Type == FileType.Directory ? previous : null };
    }

    private static ReadOnlySpan<byte> PathOrRoot(PendingTree tree) => tree.Path.Length == 0 ? "/"u8 : tree.Path;

    private static Node WithContent(Node node, ObjectId[] content)
    {
        node.Content = content;
        return node;
    }

    private bool IsStored(ObjectId[] content)
    {
        foreach (var id in content)
        {
            if (!pipeline.Repository.Index.Contains(new BlobHandle(BlobType.Data, id))) return false;
        }
        return true;
    }

    /// <summary>The place of a name in a sorted list from <paramref name="start"/> on; the complement of where it would be if it is not there.</summary>
    private static int Find(IReadOnlyList<Node> nodes, ReadOnlySpan<byte> name, int start)
    {
        // Both lists are sorted, so the next name is nearly always the one that is wanted.
        int i = start;
        for (; i < nodes.Count; i++)
        {
            int order = nodes[i].Name.AsSpan().SequenceCompareTo(name);
            if (order == 0) return i;
            if (order > 0) break;
        }
        return ~i;
    }

    /// <summary>A folder that cannot be listed is left out of the one above, as restic does.</summary>
    private void LeaveOut(PendingTree tree)
    {
        if (tree.Parent is not { } parent)
        {
            Arrive(tree);
            return;
        }
        parent.Nodes[tree.Slot] = null;
        Arrive(parent);
    }

    /// <summary>One entry of the tree is done. If it was the last, the tree is stored, and so on upwards.</summary>
    private void Arrive(PendingTree tree)
    {
        while (tree.Arrive())
        {
            var id = Store(tree);
            if (tree.Parent is not { } parent)
            {
                pipeline.Complete(id);
                return;
            }
            var node = parent.Nodes[tree.Slot]!;
            node.Subtree = id;
            Count(node, tree.Previous);
            tree = parent;
        }
    }

    private ObjectId Store(PendingTree tree)
    {
        _tree.Begin();
        foreach (var node in tree.Nodes)
        {
            if (node is not null) _tree.Add(node);
        }
        tree.Nodes = [];
        var bytes = _tree.Finish().Span;
        var blob = new BlobHandle(BlobType.Tree, ObjectId.Of(bytes));
        if (pipeline.Writer.TryClaim(blob)) pipeline.Writer.Add(blob, bytes, _sealer);
        return blob.Id;
    }

    private void Count(Node node, Node? previous)
    {
        if (previous is null) Interlocked.Increment(ref pipeline.Counters.DirectoriesNew);
        else if (previous.Subtree == node.Subtree && previous.ChangeTime == node.ChangeTime && previous.ModifiedTime == node.ModifiedTime)
            Interlocked.Increment(ref pipeline.Counters.DirectoriesUnmodified);
        else Interlocked.Increment(ref pipeline.Counters.DirectoriesChanged);
    }

    public void Dispose() => _sealer.Dispose();
}
