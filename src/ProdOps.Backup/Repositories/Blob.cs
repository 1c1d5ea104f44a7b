namespace ProdOps.Backup.Repositories;

/// <summary>What a blob holds. The values are those of a pack header's low bit.</summary>
internal enum BlobType : byte
{
    /// <summary>A piece of a file's content.</summary>
    Data = 0,

    /// <summary>A folder's listing.</summary>
    Tree = 1,
}

/// <summary>A blob's name: data and tree blobs may share an id, so the type is part of it.</summary>
internal readonly record struct BlobHandle(BlobType Type, ObjectId Id)
{
    public override string ToString() => $"{(Type == BlobType.Data ? "data" : "tree")}/{Id}";
}

/// <summary>Where a blob lies: a range of a pack. Lengths are bytes.</summary>
/// <param name="Pack">The pack's id.</param>
/// <param name="Offset">Where its sealed bytes begin.</param>
/// <param name="Length">How many sealed bytes, the 32 of the envelope included.</param>
/// <param name="UncompressedLength">Its length before compression, or 0 if it is stored uncompressed.</param>
internal readonly record struct BlobLocation(ObjectId Pack, uint Offset, uint Length, uint UncompressedLength)
{
    public bool IsCompressed => UncompressedLength != 0;

    /// <summary>The length of the blob's plaintext.</summary>
    public uint PlaintextLength => IsCompressed ? UncompressedLength : Length - 32;
}
