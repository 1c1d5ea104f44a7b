using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving;

/// <summary>
/// What a run does with the items of any source, on one thread, with the buffers that this thread uses again and again: takes over what the
/// parent snapshot has, stores blobs, finishes files and trees.
/// </summary>
internal sealed class ArchiveWorker(ArchivePipeline pipeline) : IDisposable
{
    private readonly TreeWriter _tree = new(pipeline.Source.Times);
    private readonly BlobSealer _sealer = pipeline.Writer.CreateSealer();

    public ArchivePipeline Pipeline => pipeline;

    /// <summary>The folder's entries in the parent snapshot, in the order of their names; empty where there are none to be had.</summary>
    public async ValueTask<IReadOnlyList<Node>> ReadPreviousAsync(PendingTree tree, CancellationToken cancellationToken)
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

    /// <summary>A file is in the backup with the content that the parent snapshot has of it.</summary>
    public void Keep(PendingTree tree, int slot, Node node)
    {
        tree[slot] = node;
        Interlocked.Increment(ref pipeline.Counters.FilesUnmodified);
        Interlocked.Add(ref pipeline.Counters.BytesProcessed, (long)node.Size);
    }

    /// <summary>Whether the repository has all blobs of a file that the parent snapshot names.</summary>
    public bool IsStored(ObjectId[] content)
    {
        foreach (var id in content)
        {
            if (!pipeline.Repository.Index.Contains(new BlobHandle(BlobType.Data, id))) return false;
        }
        return true;
    }

    /// <summary>Puts a folder's entry into its slot and returns its own tree, still to be filled.</summary>
    public static PendingTree BeginDirectory(PendingTree tree, int slot, Node node, byte[] path, Node? previous)
    {
        tree[slot] = node;
        tree.Expect();
        return new PendingTree(tree, slot, path) { Previous = previous?.Type == FileType.Directory ? previous : null, Grows = tree.Grows };
    }

    /// <summary>A folder that cannot be listed is left out of the one above, as restic does.</summary>
    public void LeaveOut(PendingTree tree)
    {
        if (tree.Parent is not { } parent)
        {
            Arrive(tree);
            return;
        }
        parent[tree.Slot] = null;
        Arrive(parent);
    }

    public void StoreBlob(BlobWork blob)
    {
        ObjectId id;
        try
        {
            id = StoreData(blob.Buffer.AsSpan(0, blob.Length));
        }
        finally
        {
            pipeline.Buffers.Return(blob.Buffer);
        }
        if (blob.File.Complete(blob.Place, id)) Finish(blob.File);
    }

    public ObjectId StoreData(ReadOnlySpan<byte> content)
    {
        var blob = new BlobHandle(BlobType.Data, ObjectId.Of(content));
        if (pipeline.Writer.TryClaim(blob)) pipeline.Writer.Add(blob, content, _sealer);
        return blob.Id;
    }

    /// <summary>All of the file's blobs are stored.</summary>
    public void Finish(PendingFile file)
    {
        if (!file.Failed)
        {
            file.Node.Content = file.Content;
            file.Tree[file.Slot] = file.Node;
            file.Finished?.Invoke(this, file.Node);
        }
        Arrive(file.Tree);
    }

    /// <summary>One entry of the tree is done. If it was the last, the tree is stored, and so on upwards.</summary>
    public void Arrive(PendingTree tree)
    {
        while (tree.Arrive())
        {
            var id = Store(tree);
            if (tree.Parent is not { } parent)
            {
                pipeline.Complete(id);
                return;
            }
            var node = parent[tree.Slot]!;
            node.Subtree = id;
            Count(node, tree.Previous);
            tree = parent;
        }
    }

    public void Dispose() => _sealer.Dispose();

    private ObjectId Store(PendingTree tree)
    {
        _tree.Begin();
        foreach (var node in tree.TakeNodes()) _tree.Add(node);
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
}
