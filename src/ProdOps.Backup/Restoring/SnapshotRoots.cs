using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>
/// Which folders of a snapshot were backed up whole. Folders above them are in its trees too, with nothing in them but the way down:
/// to delete there what the snapshot lacks would delete what was never backed up.
/// </summary>
internal sealed class SnapshotRoots(IReadOnlyList<string> paths, IReadOnlyList<Node> rootEntries)
{
    private readonly byte[][] _roots = [.. paths.Select(Normalize)];

    // A backup of relative paths is stored below the root without the folders above it: then each entry of the root is one.
    private readonly bool _relative = !paths.Any(path => IsEntry(path, rootEntries));

    public bool Contains(ReadOnlySpan<byte> path)
    {
        if (_relative) return path.Length > 0;
        foreach (byte[] root in _roots)
        {
            if (SubPaths.IsAtOrBelow(path, root)) return true;
        }
        return false;
    }

    private static bool IsEntry(string path, IReadOnlyList<Node> rootEntries)
    {
        byte[] root = Normalize(path);
        if (root.Length == 0) return true;
        var first = root.AsSpan(1);
        int end = first.IndexOf((byte)'/');
        if (end >= 0) first = first[..end];
        foreach (var node in rootEntries)
        {
            if (first.SequenceEqual(node.Name)) return true;
        }
        return false;
    }

    private static byte[] Normalize(string path) => FileNames.Encode(path).AsSpan().TrimEnd((byte)'/').ToArray();
}
