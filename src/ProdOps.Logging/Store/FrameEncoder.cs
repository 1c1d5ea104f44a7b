using ProdOps.Logging.Formats;
using ProdOps.Logging.Store.Filters;
using ProdOps.Servers.Compression;
using ProdOps.Servers.Files;

namespace ProdOps.Logging.Store;

/// <summary>Makes frames of lines: cuts, analyses and compresses, on all cores. For one batch at a time: frames are valid until the next is encoded.</summary>
internal sealed class FrameEncoder : IDisposable
{
    /// <summary>How much a frame holds at most, but for a single entry that is longer.</summary>
    public const int FrameLength = 1024 * 1024;

    // How far before a cut the beginning of an entry is looked for: a stack trace is rarely longer.
    private const int EntrySearch = 128 * 1024;

    private readonly Worker[] _workers;

    // The frames' own memory, used again for those of the next batch.
    private readonly List<FrameMemory> _memory = [];

    /// <param name="level">zstd's level.</param>
    /// <param name="degree">How many threads compress at the same time.</param>
    public FrameEncoder(int level, int degree)
    {
        _workers = new Worker[degree];
        for (int i = 0; i < degree; i++) _workers[i] = new Worker(new ZstdCompressor(level, checksum: true));
    }

    /// <summary>Where lines are cut into frames: between entries, so that what belongs together is read together.</summary>
    public static List<(int Start, int Length)> Cut(ReadOnlySpan<byte> lines, LogFormat format)
    {
        var pieces = new List<(int, int)>();
        int start = 0;
        while (lines.Length - start > FrameLength)
        {
            int length = CutLength(lines[start..], format);
            pieces.Add((start, length));
            start += length;
        }

        if (start < lines.Length) pieces.Add((start, lines.Length - start));
        return pieces;
    }

    /// <summary>Encodes the lines of one batch.</summary>
    /// <param name="lines">Whole lines.</param>
    /// <param name="format">How to read them.</param>
    /// <param name="context">What completes their times.</param>
    /// <param name="carried">The time of the line before; the time of the last one when it returns.</param>
    /// <param name="cancellationToken">Stops encoding.</param>
    public EncodedFrame[] Encode(ReadOnlyMemory<byte> lines, LogFormat format, TimeContext context, ref long carried, CancellationToken cancellationToken)
    {
        var pieces = Cut(lines.Span, format);
        var frames = new EncodedFrame[pieces.Count];
        while (_memory.Count < frames.Length) _memory.Add(new FrameMemory());
        int next = -1;
        void Run(Worker worker)
        {
            while (Interlocked.Increment(ref next) is int i && i < frames.Length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (start, length) = pieces[i];
                frames[i] = worker.Encode(lines.Slice(start, length), format, context, _memory[i]);
            }
        }

        int degree = Math.Min(_workers.Length, frames.Length);
        if (degree <= 1) Run(_workers[0]);
        else Parallel.For(0, degree, new ParallelOptions { MaxDegreeOfParallelism = degree, CancellationToken = cancellationToken }, i => Run(_workers[i]));
        FilterRuns.Agree(frames);
        if (degree <= 1)
        {
            for (int i = 0; i < frames.Length; i++) Complete(i);
        }
        else
        {
            Parallel.For(0, frames.Length, new ParallelOptions { MaxDegreeOfParallelism = degree, CancellationToken = cancellationToken }, Complete);
        }

        // Frames are looked at apart; one whose first line has no time takes that of the frame before.
        foreach (var frame in frames) carried = frame.Times.Complete(carried, ref frame.Entry);
        return frames;

        void Complete(int i) => frames[i].Filter = _memory[i].Draft.Complete(frames[i].Entry.GramBlocks);
    }

    public void Dispose()
    {
        foreach (var worker in _workers) worker.Compressor.Dispose();
    }

    private static int CutLength(ReadOnlySpan<byte> lines, LogFormat format)
    {
        int cut = lines[..FrameLength].LastIndexOf((byte)'\n') + 1;
        if (cut == 0)
        {
            int end = lines[FrameLength..].IndexOf((byte)'\n');
            return end < 0 ? lines.Length : FrameLength + end + 1;
        }

        int candidate = cut;
        while (candidate > 0 && cut - candidate < EntrySearch)
        {
            var rest = lines[candidate..];
            int length = rest.IndexOf((byte)'\n');
            if (!format.IsContinuation(length < 0 ? rest : rest[..length])) return candidate;
            candidate = lines[..(candidate - 1)].LastIndexOf((byte)'\n') + 1;
        }

        return cut;
    }

    private sealed class Worker(ZstdCompressor compressor)
    {
        private readonly FrameAnalyzer _analyzer = new();
        private byte[] _stored = [];

        public ZstdCompressor Compressor => compressor;

        public EncodedFrame Encode(ReadOnlyMemory<byte> lines, LogFormat format, TimeContext context, FrameMemory memory)
        {
            var entry = default(FrameEntry);
            var times = _analyzer.Analyze(lines.Span, format, context, ref entry, memory.Draft);
            int most = ZstdCompressor.MaxCompressedLength(lines.Length);
            if (_stored.Length < most) _stored = GC.AllocateUninitializedArray<byte>(most);
            entry.StoredLength = compressor.Compress(lines.Span, _stored);
            entry.StoredChecksum = Crc32C.OfLanes(_stored.AsSpan(0, entry.StoredLength));
            return new EncodedFrame(memory.KeepStored(_stored.AsSpan(0, entry.StoredLength)), times) { Entry = entry };
        }
    }

    private sealed class FrameMemory
    {
        private const int Step = 64 * 1024;

        private byte[] _stored = [];

        public FilterDraft Draft { get; } = new();

        public ReadOnlyMemory<byte> KeepStored(ReadOnlySpan<byte> bytes)
        {
            if (_stored.Length < bytes.Length) _stored = GC.AllocateUninitializedArray<byte>((bytes.Length + Step - 1) / Step * Step);
            bytes.CopyTo(_stored);
            return _stored.AsMemory(0, bytes.Length);
        }
    }
}

/// <summary>A frame of lines, ready to be written.</summary>
/// <param name="stored">The zstd frame.</param>
/// <param name="times">Its lines' own times.</param>
internal sealed class EncodedFrame(ReadOnlyMemory<byte> stored, FrameTimes times)
{
    /// <summary>What the index says of it; where it stands is filled in when it is written.</summary>
    public FrameEntry Entry;

    public ReadOnlyMemory<byte> Stored => stored;

    /// <summary>Its filter, or nothing.</summary>
    public ReadOnlyMemory<byte> Filter { get; set; }

    public FrameTimes Times => times;
}
