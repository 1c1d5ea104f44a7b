using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace ProdOps.Logging.Store;

/// <summary>
/// The index of a segment, open. Entries are read when it is opened; filters, which are many times as long, stay in the file: each is read whole and checked once, and of one that is sound
/// only the bytes that a search asks for are read from then on. Several threads may ask at the same time.
/// </summary>
internal sealed class IndexFile : IDisposable
{
    // A block's head and the entries of an ordinary batch.
    private const int HeadGuess = 4096;

    private readonly SafeFileHandle _file;
    // Where each frame's filter begins in the file, 0 without one; and what is known of it.
    private readonly List<long> _filters = [];
    private FilterState[] _states = [];

    private IndexFile(SafeFileHandle file) => _file = file;

    /// <summary>How many frames it knows: the first of the segment.</summary>
    public int Count => _filters.Count;

    /// <summary>Up to where the index tells of the segment.</summary>
    public long SegmentEnd { get; private set; }

    /// <summary>Where its last good block ends.</summary>
    public long End { get; private set; }

    /// <summary>Opens the index of a segment; <see langword="null"/> where there is none, or it is not of this writing of the segment.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="frames">Takes the entries, in the order of the file.</param>
    public static IndexFile? Open(SegmentFile segment, List<FrameEntry> frames)
    {
        try
        {
            var file = File.OpenHandle(StoreNames.IndexOf(segment.Path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
            var index = new IndexFile(file) { SegmentEnd = segment.Start };
            if (index.Read(segment, frames)) return index;
            file.Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It can be made again, and until then the segment tells the same, only slower.
        }

        return null;
    }

    /// <summary>Whether a frame may hold what is asked for; true where there is no filter, or none that is as it was written.</summary>
    [SkipLocalsInit]
    public bool MayMatch(int frame, in FrameEntry entry, FilterQuestion question)
    {
        if (_filters[frame] == 0 || _states[frame] == FilterState.Damaged) return true;
        bool folded = (entry.Flags & FrameFlags.FoldedLetters) != 0;
        if (_states[frame] == FilterState.Good)
        {
            var stored = new FilterReader(_file, _filters[frame], entry.GramBlocks, stackalloc byte[FilterReader.BufferLength]);
            return question.MayMatch(ref stored, folded);
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(SegmentIndex.FilterLength(entry));
        try
        {
            // A turned bit must not hide lines.
            if (!TryReadFilter(frame, entry, buffer, out var bytes)) return true;
            var filter = new FilterReader(bytes);
            return question.MayMatch(ref filter, folded);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The filter of a frame; empty where there is none, or it is damaged.</summary>
    public byte[] FilterOf(int frame, in FrameEntry entry)
    {
        if (_filters[frame] == 0) return [];
        byte[] filter = GC.AllocateUninitializedArray<byte>(SegmentIndex.FilterLength(entry));
        return TryReadFilter(frame, entry, filter, out _) ? filter : [];
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Reads all of a filter, and notes whether it is as it was written.</summary>
    private bool TryReadFilter(int frame, in FrameEntry entry, byte[] buffer, out ReadOnlySpan<byte> filter)
    {
        var bytes = buffer.AsSpan(0, SegmentIndex.FilterLength(entry));
        bool good;
        try
        {
            good = ReadFully(bytes, _filters[frame]) == bytes.Length && SegmentIndex.Holds(entry, bytes);
        }
        catch (IOException)
        {
            // A filter that cannot be read is none: the lines themselves tell.
            good = false;
        }

        _states[frame] = good ? FilterState.Good : FilterState.Damaged;
        filter = bytes;
        return good;
    }

    private bool Read(SegmentFile segment, List<FrameEntry> frames)
    {
        long length = RandomAccess.GetLength(_file), segmentLength = segment.Length, offset = SegmentIndex.HeadLength;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(HeadGuess);
        try
        {
            if (!SegmentIndex.IsOf(buffer.AsSpan(0, ReadFully(buffer.AsSpan(0, SegmentIndex.HeadLength), 0)), segment.Header.Generation)) return false;
            while (true)
            {
                var block = buffer.AsSpan(0, ReadFully(buffer, offset));
                int needed = SegmentIndex.EntriesEnd(block, length - offset);
                if (needed > block.Length)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = ArrayPool<byte>.Shared.Rent(needed);
                    block = buffer.AsSpan(0, ReadFully(buffer.AsSpan(0, needed), offset));
                }

                if (!SegmentIndex.TryReadBlock(block, length - offset, out var entries, out int blockLength, out long end)
                    || end <= SegmentEnd || end > segmentLength || !FollowOn(frames, entries, end)) break;
                frames.AddRange(entries);
                foreach (ref readonly var entry in entries) _filters.Add(entry.FilterOffset == 0 ? 0 : offset + entry.FilterOffset);
                SegmentEnd = end;
                offset += blockLength;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        _states = new FilterState[Count];
        End = offset;
        return true;
    }

    /// <summary>Entries must continue those before: an index that was mixed up would name wrong places.</summary>
    private static bool FollowOn(List<FrameEntry> frames, ReadOnlySpan<FrameEntry> entries, long segmentEnd)
    {
        long raw = frames.Count == 0 ? 0 : frames[^1].RawOffset + frames[^1].RawLength;
        foreach (ref readonly var entry in entries)
        {
            if (entry.RawOffset != raw || entry.Offset + entry.StoredLength > segmentEnd) return false;
            raw += entry.RawLength;
        }

        return true;
    }

    private int ReadFully(Span<byte> buffer, long offset)
    {
        int total = 0;
        while (total < buffer.Length && RandomAccess.Read(_file, buffer[total..], offset + total) is > 0 and int read) total += read;
        return total;
    }

    private enum FilterState : byte
    {
        Unknown,
        Good,
        Damaged,
    }
}
