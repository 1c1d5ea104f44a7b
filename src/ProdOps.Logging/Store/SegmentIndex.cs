using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ProdOps.Logging.Store.Filters;
using ProdOps.Servers.Files;

namespace ProdOps.Logging.Store;

/// <summary>
/// The index beside a segment, which can always be made again. A head, then a block for each batch: its frames' entries, then their filters. A block that is torn or damaged ends the
/// index; frames after it are found in the segment itself and have no filter. A filter that is damaged is none.
/// </summary>
/// <remarks>
/// Head, 24 bytes: "PDLOGIDX", version, zero, the segment's generation. Block: magic, length of the whole block, number of frames, CRC-32C of these numbers and of what follows up to the filters,
/// and where the batch ends in the segment (8 bytes); entries as <see cref="FrameEntry"/> lies in memory; filters, where their entries say, counted from the block's beginning, with their checksums
/// in the entries. Filters lie in runs (<see cref="FilterRuns"/>); in version 2 each was for itself, which is read as runs of one. All little-endian.
/// </remarks>
internal static class SegmentIndex
{
    public const int HeadLength = 24, BlockHeadLength = 24;

    private const uint BlockMagic = 0x4B4C4250;
    private const int Version = 3, OldestVersion = 2;

    private static ReadOnlySpan<byte> Magic => "PDLOGIDX"u8;

    /// <param name="generation">The segment's.</param>
    public static byte[] Head(long generation)
    {
        byte[] head = new byte[HeadLength];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(16), generation);
        return head;
    }

    /// <summary>The block of one batch. The entries' places in the index are filled in.</summary>
    public static byte[] Block(IReadOnlyList<EncodedFrame> frames, long segmentEnd)
    {
        foreach (var frame in frames) frame.Entry.FilterChecksum = Crc32C.OfLanes(frame.Filter.Span);
        int length = FilterRuns.Place(frames, BlockHeadLength + (frames.Count * Unsafe.SizeOf<FrameEntry>()));
        byte[] block = new byte[length];
        var entries = MemoryMarshal.Cast<byte, FrameEntry>(block.AsSpan(BlockHeadLength, frames.Count * Unsafe.SizeOf<FrameEntry>()));
        for (int i = 0; i < frames.Count; i++) entries[i] = frames[i].Entry;
        FilterRuns.Write(frames, block);
        BinaryPrimitives.WriteUInt32LittleEndian(block, BlockMagic);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(4), length);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(8), frames.Count);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(16), segmentEnd);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(12), ChecksumOf(block, BlockHeadLength + (frames.Count * Unsafe.SizeOf<FrameEntry>())));
        return block;
    }

    /// <summary>Whether the index is of this writing of the segment.</summary>
    /// <param name="index">Its first bytes.</param>
    /// <param name="generation">The segment's.</param>
    /// <param name="current">Whether it is as indexes are written now.</param>
    public static bool IsOf(ReadOnlySpan<byte> index, long generation, out bool current)
    {
        current = false;
        if (index.Length < HeadLength || !index.StartsWith(Magic) || BinaryPrimitives.ReadInt64LittleEndian(index[16..]) != generation) return false;
        int version = BinaryPrimitives.ReadInt32LittleEndian(index[8..]);
        current = version == Version;
        return version is >= OldestVersion and <= Version;
    }

    /// <summary>How long a block's head and its entries are, if this is the beginning of one; 0 otherwise.</summary>
    /// <param name="head">The first bytes, <see cref="BlockHeadLength"/> at least.</param>
    /// <param name="left">How many bytes the index has from there on.</param>
    public static int EntriesEnd(ReadOnlySpan<byte> head, long left)
    {
        if (head.Length < BlockHeadLength || BinaryPrimitives.ReadUInt32LittleEndian(head) != BlockMagic) return 0;
        long length = BinaryPrimitives.ReadInt32LittleEndian(head[4..]), end = BlockHeadLength + ((long)BinaryPrimitives.ReadInt32LittleEndian(head[8..]) * Unsafe.SizeOf<FrameEntry>());
        return end >= BlockHeadLength && end <= length && length <= left ? (int)end : 0;
    }

    /// <summary>Reads the block that begins here; false where none is that can be believed. Of the filters nothing is read.</summary>
    /// <param name="block">The block, or its head and entries.</param>
    /// <param name="left">How many bytes the index has from there on.</param>
    /// <param name="entries">What it says of its frames.</param>
    /// <param name="length">How long the whole block is.</param>
    /// <param name="segmentEnd">Where its batch ends in the segment.</param>
    public static bool TryReadBlock(ReadOnlySpan<byte> block, long left, out ReadOnlySpan<FrameEntry> entries, out int length, out long segmentEnd)
    {
        entries = default;
        length = 0;
        segmentEnd = 0;
        int end = EntriesEnd(block, left);
        if (end == 0 || block.Length < end || BinaryPrimitives.ReadUInt32LittleEndian(block[12..]) != ChecksumOf(block, end)) return false;
        length = BinaryPrimitives.ReadInt32LittleEndian(block[4..]);
        segmentEnd = BinaryPrimitives.ReadInt64LittleEndian(block[16..]);
        entries = MemoryMarshal.Cast<byte, FrameEntry>(block[BlockHeadLength..end]);
        foreach (ref readonly var entry in entries)
        {
            if (!IsPlausible(entry, length)) return false;
        }

        foreach (var run in FilterRuns.Of(entries, 0, 0))
        {
            if (run.Offset + run.Length > length) return false;
        }

        return true;
    }

    /// <summary>Whether a filter is as it was written.</summary>
    public static bool Holds(in FrameEntry entry, ReadOnlySpan<byte> filter) => entry.FilterChecksum == Crc32C.OfLanes(filter);

    private static uint ChecksumOf(ReadOnlySpan<byte> block, int entriesEnd) =>
        Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Seed, block[4..12]), block[16..entriesEnd]));

    /// <summary>Numbers from a file are hostile: none may lead outside of what is there.</summary>
    private static bool IsPlausible(in FrameEntry entry, int blockLength) =>
        entry is { Offset: > 0, RawOffset: >= 0, StoredLength: > 0, RawLength: >= 0, Lines: >= 0, GramBlocks: >= 0, FilterOffset: >= 0 }
        && entry.RawLength <= SegmentFile.MaximumFrame && entry.MinTime <= entry.MaxTime
        && IsTicks(entry.MinTime) && IsTicks(entry.MaxTime) && IsTicks(entry.CarriedTime) && IsTicks(entry.LastTime) && IsTicks(entry.ReceivedTime) && IsTicks(entry.ReferenceTime)
        && (entry.FilterOffset == 0 || entry.FilterOffset + FrameFilter.TripleBytes + ((long)entry.GramBlocks * FrameFilter.BlockBytes) <= blockLength);

    private static bool IsTicks(long ticks) => ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;
}
