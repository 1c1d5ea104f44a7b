using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Collecting.Files;

/// <summary>The files of a server, as far as collecting needs them.</summary>
internal interface IServerFiles
{
    /// <summary>Looks at what patterns match, rotated files included.</summary>
    Task<ServerFacts> ProbeAsync(IReadOnlyList<string> patterns, CancellationToken cancellationToken);

    /// <summary>Looks into files. The answer has one for each wish: nothing for a file that vanished meanwhile, no bytes for one that cannot be read.</summary>
    Task<IReadOnlyList<ContentFact?>> LookAsync(IReadOnlyList<ContentWish> wishes, CancellationToken cancellationToken);

    /// <summary>Reads stretches of files one after the other.</summary>
    Task ReadAsync(IReadOnlyList<ReadStep> steps, IReadTarget target, CancellationToken cancellationToken);
}

/// <summary>What a look at a server tells.</summary>
/// <param name="Now">Its clock, in microseconds since 1970.</param>
/// <param name="Files">The files.</param>
internal sealed record ServerFacts(long Now, IReadOnlyList<FileFact> Files)
{
    /// <summary>Whether the files had the same names at the beginning and at the end of the look.</summary>
    public bool IsSteady { get; init; } = true;

    /// <summary>Paths that were of other files, or of none, at the end of the look: what was renamed meanwhile may be in the list nowhere.</summary>
    public IReadOnlySet<string> Unsteady { get; init; } = new HashSet<string>();

    /// <summary>Its time zone.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Which compressors it has: <c>zstd</c>, <c>gzip</c>.</summary>
    public IReadOnlySet<string> Tools { get; init; } = new HashSet<string>();

    /// <summary>Whether systemd's journal runs there.</summary>
    public bool HasJournal { get; init; }
}

/// <summary>Takes what is read. For each step that is read: a beginning, bytes, an end, in the steps' order.</summary>
internal interface IReadTarget
{
    /// <summary>Whether a step's bytes are wanted still.</summary>
    bool Wants(int step);

    /// <summary>The file is open and has the identity it should have.</summary>
    /// <param name="step">The index of the step.</param>
    /// <param name="head">Its first bytes, as many as the step's mark has hashes of, or as are known of it.</param>
    void Begin(int step, ReadOnlySpan<byte> head);

    /// <summary>The file's bytes, in order, beginning before the mark's offset by as many bytes as it has hashes of.</summary>
    Task TakeAsync(int step, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>There is no more of it.</summary>
    Task EndAsync(int step, ReadEnd end, CancellationToken cancellationToken);
}

/// <summary>How reading a stretch ended.</summary>
internal enum ReadEnd : byte
{
    /// <summary>All of it was read.</summary>
    Complete,

    /// <summary>The file is not there any more, is another one, or became shorter meanwhile. What was taken is right.</summary>
    Changed,

    /// <summary>It may not be read.</summary>
    Denied,

    /// <summary>It cannot be unpacked: it is damaged.</summary>
    Damaged,

    /// <summary>The server has no program that unpacks it.</summary>
    NoTool,
}
