using System.IO.MemoryMappedFiles;
using ProdOps.Logging.Formats;
using ProdOps.Servers.Compression;

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
    private readonly List<(int FirstFrame, long Offset)> _blocks = [];

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
    public List<FrameEntry> Frames { get; } = [];

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

    /// <summary>Whether a frame may hold what is asked for; true where there is no filter.</summary>
    public bool MayMatch(int frame, FilterQuestion question)
    {
        var entry = Frames[frame];
        if (entry.FilterOffset == 0 || frame >= Indexed) return true;
        int block = BlockOf(frame);
        byte* filter = _index + _blocks[block].Offset + entry.FilterOffset;
        return question.MayMatch(
            new ReadOnlySpan<byte>(filter, FrameFilter.TripleBytes),
            new ReadOnlySpan<byte>(filter + FrameFilter.TripleBytes, entry.GramBlocks * FrameFilter.BlockBytes),
            entry.Flags.HasFlag(FrameFlags.FoldedLetters));
    }

    /// <summary>The filter of a frame as it stands in the index; empty where there is none.</summary>
    public ReadOnlySpan<byte> FilterOf(int frame)
    {
        var entry = Frames[frame];
        if (entry.FilterOffset == 0 || frame >= Indexed) return default;
        return new ReadOnlySpan<byte>(_index + _blocks[BlockOf(frame)].Offset + entry.FilterOffset, FrameFilter.TripleBytes + (entry.GramBlocks * FrameFilter.BlockBytes));
    }

    /// <summary>Reads and decompresses a frame; what is returned is as long as its content.</summary>
    /// <param name="entry">The frame.</param>
    /// <param name="buffers">The caller's, used again.</param>
    public ReadOnlyMemory<byte> Read(in FrameEntry entry, FrameBuffers buffers)
    {
        var stored = buffers.Stored(entry.StoredLength);
        if (!File.TryRead(entry.Offset, stored.Span)) throw LoggingErrors.SegmentDamaged(File.Path, entry.Offset, "the file ends before");
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

    public void Dispose()
    {
        if (_index is not null) _accessor!.SafeMemoryMappedViewHandle.ReleasePointer();
        _accessor?.Dispose();
        _map?.Dispose();
        File.Dispose();
    }

    private int BlockOf(int frame)
    {
        int low = 0, high = _blocks.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_blocks[middle].FirstFrame <= frame) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    private long ReadIndex()
    {
        var index = new ReadOnlySpan<byte>(_index, (int)_indexLength);
        long end = File.Start, fileLength = File.Length;
        if (!SegmentIndex.IsOf(index, File.Header.Generation)) return _end = end;
        long flushed = SegmentIndex.FlushedLength(index), offset = SegmentIndex.HeadLength;
        while (SegmentIndex.TryReadBlock(index, offset, verify: false, out var entries, out int length, out long segmentEnd)
            && segmentEnd > end && segmentEnd <= fileLength && FollowsOn(entries, segmentEnd)
            && (offset + length <= flushed || SegmentIndex.TryReadBlock(index, offset, verify: true, out _, out _, out _)))
        {
            _blocks.Add((Frames.Count, offset));
            Frames.AddRange(entries);
            end = segmentEnd;
            offset += length;
        }

        Indexed = Frames.Count;
        IndexEnd = offset;
        AcknowledgedEnd = end;
        return _end = end;
    }

    /// <summary>Entries must continue those before: an index that was mixed up would name wrong places.</summary>
    private bool FollowsOn(ReadOnlySpan<FrameEntry> entries, long segmentEnd)
    {
        long raw = Frames.Count == 0 ? 0 : Frames[^1].RawOffset + Frames[^1].RawLength;
        foreach (ref readonly var entry in entries)
        {
            if (entry.RawOffset != raw || entry.Offset + entry.StoredLength > segmentEnd) return false;
            raw += entry.RawLength;
        }

        return true;
    }

    private void ReadTail(long from)
    {
        using var buffers = new FrameBuffers();
        var analyzer = new FrameAnalyzer();
        foreach (var batch in File.ReadBatches(from, verify: true))
        {
            foreach (var frame in SegmentScan.Read(this, batch, analyzer, buffers, Frames.Count == 0 ? default : Frames[^1])) Frames.Add(frame.Entry);
            _end = batch.End;
        }
    }
}

/// <summary>Buffers and a decompressor for reading frame after frame; for one thread.</summary>
internal sealed class FrameBuffers : IDisposable
{
    private byte[] _stored = [], _content = [];

    public ZstdDecompressor Decompressor { get; } = new();

    public Memory<byte> Stored(int length) => Take(ref _stored, length);

    public Memory<byte> Content(int length) => Take(ref _content, length);

    public void Dispose() => Decompressor.Dispose();

    private static Memory<byte> Take(ref byte[] buffer, int length)
    {
        if (buffer.Length < length) buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, buffer.Length * 2));
        return buffer.AsMemory(0, length);
    }
}
