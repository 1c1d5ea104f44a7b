using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;

namespace ProdOps.Backup.Archiving;

/// <summary>
/// A folder whose listing is known while some of its entries are still being worked on. The last entry to finish
/// finishes the tree, which finishes its entry in the folder above, and so on to the root.
/// </summary>
internal sealed class PendingTree(PendingTree? parent, int slot, byte[] path)
{
    private readonly Lock _growing = new();
    private Node?[] _nodes = [];
    private int _count;
    private int _remaining = 1;

    /// <summary>The folder above; <see langword="null"/> for the root.</summary>
    public PendingTree? Parent { get; } = parent;

    /// <summary>Which entry of <see cref="Parent"/> this folder is.</summary>
    public int Slot { get; } = slot;

    /// <summary>The folder's full path; empty for the root.</summary>
    public byte[] Path { get; } = path;

    /// <summary>True if entries come one by one and in any order, by <see cref="Add"/>, instead of in the order of their names and all at once.</summary>
    public bool Grows { get; init; }

    /// <summary>This folder's own entry in the parent snapshot, to count what changed.</summary>
    public Node? Previous { get; init; }

    /// <summary>The entry in a slot; one that could not be read is <see langword="null"/> and left out.</summary>
    public Node? this[int slot]
    {
        get
        {
            if (!Grows) return _nodes[slot];
            lock (_growing) return _nodes[slot];
        }

        set
        {
            if (!Grows) _nodes[slot] = value;
            else lock (_growing) _nodes[slot] = value;
        }
    }

    /// <summary>Makes all slots at once.</summary>
    public void SetCount(int count)
    {
        _nodes = new Node?[count];
        _count = count;
    }

    /// <summary>Makes a slot for one more entry of a tree that grows.</summary>
    public int Add(Node? node)
    {
        lock (_growing)
        {
            if (_count == _nodes.Length) Array.Resize(ref _nodes, Math.Max(8, _count * 2));
            _nodes[_count] = node;
            return _count++;
        }
    }

    /// <summary>
    /// The entries in the order of their names, without those left out, which the tree does not hold any more after this. A name that came
    /// twice, as it may when files are renamed while they are listed, stays once.
    /// </summary>
    public IEnumerable<Node> TakeNodes()
    {
        var nodes = _nodes;
        _nodes = [];
        if (Grows) Array.Sort(nodes, static (left, right) => left is null ? right is null ? 0 : -1 : right is null ? 1 : left.Name.AsSpan().SequenceCompareTo(right.Name));
        Node? last = null;
        foreach (var node in nodes)
        {
            if (node is null || (Grows && last is not null && last.Name.AsSpan().SequenceEqual(node.Name))) continue;
            yield return last = node;
        }
    }

    /// <summary>One more entry is being worked on. The tree counts as one itself until it is listed.</summary>
    public void Expect() => Interlocked.Increment(ref _remaining);

    /// <summary>One entry is done; true if it was the last.</summary>
    public bool Arrive() => Interlocked.Decrement(ref _remaining) == 0;

    public byte[] PathOf(ReadOnlySpan<byte> name)
    {
        bool slash = Path.Length == 0 || Path[^1] != (byte)'/';
        var path = new byte[Path.Length + (slash ? 1 : 0) + name.Length];
        Path.CopyTo(path, 0);
        if (slash) path[Path.Length] = (byte)'/';
        name.CopyTo(path.AsSpan(path.Length - name.Length));
        return path;
    }
}

/// <summary>A file being cut into blobs, some of which other workers may still be storing.</summary>
internal sealed class PendingFile(PendingTree tree, int slot, Node node)
{
    private ObjectId[] _content = [];
    private int _count;
    private int _remaining = 1;

    public PendingTree Tree { get; } = tree;

    public int Slot { get; } = slot;

    public Node Node { get; } = node;

    /// <summary>Told of the entry when the content is complete, by the worker that completed it.</summary>
    public Action<ArchiveWorker, Node>? Finished { get; init; }

    /// <summary>Makes room for one more blob and returns its place in the content.</summary>
    public int Reserve()
    {
        lock (this)
        {
            if (_count == _content.Length) Array.Resize(ref _content, Math.Max(4, _count * 2));
            Interlocked.Increment(ref _remaining);
            return _count++;
        }
    }

    /// <summary>Stores a blob's id in its place; true if it was the last thing the file waited for.</summary>
    public bool Complete(int place, ObjectId id)
    {
        lock (this) _content[place] = id;
        return Arrive();
    }

    /// <summary>The file has been read to its end (or given up); true if no blob is outstanding.</summary>
    public bool Arrive() => Interlocked.Decrement(ref _remaining) == 0;

    /// <summary>Set if reading failed: the file is left out of the tree.</summary>
    public bool Failed { get; set; }

    /// <summary>The finished content; empty for an empty file.</summary>
    public ObjectId[] Content
    {
        get
        {
            lock (this) return _content.Length == _count ? _content : _content[.._count];
        }
    }
}
