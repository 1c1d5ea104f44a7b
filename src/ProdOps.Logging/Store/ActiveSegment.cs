using Microsoft.Win32.SafeHandles;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Formats;
using ProdOps.Servers.FileSystem;
using ProdOps.Servers.Files;

namespace ProdOps.Logging.Store;

/// <summary>The segment that a stream's lines are appended to, and its index. Whoever has one holds the stream's lock.</summary>
internal sealed class ActiveSegment : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly SafeFileHandle _index;
    private readonly LogFormat _format;
    private readonly TimeZoneInfo _zone;
    private long _length, _indexLength;

    private ActiveSegment(string path, SegmentHeader header, LogFormat format, TimeZoneInfo zone, SafeFileHandle file, SafeFileHandle index)
    {
        Path = path;
        Header = header;
        _format = format;
        _zone = zone;
        _file = file;
        _index = index;
    }

    public string Path { get; }

    public SegmentHeader Header { get; }

    /// <summary>The newest checkpoint, of this segment or of those before.</summary>
    public string? Checkpoint { get; private set; }

    /// <summary>The time of the last line.</summary>
    public long LastTime { get; private set; }

    /// <summary>The length of its content.</summary>
    public long RawLength { get; private set; }

    /// <summary>How many batches it has.</summary>
    public int Batches { get; private set; }

    /// <summary>The day on which its first lines came.</summary>
    public DateTime? Day { get; private set; }

    /// <summary>Whether nobody else has appended to the file, or has put another in its place.</summary>
    public bool IsUnchanged
    {
        get
        {
            if (_length == 0) return false;
            try
            {
                using var now = SegmentFile.Open(Path);
                return now.Header.Generation == Header.Generation && now.Length == _length;
            }
            catch (Exception error) when (error is IOException or ProdOpsException)
            {
                return false;
            }
        }
    }

    /// <summary>Begins a segment. Nothing is written before the first batch.</summary>
    public static ActiveSegment Create(string path, SegmentHeader header, LogFormat format, TimeZoneInfo zone, string? checkpoint, long lastTime)
    {
        var file = Open(path, FileMode.CreateNew);
        try
        {
            return new ActiveSegment(path, header, format, zone, file, Open(StoreNames.IndexOf(path), FileMode.Create)) { Checkpoint = checkpoint, LastTime = lastTime };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a segment to append to it, after cutting off what a crash left behind.</summary>
    /// <returns><see langword="null"/> if no batch in it is whole.</returns>
    /// <exception cref="ProdOpsException">It is damaged: behind a batch that cannot be read are others that can, which a crash does not do.</exception>
    public static ActiveSegment? TryOpen(string path, IFormatCatalog formats, IActivity activity)
    {
        if (!HasHeader(path)) return null;
        using var view = SegmentView.Open(path, formats);
        if (view.End < view.File.Length && (view.File.Header.Sealed || SegmentSurvey.FindBatch(view.File, view.End + 1) is not null))
            throw LoggingErrors.SegmentDamaged(path, view.End, "a batch of it cannot be read");
        if (view.End == view.File.Start) return null;
        var file = Open(path, FileMode.Open);
        SafeFileHandle? index = null;
        try
        {
            long length = RandomAccess.GetLength(file);
            if (length > view.End)
            {
                activity.Warning($"'{path}' had {length - view.End} bytes at its end that were never acknowledged, of an append that did not come to its end: they are cut off.");
                RandomAccess.SetLength(file, view.End);
                RandomAccess.FlushToDisk(file);
            }

            var (checkpoint, day, batches) = ReadBatches(view.File);
            bool whole = view.CanExtendIndex;
            if (!whole) SegmentIndexer.Write(view);
            index = Open(StoreNames.IndexOf(path), FileMode.OpenOrCreate);
            var last = view.Frames.Count == 0 ? default : view.Frames[^1];
            return new ActiveSegment(path, view.File.Header, view.Format, view.Zone, file, index)
            {
                _length = view.End,
                _indexLength = whole ? view.IndexEnd : RandomAccess.GetLength(index),
                Checkpoint = checkpoint,
                Day = day,
                Batches = batches,
                LastTime = last.LastTime,
                RawLength = last.RawOffset + last.RawLength,
            };
        }
        catch
        {
            file.Dispose();
            index?.Dispose();
            throw;
        }
    }

    /// <summary>Takes a file that holds no whole batch out of the way. It is kept: whoever is wrong about it can still look.</summary>
    /// <returns>What it is kept as.</returns>
    public static string SetAside(string path, IActivity activity)
    {
        string aside = StoreNames.KeptAs(path);
        activity.Warning($"'{path}' holds no batch that is whole; it is '{aside}' now.");
        File.Move(path, aside);
        File.Delete(StoreNames.IndexOf(path));
        return aside;
    }

    /// <summary>Begins an empty segment that keeps the checkpoint of one that is to be removed, if it has any.</summary>
    public static void CarryOver(string path, IFormatCatalog formats, LogStoreOptions options, IActivity activity)
    {
        using var old = TryOpen(path, formats, activity);
        if (old?.Checkpoint is not { } checkpoint) return;
        var now = options.Time.GetUtcNow();
        var header = old.Header with { Generation = options.NewGeneration(), Sealed = false };
        using var next = Create(StoreFolder.NextSegment(System.IO.Path.GetDirectoryName(path)!, now), header, old._format, old._zone, checkpoint, old.LastTime);
        using var encoder = new FrameEncoder(options.Level, 1);
        next.Append(new LogBatch(new LogStream(header.Server, header.Source), default) { ReceivedTime = now, Checkpoint = checkpoint }, encoder, default);
    }

    /// <summary>Appends a batch; on disk when it returns. When it fails the file is as it was.</summary>
    public void Append(LogBatch batch, FrameEncoder encoder, CancellationToken cancellationToken)
    {
        long lastTime = LastTime;
        var reference = batch.TimeReference ?? batch.ReceivedTime;
        var frames = encoder.Encode(batch.Lines, _format, new TimeContext(reference, _zone), ref lastTime, cancellationToken);
        bool first = _length == 0;
        byte[] segmentHead = first ? SegmentFile.HeaderFrame(Header) : [];
        uint crc = Crc32C.Seed;
        foreach (var frame in frames) crc = Crc32C.Append(crc, frame.Stored.Span);
        var header = new BatchHeader
        {
            Frames = [.. frames.Select(frame => new[] { frame.Entry.StoredLength, frame.Entry.RawLength, frame.Entry.Lines })],
            Crc32C = Crc32C.Finish(crc),
            Received = batch.ReceivedTime,
            Reference = batch.TimeReference,
            ClockOffset = batch.ClockOffset?.Ticks,
            Checkpoint = batch.Checkpoint ?? (first ? Checkpoint : null),
        };
        byte[] head = SegmentFile.BatchFrame(header);
        long offset = _length + segmentHead.Length + head.Length, raw = RawLength;
        foreach (var frame in frames)
        {
            BatchTimes.Fill(header, ref frame.Entry);
            frame.Entry.Offset = offset;
            frame.Entry.RawOffset = raw;
            offset += frame.Entry.StoredLength;
            raw += frame.Entry.RawLength;
        }

        // From here on nothing stops half way for a cancellation.
        WriteSynced([segmentHead, head, .. frames.Select(frame => frame.Stored)], first);
        _length = offset;
        RawLength = raw;
        LastTime = lastTime;
        Checkpoint = batch.Checkpoint ?? Checkpoint;
        Batches++;
        Day ??= batch.ReceivedTime.UtcDateTime.Date;
        AppendIndex(frames, first);
    }

    /// <summary>Ends appending: the index is synced, so that it need not be made again after a power loss.</summary>
    public void Close()
    {
        try
        {
            RandomAccess.FlushToDisk(_index);
        }
        catch (IOException)
        {
            // What it lacks is found in the segment.
        }

        Dispose();
    }

    public void Dispose()
    {
        _file.Dispose();
        _index.Dispose();
    }

    private void WriteSynced(IReadOnlyList<ReadOnlyMemory<byte>> parts, bool first)
    {
        try
        {
            RandomAccess.Write(_file, parts, _length);
            RandomAccess.FlushToDisk(_file);
            if (first) NativeFiles.SyncDirectory(System.IO.Path.GetDirectoryName(Path)!);
        }
        catch
        {
            TryCutBack();
            throw;
        }
    }

    private void TryCutBack()
    {
        try
        {
            RandomAccess.SetLength(_file, _length);
        }
        catch (IOException)
        {
            // The next who opens it cuts it off.
        }
    }

    private void AppendIndex(EncodedFrame[] frames, bool first)
    {
        try
        {
            byte[] block = SegmentIndex.Block(frames, _length);
            if (first)
            {
                RandomAccess.Write(_index, SegmentIndex.Head(Header.Generation), 0);
                _indexLength = SegmentIndex.HeadLength;
            }

            RandomAccess.Write(_index, block, _indexLength);
            _indexLength += block.Length;
        }
        catch (IOException)
        {
            // The lines are kept; what the index lacks is found in the segment.
        }
    }

    private static (string? Checkpoint, DateTime? Day, int Batches) ReadBatches(SegmentFile file)
    {
        string? checkpoint = null;
        DateTime? day = null;
        int batches = 0;
        foreach (var batch in file.ReadBatches(file.Start, verify: false))
        {
            checkpoint = batch.Header.Checkpoint ?? checkpoint;
            day ??= batch.Header.Received.UtcDateTime.Date;
            batches++;
        }

        return (checkpoint, day, batches);
    }

    private static bool HasHeader(string path)
    {
        try
        {
            using var file = SegmentFile.Open(path);
            return true;
        }
        catch (ProdOpsException)
        {
            // A file with more than a first frame that cannot be read is not what a crash leaves: it is not ours to remove.
            if (new FileInfo(path).Length > 128 * 1024 || SegmentSurvey.MayHoldLines(path)) throw;
            return false;
        }
    }

    private static SafeFileHandle Open(string path, FileMode mode)
    {
        const FileShare Share = FileShare.ReadWrite | FileShare.Delete;
        if (OperatingSystem.IsWindows() || mode == FileMode.Open) return File.OpenHandle(path, mode, FileAccess.ReadWrite, Share);
        using var stream = new FileStream(path, new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = Share, UnixCreateMode = StoreFolder.PrivateFile });
        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, Share);
    }
}
