namespace ProdOps.Servers.Files;

/// <summary>What the user wants of a copy.</summary>
internal sealed record CopyOptions
{
    /// <summary>Copy files whose size and time say that they are the same, too.</summary>
    public bool Force { get; init; }

    /// <summary>Delete at the destination what the source lacks.</summary>
    public bool Delete { get; init; }

    /// <summary>With <see cref="Delete"/>: only in these folders, by their paths, and what is below them on the same file system; by default everywhere.</summary>
    public IReadOnlyCollection<string>? Within { get; init; }

    /// <summary>With <see cref="Delete"/>: whether an item of the destination that the source lacks, with all that is in it, may go; by default each.</summary>
    public Func<TreeItem, bool>? MayDelete { get; init; }

    /// <summary>With <see cref="Delete"/>: whether an item of the destination is none of the copy's business, and stays with the folders that it is in; by default none.</summary>
    public Func<TreeItem, bool>? IsLeftOut { get; init; }

    /// <summary>Keep owner and group.</summary>
    public bool PreserveOwner { get; init; }

    /// <summary>Work as root on the server.</summary>
    public bool AsRoot { get; init; }

    /// <summary>Make devices and fifos, too.</summary>
    public bool Special { get; init; }

    /// <summary>Whether what stands at the destination may be replaced; by default everything that is not the same.</summary>
    public Func<TreeItem, TreeItem, bool>? MayReplace { get; init; }

    /// <summary>Folders, by their paths, that are made where they are missing and otherwise left as they are; "" among them is the destination itself.</summary>
    public IReadOnlySet<string> LeftAlone { get; init; } = new HashSet<string>();
}
