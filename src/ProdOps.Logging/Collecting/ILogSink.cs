namespace ProdOps.Logging.Collecting;

/// <summary>Where lines go that were collected or received: the store, or an engine elsewhere. Any thread may call it.</summary>
internal interface ILogSink
{
    /// <summary>
    /// Keeps lines for good. When it returns they, and the checkpoint with them, survive a power cut; when it fails neither is kept, and the same batch may be handed in again.
    /// Batches of one server and source are kept in the order in which they were handed in.
    /// </summary>
    /// <exception cref="ProdOpsException">They could not be kept: the disk is full, the engine refuses.</exception>
    Task AppendAsync(LogBatch batch, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps others, of this process and of any other, from collecting the same server and source until the result is disposed (or the process has ended, however it did).
    /// Who reads a checkpoint, and appends what follows from it, holds the lock from before the reading to after the last append.
    /// </summary>
    /// <exception cref="ProdOpsException">Somebody else holds it (kind <see cref="ErrorKind.ResourceBusy"/>). It does not wait.</exception>
    Task<IAsyncDisposable> LockAsync(LogStream stream, CancellationToken cancellationToken);

    /// <summary>The checkpoint of the newest batch kept for a server and source, or <see langword="null"/>.</summary>
    Task<string?> GetCheckpointAsync(LogStream stream, CancellationToken cancellationToken);
}

/// <summary>What lines belong to: a server and a source on it.</summary>
/// <param name="Server">The server's name.</param>
/// <param name="Source">The source's name.</param>
internal readonly record struct LogStream(string Server, string Source)
{
    public override string ToString() => $"{Server}/{Source}";
}

/// <summary>Lines that are kept together or not at all.</summary>
/// <param name="Stream">What they belong to.</param>
/// <param name="Lines">Whole lines, each ended by a line feed. The memory is the caller's again when the call is over. Empty to keep the checkpoint only.</param>
internal sealed record LogBatch(LogStream Stream, ReadOnlyMemory<byte> Lines)
{
    /// <summary>When they came here.</summary>
    public required DateTimeOffset ReceivedTime { get; init; }

    /// <summary>What completes times that leave out the year: no line is from later. <see langword="null"/> is <see cref="ReceivedTime"/>; of an old file its last change.</summary>
    public DateTimeOffset? TimeReference { get; init; }

    /// <summary>The name of their format, or <see langword="null"/> to find it by content when the source's first lines come.</summary>
    public string? Format { get; init; }

    /// <summary>Which lines begin an entry: <c>None</c> for each, or a regular expression that is found in those; <see langword="null"/> or <c>Auto</c> for what the format says.</summary>
    public string? MultiLine { get; init; }

    /// <summary>The server's time zone, for times that leave it out; <see langword="null"/> is UTC.</summary>
    public TimeZoneInfo? Zone { get; init; }

    /// <summary>Where reading goes on after these lines, in the collector's own words (at most 64 KiB); <see langword="null"/> leaves what was there.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>How far the server's clock is ahead of this machine's, if it was measured.</summary>
    public TimeSpan? ClockOffset { get; init; }
}
