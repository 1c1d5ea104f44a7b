namespace ProdOps.Backup.Repositories;

/// <summary>A blob as a pack's header and an index entry tell it.</summary>
/// <param name="Blob">Its name.</param>
/// <param name="Offset">Where its sealed bytes begin in the pack.</param>
/// <param name="Length">How many sealed bytes.</param>
/// <param name="UncompressedLength">Its length before compression, or 0 if it is stored uncompressed.</param>
internal readonly record struct PackedBlob(BlobHandle Blob, uint Offset, uint Length, uint UncompressedLength)
{
    public BlobLocation In(ObjectId pack) => new(pack, Offset, Length, UncompressedLength);

    /// <summary>The bytes it takes in a pack: its own and its header entry's.</summary>
    public long StoredSize => Length + (UncompressedLength == 0 ? PackHeader.PlainEntrySize : PackHeader.CompressedEntrySize);
}
