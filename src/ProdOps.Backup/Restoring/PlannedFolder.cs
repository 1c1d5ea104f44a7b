using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>A folder while the planner is in it: its entries in the snapshot, and those at the destination.</summary>
internal sealed class PlannedFolder(int item, byte[] path, bool inside)
{
    private readonly Queue<(int Index, Task<List<Node>> Reading)> _ahead = new();
    private DirectoryListing? _existing;
    private int _next;
    private int _nextTree;
    private int _nextExisting;

    public int Item { get; } = item;

    /// <summary>Its path in the snapshot; empty for the root.</summary>
    public byte[] Path { get; } = path;

    /// <summary>It is, or is below, a path that was asked for.</summary>
    public bool Inside { get; } = inside;

    /// <summary>What stands in it and not in the snapshot is deleted.</summary>
    public bool Cleans { get; set; }

    /// <summary>The file system it is on, if it exists.</summary>
    public ulong Device { get; init; }

    public List<Node> Nodes { get; set; } = [];

    /// <summary>It exists, and what stands in it is known.</summary>
    public bool Exists => _existing is not null;

    public int AheadCount => _ahead.Count;

    public byte[] PathOf(ReadOnlySpan<byte> name)
    {
        byte[] path = new byte[Path.Length + 1 + name.Length];
        Path.CopyTo(path, 0);
        path[Path.Length] = (byte)'/';
        name.CopyTo(path.AsSpan(Path.Length + 1));
        return path;
    }

    public Node? TakeNext()
    {
        if (_next == Nodes.Count) return null;
        var node = Nodes[_next];
        // What was planned is not needed again: a folder of a million files gives its nodes back as they are used.
        Nodes[_next++] = null!;
        return node;
    }

    /// <summary>The next folder in this one whose tree nobody reads yet; the index is -1 if there is none.</summary>
    public (int Index, ObjectId Tree) TakeNextTree()
    {
        for (_nextTree = Math.Max(_nextTree, _next); _nextTree < Nodes.Count; _nextTree++)
        {
            if (Nodes[_nextTree] is { Type: FileType.Directory, Subtree: { } tree }) return (_nextTree++, tree);
        }
        return (-1, default);
    }

    public void AddAhead(int index, Task<List<Node>> reading) => _ahead.Enqueue((index, reading));

    /// <summary>The reading of the tree of the node taken last, if it was begun.</summary>
    public Task<List<Node>>? TakeAhead()
    {
        // Folders that turned out not to be restored are passed over.
        while (_ahead.TryPeek(out var first) && first.Index < _next)
        {
            _ahead.Dequeue();
            if (first.Index == _next - 1) return first.Reading;
        }
        return null;
    }

    public void ReadExisting(SourceFileSystem files, ReadOnlySpan<byte> path)
    {
        _existing = new DirectoryListing();
        files.ReadDirectory(path, _existing);
    }

    public ReadOnlySpan<byte> ExistingName(int index) => _existing!.NameOf(index);

    public ref readonly FileStat ExistingStat(int index) => ref _existing!.StatOf(index);

    /// <summary>The next entry of the destination that is before <paramref name="name"/> (any that is left, if it is empty); -1 if there is none.</summary>
    public int TakeExistingBefore(ReadOnlySpan<byte> name) =>
        _existing is not null && _nextExisting < _existing.Count && (name.IsEmpty || ExistingName(_nextExisting).SequenceCompareTo(name) < 0)
            ? _nextExisting++ : -1;

    /// <summary>The entry of the destination with this name, where all before it were taken; -1 if there is none.</summary>
    public int TakeExisting(ReadOnlySpan<byte> name) =>
        _existing is not null && _nextExisting < _existing.Count && ExistingName(_nextExisting).SequenceEqual(name) ? _nextExisting++ : -1;
}
