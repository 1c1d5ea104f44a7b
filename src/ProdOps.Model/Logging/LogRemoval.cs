namespace ProdOps;

/// <summary>A segment of a log store that was removed, or would be.</summary>
public sealed record LogRemoval
{
    /// <summary>The server that its lines are of.</summary>
    public string Server { get; init; } = "";

    /// <summary>The source that they are of.</summary>
    public string Source { get; init; } = "";

    /// <summary>The time of its earliest entry.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>The time of its latest entry.</summary>
    public DateTimeOffset To { get; init; }

    /// <summary>How many entries it has.</summary>
    public long Entries { get; init; }

    /// <summary>How many bytes it takes on disk, with its index.</summary>
    public long StoredSize { get; init; }

    /// <summary>Why it goes.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The segment's file.</summary>
    public string Path { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Path;
}
