namespace ProdOps.Logging.Collecting;

/// <summary>Hands the lines of one stream to the sink, in batches, each with where reading goes on after it.</summary>
/// <param name="sink">Keeps them.</param>
/// <param name="stream">What they belong to.</param>
/// <param name="time">The clock.</param>
internal sealed class BatchWriter(ILogSink sink, LogStream stream, TimeProvider time) : IDisposable
{
    /// <summary>When so many bytes are there, they are handed over.</summary>
    public int BatchSize { get; init; } = 4 * 1024 * 1024;

    public LineBuffer Lines { get; } = new();

    public LogStream Stream => stream;

    /// <summary>The name of the lines' format, if it is known.</summary>
    public string? Format { get; init; }

    /// <summary>Which lines begin an entry, if not the format decides.</summary>
    public string? MultiLine { get; init; }

    public TimeZoneInfo? Zone { get; set; }

    public TimeSpan? ClockOffset { get; set; }

    /// <summary>No line is from later; <see langword="null"/> is the moment in which they are handed over.</summary>
    public DateTimeOffset? TimeReference { get; set; }

    /// <summary>The checkpoint that is kept.</summary>
    public string? Checkpoint { get; private set; }

    /// <summary>How many lines were kept, and how many bytes they have.</summary>
    public (long Lines, long Bytes) Kept { get; private set; }

    public bool IsFull => Lines.Length >= BatchSize;

    /// <summary>Reads the checkpoint that is kept.</summary>
    public async Task<string?> LoadAsync(CancellationToken cancellationToken) => Checkpoint = await sink.GetCheckpointAsync(stream, cancellationToken).ConfigureAwait(false);

    /// <summary>Hands over what is there. When it fails, nothing of it is kept, and it is still there.</summary>
    public async Task CommitAsync(string checkpoint, CancellationToken cancellationToken)
    {
        if (Lines.Length == 0 && checkpoint == Checkpoint) return;
        if (checkpoint.Length > MaximumCheckpoint) throw LoggingErrors.TooManyLogFiles(stream);
        var batch = new LogBatch(stream, Lines.Memory) { ReceivedTime = time.GetUtcNow(), TimeReference = TimeReference, Format = Format, MultiLine = MultiLine, Zone = Zone, ClockOffset = ClockOffset, Checkpoint = checkpoint };
        await sink.AppendAsync(batch, cancellationToken).ConfigureAwait(false);
        Kept = (Kept.Lines + Lines.Lines, Kept.Bytes + Lines.Length);
        Checkpoint = checkpoint;
        Lines.Clear();
    }

    public void Dispose() => Lines.Dispose();

    // What a sink takes at the most.
    private const int MaximumCheckpoint = 64 * 1024;
}
