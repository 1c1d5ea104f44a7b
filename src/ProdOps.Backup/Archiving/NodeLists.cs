using ProdOps.Backup.Trees;

namespace ProdOps.Backup.Archiving;

/// <summary>Finding entries in a tree, which is sorted by name.</summary>
internal static class NodeLists
{
    /// <summary>The place of a name from <paramref name="start"/> on; the complement of where it would be if it is not there.</summary>
    public static int FindFrom(this IReadOnlyList<Node> nodes, ReadOnlySpan<byte> name, int start)
    {
        // Where both lists are sorted, the next name is nearly always the one that is wanted.
        int i = start;
        for (; i < nodes.Count; i++)
        {
            int order = nodes[i].Name.AsSpan().SequenceCompareTo(name);
            if (order == 0) return i;
            if (order > 0) break;
        }
        return ~i;
    }

    /// <summary>The entry of a name, wherever it is.</summary>
    public static Node? FindName(this IReadOnlyList<Node> nodes, ReadOnlySpan<byte> name)
    {
        int low = 0, high = nodes.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = nodes[middle].Name.AsSpan().SequenceCompareTo(name);
            if (order == 0) return nodes[middle];
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return null;
    }
}
