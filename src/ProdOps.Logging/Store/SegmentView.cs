using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Store;

/// <summary>
/// A segment and its index, as they were when they were opened. What the index lacks (it was removed, or a crash came before it was written) is found in the segment itself.
/// </summary>
internal sealed unsafe class SegmentView : IDisposable
{
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _accessor;
    private readonly byte* _index;
    private readonly long _indexLength;
    private readonly List<FrameEntry> _frames = [];

    // Where each frame's filter begins in the index, 0 without one; and what is known of it.
    private readonly List<long> _filters = [];
    private FilterState[] _filterStates = [];
    private int _leases = 1;

    private SegmentView(SegmentFile file, LogFormat format, TimeZoneInfo zone)
    {
        File = file;
        Format = format;
        Zone = zone;
        string path = StoreNames.IndexOf(file.Path);
        long end = file.Start;
        try
        {
            var handle = System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            _indexLength = RandomAccess.GetLength(handle);
            if (_indexLength < SegmentIndex.HeadLength || _indexLength > int.MaxValue)
            {
                handle.Dispose();
            }
            else
            {
                var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
                _map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
                _accessor = _map.CreateViewAccessor(0, _indexLength, MemoryMappedFileAccess.Read);
                _accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref _index);
                end = ReadIndex();
            }
        }
        catch (Exception error) when (error is FileNotFoundException or IOException or UnauthorizedAccessException)
        {
            // It can be made again, and until then the segment tells the same, only slower.
        }

        if (end < file.Length) ReadTail(end);
        End = _end;
    }

    private long _end;

    public SegmentFile File { get; }

    public LogFormat Format { get; }

    public TimeZoneInfo Zone { get; }

    /// <summary>Its frames, in the order of the file.</summary>
    public IReadOnlyList<FrameEntry> Frames => _frames;

    /// <summary>The same, without copies.</summary>
    public ReadOnlySpan<FrameEntry> Entries => CollectionsMarshal.AsSpan(_frames);

    /// <summary>How much memory it takes, mapped files included.</summary>
    public long Size => _indexLength + (_frames.Count * (long)sizeof(FrameEntry));

    /// <summary>Where the last whole batch ends.</summary>
    public long End { get; }

    /// <summary>How many of the frames the index knows.</summary>
    public int Indexed { get; private set; }

    /// <summary>Up to where the index tells of the segment: it does so only of what was acknowledged.</summary>
    public long AcknowledgedEnd { get; private set; }

    /// <summary>Where the index's last good block ends.</summary>
    public long IndexEnd { get; private set; }

    public static SegmentView Open(string path, IFormatCatalog formats)
    {
        var file = SegmentFile.Open(path);
        try
        {
            return new SegmentView(file, formats.Find(file.Header.Format), Zones.Find(file.Header.Zone));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>What completes the times of a frame.</summary>
    public TimeContext ContextOf(in FrameEntry frame) => new(new DateTimeOffset(frame.ReferenceTime, TimeSpan.Zero), Zone);

    /// <summary>Whether a frame may hold what is asked for; true where there is no filter, or none that is as it was written.</summary>
    public bool MayMatch(int frame, FilterQuestion question)
    {
        if (frame >= Indexed || _filters[frame] == 0) return true;
        ref readonly var entry = ref Entries[frame];
        byte* filter = _index + _filters[frame];
        return question.MayMatch(
            new ReadOnlySpan<byte>(filter, FrameFilter.TripleBytes),
            new ReadOnlySpan<byte>(filter + FrameFilter.TripleBytes, entry.GramBlocks * FrameFilter.BlockBytes),
            (entry.Flags & FrameFlags.FoldedLetters) != 0)
            // A turned bit must not hide lines. What says yes needs no checking: the lines tell.
            || !FilterHolds(frame);
    }

    /// <summary>The filter of a frame; empty where there is none, or it is damaged.</summary>
    public ReadOnlySpan<byte> FilterOf(int frame) =>
        frame >= Indexed || _filters[frame] == 0 || !FilterHolds(frame) ? default
            : new ReadOnlySpan<byte>(_index + _filters[frame], FrameFilter.TripleBytes + (Entries[frame].GramBlocks * FrameFilter.BlockBytes));

    /// <summary>Reads and decompresses a frame; what is returned is as long as its content.</summary>
    /// <param name="entry">The frame.</param>
    /// <param name="buffers">The caller's, used again.</param>
    public ReadOnlyMemory<byte> Read(in FrameEntry entry, FrameBuffers buffers)
    {
        var stored = ReadStored(entry, buffers);
        if (Checksum.OfLanes(stored.Span) != entry.StoredChecksum) throw LoggingErrors.SegmentDamaged(File.Path, entry.Offset, "its checksum is another");
        return Decompress(entry, stored, buffers);
    }

    /// <summary>Reads a frame as it is stored.</summary>
    public ReadOnlyMemory<byte> ReadStored(in FrameEntry entry, FrameBuffers buffers)
    {
        var stored = buffers.Stored(entry.StoredLength);
        if (!File.TryRead(entry.Offset, stored.Span)) throw LoggingErrors.SegmentDamaged(File.Path, entry.Offset, "the file ends before");
        return stored;
    }

    /// <summary>Decompresses a frame whose bytes were checked.</summary>
    public ReadOnlyMemory<byte> Decompress(in FrameEntry entry, ReadOnlyMemory<byte> stored, FrameBuffers buffers)
    {
        var content = buffers.Content(entry.RawLength);
        try
        {
            int length = buffers.Decompressor.Decompress(stored.Span, content.Span);
            if (length == entry.RawLength) return content;
            throw LoggingErrors.SegmentDamaged(File.Path, entry.Offset, $"it holds {length} bytes, not {entry.RawLength}");
        }
        catch (InvalidDataException error)
        {
            throw LoggingErrors.SegmentDamaged(File.Path, entry.Offset, error.Message, error);
        }
    }

    /// <summary>One more who disposes of it: it is closed by the last.</summary>
    public SegmentView Share()
    {
        Interlocked.Increment(ref _leases);
        return this;
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _leases) != 0) return;
        if (_index is not null) _accessor!.SafeMemoryMappedViewHandle.ReleasePointer();
        _accessor?.Dispose();
        _map?.Dispose();
        File.Dispose();
    }

    /// <summary>Whether a filter is as it was written; looked at once. Several threads may do so at the same time, and find the same.</summary>
    private bool FilterHolds(int frame)
    {
        if (_filterStates[frame] == FilterState.Unknown)
        {
            ref readonly var entry = ref Entries[frame];
            var filter = new ReadOnlySpan<byte>(_index + _filters[frame], FrameFilter.TripleBytes + (entry.GramBlocks * FrameFilter.BlockBytes));
            _filterStates[frame] = SegmentIndex.Holds(entry, filter) ? FilterState.Good : FilterState.Damaged;
        }

        return _filterStates[frame] == FilterState.Good;
    }

    private long ReadIndex()
    {
        var index = new ReadOnlySpan<byte>(_index, (int)_indexLength);
        long end = File.Start, fileLength = File.Length;
        if (!SegmentIndex.IsOf(index, File.Header.Generation)) return _end = end;
        long offset = SegmentIndex.HeadLength;
        while (SegmentIndex.TryReadBlock(index, offset, out var entries, out int length, out long segmentEnd)
            && segmentEnd > end && segmentEnd <= fileLength && FollowsOn(entries, segmentEnd))
        {
            _frames.AddRange(entries);
            foreach (ref readonly var entry in entries) _filters.Add(entry.FilterOffset == 0 ? 0 : offset + entry.FilterOffset);
            end = segmentEnd;
            offset += length;
        }

        Indexed = _frames.Count;
        _filterStates = new FilterState[Indexed];
        IndexEnd = offset;
        AcknowledgedEnd = end;
        return _end = end;
    }

    /// <summary>Entries must continue those before: an index that was mixed up would name wrong places.</summary>
    private bool FollowsOn(ReadOnlySpan<FrameEntry> entries, long segmentEnd)
    {
        long raw = _frames.Count == 0 ? 0 : _frames[^1].RawOffset + _frames[^1].RawLength;
        foreach (ref readonly var entry in entries)
        {
            if (entry.RawOffset != raw || entry.Offset + entry.StoredLength > segmentEnd) return false;
            raw += entry.RawLength;
        }

        return true;
    }

    private void ReadTail(long from)
    {
        using var buffers = FrameBuffers.Take();
        var analyzer = new FrameAnalyzer();
        foreach (var batch in File.ReadBatches(from, verify: true))
        {
            foreach (var frame in SegmentScan.Read(this, batch, analyzer, buffers, _frames.Count == 0 ? default : _frames[^1])) _frames.Add(frame.Entry);
            _end = batch.End;
        }
    }

    private enum FilterState : byte
    {
        Unknown,
        Good,
        Damaged,
    }
}
