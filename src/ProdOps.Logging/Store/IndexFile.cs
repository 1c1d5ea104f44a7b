using System.Buffers;
using Microsoft.Win32.SafeHandles;
using ProdOps.Logging.Store.Filters;

namespace ProdOps.Logging.Store;

/// <summary>
/// The index of a segment, open. Entries are read when it is opened; filters, which are many times as long, stay in the file: each run of them is read whole and checked once, and of
/// those that are sound only the bytes that a search asks for are read from then on. Several threads may ask at the same time.
/// </summary>
internal sealed class IndexFile : IDisposable
{
    // A block's head and the entries of an ordinary batch.
    private const int HeadGuess = 4096;

    private readonly SafeFileHandle _file;
    private readonly List<FilterRun> _runs = [];

    // The number of each frame's run, -1 without a filter; and what is known of the filter.
    private readonly List<int> _runOf = [];
    private FilterState[] _states = [];

    private IndexFile(SafeFileHandle file) => _file = file;

    /// <summary>How many frames it knows: the first of the segment.</summary>
    public int Count => _runOf.Count;

    /// <summary>Up to where the index tells of the segment.</summary>
    public long SegmentEnd { get; private set; }

    /// <summary>Where its last good block ends.</summary>
    public long End { get; private set; }

    /// <summary>Whether it is as indexes are written now: only to such a one is anything appended.</summary>
    public bool IsCurrent { get; private set; }

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
    /// <param name="frame">Which frame.</param>
    /// <param name="entries">All entries.</param>
    /// <param name="question">What is asked for.</param>
    /// <param name="reader">The caller's, for this index alone.</param>
    public bool MayMatch(int frame, ReadOnlySpan<FrameEntry> entries, FilterQuestion question, FilterReader reader)
    {
        if (_runOf[frame] < 0) return true;
        var run = _runs[_runOf[frame]];
        // A turned bit must not hide lines.
        if (_states[frame] == FilterState.Unknown) Check(run, entries);
        if (_states[frame] == FilterState.Damaged) return true;
        reader.MoveTo(_file, run, frame - run.First);
        return question.MayMatch(reader, (entries[frame].Flags & FrameFlags.FoldedLetters) != 0);
    }

    /// <summary>The filter of a frame; empty where there is none, or it is damaged.</summary>
    public byte[] FilterOf(int frame, ReadOnlySpan<FrameEntry> entries)
    {
        if (_runOf[frame] < 0) return [];
        var run = _runs[_runOf[frame]];
        byte[] filter = GC.AllocateUninitializedArray<byte>((int)run.FilterLength), all = ArrayPool<byte>.Shared.Rent((int)run.Length);
        try
        {
            if (!TryReadAll(run, all)) return [];
            run.Copy(all, frame - run.First, filter);
            return SegmentIndex.Holds(entries[frame], filter) ? filter : [];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(all);
        }
    }

    /// <summary>Whether all filters are as they were written.</summary>
    public bool IsSound(ReadOnlySpan<FrameEntry> entries)
    {
        foreach (var run in _runs) Check(run, entries);
        return !_states.Contains(FilterState.Damaged);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Reads all filters of a run, and notes whether they are as they were written.</summary>
    private void Check(in FilterRun run, ReadOnlySpan<FrameEntry> entries)
    {
        byte[] all = ArrayPool<byte>.Shared.Rent((int)run.Length), buffer = ArrayPool<byte>.Shared.Rent((int)run.FilterLength);
        try
        {
            bool read = TryReadAll(run, all);
            var filter = buffer.AsSpan(0, (int)run.FilterLength);
            for (int rank = 0; rank < run.Count; rank++)
            {
                if (read) run.Copy(all, rank, filter);
                _states[run.First + rank] = read && SegmentIndex.Holds(entries[run.First + rank], filter) ? FilterState.Good : FilterState.Damaged;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            ArrayPool<byte>.Shared.Return(all);
        }
    }

    private bool TryReadAll(in FilterRun run, byte[] buffer)
    {
        try
        {
            return ReadFully(buffer.AsSpan(0, (int)run.Length), run.Offset) == run.Length;
        }
        catch (IOException)
        {
            // A filter that cannot be read is none: the lines themselves tell.
            return false;
        }
    }

    private bool Read(SegmentFile segment, List<FrameEntry> frames)
    {
        long length = RandomAccess.GetLength(_file), segmentLength = segment.Length, offset = SegmentIndex.HeadLength;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(HeadGuess);
        try
        {
            var head = buffer.AsSpan(0, ReadFully(buffer.AsSpan(0, SegmentIndex.HeadLength), 0));
            if (!SegmentIndex.IsOf(head, segment.Header.Generation, out bool current)) return false;
            IsCurrent = current;
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
                AddRuns(FilterRuns.Of(entries, frames.Count, offset), entries.Length);
                frames.AddRange(entries);
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

    private void AddRuns(List<FilterRun> runs, int entries)
    {
        int end = Count + entries;
        foreach (var run in runs)
        {
            while (Count < run.First) _runOf.Add(-1);
            for (int i = 0; i < run.Count; i++) _runOf.Add(_runs.Count);
            _runs.Add(run);
        }

        while (Count < end) _runOf.Add(-1);
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
