namespace ProdOps.Backup.Archiving;

/// <summary>
/// The paths to back up as one tree from the root: restic stores every folder above a target with its real metadata,
/// holding only what leads to a target. A target below another target is part of it.
/// </summary>
internal sealed class TargetTree
{
    private readonly SortedDictionary<byte[], TargetTree> _children = new(ByteOrder.Instance);

    /// <summary>True if everything below is wanted.</summary>
    public bool IsTarget { get; private set; }

    /// <summary>What leads to targets, in the order of the names; empty for a target.</summary>
    public IReadOnlyDictionary<byte[], TargetTree> Children => _children;

    public static TargetTree From(IEnumerable<byte[]> paths)
    {
        var root = new TargetTree();
        foreach (var path in paths) root.Add(path);
        return root;
    }

    private void Add(ReadOnlySpan<byte> path)
    {
        var at = this;
        foreach (var range in path.Split((byte)'/'))
        {
            var part = path[range];
            if (part.IsEmpty) continue;
            if (at.IsTarget) return;
            byte[] name = part.ToArray();
            if (!at._children.TryGetValue(name, out var child)) at._children.Add(name, child = new TargetTree());
            at = child;
        }
        at.IsTarget = true;
        at._children.Clear();
    }

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public static readonly ByteOrder Instance = new();

        public int Compare(byte[]? left, byte[]? right) => left.AsSpan().SequenceCompareTo(right);
    }
}
