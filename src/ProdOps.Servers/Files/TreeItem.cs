using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>A file, folder or link of a tree, here or on a server.</summary>
internal sealed record TreeItem
{
    /// <summary>The path below the tree's root, with slashes; "" for the root. Any bytes, as <see cref="FileNames"/> decodes them.</summary>
    public required string Path { get; init; }

    public FileType Type { get; init; }

    /// <summary>Octal 07777.</summary>
    public uint Permissions { get; init; }

    public long Size { get; init; }

    public UnixTime Modified { get; init; }

    public ulong Device { get; init; }

    public ulong Inode { get; init; }

    public ulong Links { get; init; } = 1;

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    /// <summary>The owner's name, or "" where it has none.</summary>
    public string User { get; init; } = "";

    public string Group { get; init; } = "";

    /// <summary>A symbolic link's target; <see langword="null"/> where it is not known.</summary>
    public string? LinkTarget { get; init; }

    /// <summary>The folder it is in, as a path below the root.</summary>
    public string Parent => ParentOf(Path);

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public static string ParentOf(string path) => path.LastIndexOf('/') is var slash and >= 0 ? path[..slash] : "";

    /// <summary>Whether both were modified at the same moment. Some systems keep whole seconds, and some tools tell no more.</summary>
    public static bool IsSameTime(UnixTime one, UnixTime other) =>
        one.Seconds == other.Seconds && (one.Nanoseconds == other.Nanoseconds || one.Nanoseconds == 0 || other.Nanoseconds == 0);
}

/// <summary>What there is at a path: nothing, one item, or a folder with all that is in it.</summary>
internal sealed class FileTree
{
    private readonly Dictionary<string, TreeItem> _byPath;

    public FileTree(TreeItem? root, IEnumerable<TreeItem> items)
    {
        Root = root;
        // By characters, so that a folder comes before what is in it.
        Items = [.. items.DistinctBy(item => item.Path, StringComparer.Ordinal).OrderBy(item => item.Path, StringComparer.Ordinal)];
        _byPath = new Dictionary<string, TreeItem>(Items.Count, StringComparer.Ordinal);
        foreach (var item in Items) _byPath.Add(item.Path, item);
    }

    public static FileTree Nothing { get; } = new(null, []);

    public TreeItem? Root { get; }

    public bool IsFolder => Root?.Type == FileType.Directory;

    /// <summary>Everything below the root, folders before what is in them.</summary>
    public IReadOnlyList<TreeItem> Items { get; }

    /// <summary>True when some of it could not be looked at: what is missing here may be there all the same.</summary>
    public bool IsPartial { get; set; }

    /// <summary>The same with another root.</summary>
    public FileTree WithRoot(TreeItem root) => new(root, Items) { IsPartial = IsPartial };

    public TreeItem? Find(string path) => path.Length == 0 ? Root : _byPath.GetValueOrDefault(path);
}
