using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Store.Filters;
using ProdOps.Servers.Files;

namespace ProdOps.Logging.Store;

/// <summary>
/// A segment and its index, as they were when they were opened. What the index lacks (it was removed, or a crash came before it was written) is found in the segment itself.
/// </summary>
internal sealed class SegmentView : IDisposable
{
    private readonly IndexFile? _index;
    private readonly List<FrameEntry> _frames = [];
    private int _leases = 1;

    private SegmentView(SegmentFile file, LogFormat format, TimeZoneInfo zone)
    {
        File = file;
        Format = format;
        Zone = zone;
        _index = IndexFile.Open(file, _frames);
        End = _index?.SegmentEnd ?? file.Start;
        try
        {
            if (End < file.Length) ReadTail(End);
        }
        catch
        {
            _index?.Dispose();
            throw;
        }
    }

    public SegmentFile File { get; }

    public LogFormat Format { get; }

    public TimeZoneInfo Zone { get; }

    /// <summary>Its frames, in the order of the file.</summary>
    public IReadOnlyList<FrameEntry> Frames => _frames;

    /// <summary>The same, without copies.</summary>
    public ReadOnlySpan<FrameEntry> Entries => CollectionsMarshal.AsSpan(_frames);

    /// <summary>How much memory it takes.</summary>
    public long Size => _frames.Count * (long)Unsafe.SizeOf<FrameEntry>();

    /// <summary>The length of its content.</summary>
    public long RawLength => _frames.Count == 0 ? 0 : _frames[^1].RawOffset + _frames[^1].RawLength;

    /// <summary>Where the last whole batch ends.</summary>
    public long End { get; private set; }

    /// <summary>How many of the frames the index knows.</summary>
    public int Indexed => _index?.Count ?? 0;

    /// <summary>Up to where the index tells of the segment: it does so only of what was acknowledged.</summary>
    public long AcknowledgedEnd => _index?.SegmentEnd ?? 0;

    /// <summary>Where the index's last good block ends.</summary>
    public long IndexEnd => _index?.End ?? 0;

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
    /// <param name="frame">Which frame.</param>
    /// <param name="question">What is asked for.</param>
    /// <param name="reader">The caller's, for this segment alone.</param>
    public bool MayMatch(int frame, FilterQuestion question, FilterReader reader) => frame >= Indexed || _index!.MayMatch(frame, Entries, question, reader);

    /// <summary>The filter of a frame; empty where there is none, or it is damaged.</summary>
    public byte[] FilterOf(int frame) => frame >= Indexed ? [] : _index!.FilterOf(frame, Entries);

    /// <summary>Whether the index knows every frame, and every filter is as it was written.</summary>
    public bool HasWholeIndex() => Indexed == _frames.Count && _index?.IsSound(Entries) != false;

    /// <summary>Whether further blocks may be appended to the index: it knows every frame, and is as indexes are written now.</summary>
    public bool CanExtendIndex => Indexed == _frames.Count && _index is { IsCurrent: true };

    /// <summary>Reads and decompresses a frame; what is returned is as long as its content.</summary>
    /// <param name="entry">The frame.</param>
    /// <param name="buffers">The caller's, used again.</param>
    public ReadOnlyMemory<byte> Read(in FrameEntry entry, FrameBuffers buffers)
    {
        var stored = ReadStored(entry, buffers);
        if (Crc32C.OfLanes(stored.Span) != entry.StoredChecksum) throw LoggingErrors.SegmentDamaged(File.Path, entry.Offset, "its checksum is another");
        return Decompress(entry, stored, buffers);
    }

    /// <summary>Reads a frame as it is stored.</summary>
    public ReadOnlyMemory<byte> ReadStored(in FrameEntry entry, FrameBuffers buffers)
    {
        var stored = buffers.Stored(entry.StoredLength);
        try
        {
            return File.TryRead(entry.Offset, stored.Span) ? stored : throw LoggingErrors.SegmentDamaged(File.Path, entry.Offset, "the file ends before");
        }
        catch (IOException error)
        {
            // A disk that fails here may have the rest.
            throw LoggingErrors.SegmentDamaged(File.Path, entry.Offset, error.Message, error);
        }
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
        _index?.Dispose();
        File.Dispose();
    }

    private void ReadTail(long from)
    {
        using var buffers = FrameBuffers.Take();
        var analyzer = new FrameAnalyzer();
        foreach (var batch in File.ReadBatches(from, verify: true))
        {
            foreach (var frame in SegmentScan.Read(this, batch, analyzer, buffers, _frames.Count == 0 ? default : _frames[^1], filters: false)) _frames.Add(frame.Entry);
            End = batch.End;
        }
    }
}
