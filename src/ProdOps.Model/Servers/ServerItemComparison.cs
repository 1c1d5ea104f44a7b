namespace ProdOps;

/// <summary>One file or folder as several servers have it.</summary>
public sealed record ServerItemComparison
{
    /// <summary>The path on the servers.</summary>
    public required string Path { get; init; }

    /// <summary>What differs between the servers; <see cref="ServerItemDifference.None"/> when all agree.</summary>
    public ServerItemDifference Difference { get; init; }

    /// <summary>Servers that differ from the reference.</summary>
    public IReadOnlyList<string> DifferentServers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The versions there are, the reference first, then the most common.</summary>
    public IReadOnlyList<ServerItemVersion> Versions { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True when all agree.</summary>
    public bool IsEqual => Difference == ServerItemDifference.None;
}

/// <summary>Servers that have the very same version of an item.</summary>
public sealed record ServerItemVersion
{
    /// <summary>The servers, in the order in which they were named. A local reference stands among them by its path.</summary>
    public required IReadOnlyList<string> Servers { get; init => field = Indexable.Of(value); }

    /// <summary>True for the version that the others are compared with.</summary>
    public bool IsReference { get; init; }

    /// <summary>True when these servers do not have the item.</summary>
    public bool IsMissing { get; init; }

    /// <summary>What it is: <c>File</c>, <c>Directory</c>, <c>SymbolicLink</c> or something rarer.</summary>
    public string? Type { get; init; }

    /// <summary>Bytes of a file.</summary>
    public long? Size { get; init; }

    /// <summary>A file's checksum; <see langword="null"/> for anything else, and where it could not be read.</summary>
    public string? Checksum { get; init; }

    /// <summary>The permissions in octal, e.g. <c>0644</c>.</summary>
    public string? Permissions { get; init; }

    /// <summary>Owner and group, e.g. <c>root:www-data</c>.</summary>
    public string? Owner { get; init; }

    /// <summary>A symbolic link's target.</summary>
    public string? Target { get; init; }

    /// <summary>The servers and what they have.</summary>
    /// <returns>E.g. <c>web1, web2: 0644 root:root 5d41402abc4b</c>.</returns>
    public override string ToString()
    {
        string what = IsMissing ? "missing" : string.Join(' ', new[] { Permissions, Owner, Target is null ? null : $"-> {Target}", Checksum?[..Math.Min(12, Checksum.Length)] }.Where(part => part is not null));
        return $"{string.Join(", ", Servers)}: {what}";
    }
}

/// <summary>What differs between servers.</summary>
[Flags]
public enum ServerItemDifference
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Some lack the item, or have it where the reference does not.</summary>
    Missing = 1,

    /// <summary>One has a file where another has a folder, say.</summary>
    Type = 2,

    /// <summary>The content, or where a link leads.</summary>
    Content = 4,

    /// <summary>The permissions.</summary>
    Permissions = 8,

    /// <summary>Owner or group.</summary>
    Owner = 16,
}
