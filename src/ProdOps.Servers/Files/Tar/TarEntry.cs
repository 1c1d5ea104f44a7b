using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files.Tar;

/// <summary>What an archive says of one item. Everything in it comes from whoever wrote the archive and is to be checked before it is used.</summary>
internal sealed record TarEntry
{
    /// <summary>The name as <see cref="FileNames"/> decodes it: any bytes, without loss.</summary>
    public required string Name { get; init; }

    public FileType Type { get; init; } = FileType.File;

    /// <summary>True for a further name of an earlier entry, <see cref="LinkName"/>.</summary>
    public bool IsHardLink { get; init; }

    /// <summary>Bytes of content, the holes of a sparse file included. Never negative, and 0 for everything but a file.</summary>
    public long Size { get; init; }

    /// <summary>Where the data of a sparse file lies, to write one: nothing but this follows in the archive. Pieces begin at whole blocks, and a file that ends in a hole has an empty piece at its end.</summary>
    public IReadOnlyList<(long Offset, long Size)>? Data { get; init; }

    /// <summary>Octal 07777.</summary>
    public uint Permissions { get; init; }

    public UnixTime Modified { get; init; }

    /// <summary>When the item's metadata last changed before it was read, where the archive tells (pax).</summary>
    public UnixTime? Changed { get; init; }

    public UnixTime? Accessed { get; init; }

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    /// <summary><c>st_rdev</c> of a device node.</summary>
    public ulong Device { get; init; }

    /// <summary>Extended attributes, ACLs and capabilities among them, as GNU tar and libarchive keep them.</summary>
    public IReadOnlyList<ExtendedAttribute> ExtendedAttributes { get; init; } = [];

    public string User { get; init; } = "";

    public string Group { get; init; } = "";

    /// <summary>A symbolic link's target, or the earlier name of a hard link.</summary>
    public string LinkName { get; init; } = "";
}
