using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>One side of a comparison.</summary>
/// <param name="Name">The server, or a local path.</param>
/// <param name="Tree">What it has.</param>
/// <param name="Checksums">Its files' checksums.</param>
internal sealed record ComparedTree(string Name, FileTree Tree, IReadOnlyDictionary<string, string> Checksums);

/// <summary>Finds what differs between many trees, without any I/O.</summary>
internal sealed class ItemComparer(string path, IReadOnlyList<ComparedTree> trees)
{
    /// <summary>The tree that the others are compared with; without it the version that most have is the reference of each item.</summary>
    public string? Reference { get; init; }

    /// <summary>Leaves owners out: another machine's users are not the servers'.</summary>
    public bool IgnoreOwner { get; init; }

    /// <summary>All items, in the order of their paths.</summary>
    public IEnumerable<ServerItemComparison> Compare()
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal) { "" };
        foreach (var tree in trees)
            foreach (var item in tree.Tree.Items) paths.Add(item.Path);
        return paths.Select(Compare);
    }

    private ServerItemComparison Compare(string below)
    {
        var versions = trees.GroupBy(tree => Describe(tree, below)).Select(group => (What: group.Key, Trees: group.Select(tree => tree.Name).ToList())).ToList();
        // Of two that are equally common the one that the first server has is the reference: grouping keeps the order.
        var reference = Reference is null ? versions.MaxBy(version => version.Trees.Count) : versions.First(version => version.Trees.Contains(Reference));
        var difference = versions.Aggregate(ServerItemDifference.None, (all, version) => all | DifferenceOf(reference.What, version.What));
        return new ServerItemComparison
        {
            Path = below.Length == 0 ? path : $"{path.TrimEnd('/')}/{below}",
            Difference = difference,
            DifferentServers = trees.Select(tree => tree.Name).Where(name => !reference.Trees.Contains(name)).ToArray(),
            Versions = versions.OrderByDescending(version => version == reference).ThenByDescending(version => version.Trees.Count)
                .Select(version => ToVersion(version.What, version.Trees, version == reference)).ToArray(),
        };
    }

    private Version Describe(ComparedTree tree, string below)
    {
        if (tree.Tree.Find(below) is not { } item) return default;
        bool isFile = item.Type == FileType.File, isLink = item.Type == FileType.SymbolicLink;
        return new Version(
            item.Type,
            isFile ? item.Size : null,
            isFile ? tree.Checksums.GetValueOrDefault(below) : null,
            // Every link has the same permissions on Linux, and others elsewhere.
            isLink ? null : item.Permissions,
            IgnoreOwner ? null : $"{NameOf(item.User, item.UserId)}:{NameOf(item.Group, item.GroupId)}",
            isLink ? item.LinkTarget : null);
    }

    private static string NameOf(string name, uint id) => name.Length > 0 ? name : id.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static ServerItemDifference DifferenceOf(Version one, Version other)
    {
        if (one == other) return ServerItemDifference.None;
        if (one.IsMissing || other.IsMissing) return ServerItemDifference.Missing;
        if (one.Type != other.Type) return ServerItemDifference.Type;
        var difference = ServerItemDifference.None;
        if (one.Size != other.Size || one.Checksum != other.Checksum || one.Target != other.Target) difference |= ServerItemDifference.Content;
        if (one.Permissions != other.Permissions) difference |= ServerItemDifference.Permissions;
        if (one.Owner != other.Owner) difference |= ServerItemDifference.Owner;
        return difference;
    }

    private static ServerItemVersion ToVersion(Version what, IReadOnlyList<string> servers, bool isReference) => new()
    {
        Servers = servers,
        IsReference = isReference,
        IsMissing = what.IsMissing,
        Type = what.IsMissing ? null : what.Type.ToString(),
        Size = what.Size,
        Checksum = what.Checksum,
        Permissions = what.Permissions is { } permissions ? Convert.ToString(permissions, 8).PadLeft(4, '0') : null,
        Owner = what.Owner,
        Target = what.Target,
    };

    private readonly record struct Version(FileType Type, long? Size, string? Checksum, uint? Permissions, string? Owner, string? Target)
    {
        public bool IsMissing => this == default;
    }
}
