using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Pruning;

/// <summary>What a pack holds, by the index and by what is used of it. Sizes are bytes.</summary>
internal struct PackUsage
{
    public const byte MixedType = 2, NoType = 3;

    public int UsedBlobs, UnusedBlobs, DuplicateBlobs;

    /// <summary>Bytes of used blobs, and of the header.</summary>
    public long UsedSize;

    public long UnusedSize;

    /// <summary>A <see cref="BlobType"/>, or <see cref="MixedType"/>.</summary>
    public byte Type;

    public bool HasUncompressed;

    public readonly long Size => UsedSize + UnusedSize;

    public readonly bool IsData => Type == (byte)BlobType.Data;
}
