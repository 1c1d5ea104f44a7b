namespace ProdOps;

/// <summary>What a log store has of one source of one server. Sizes are bytes.</summary>
public sealed record LogStoreSource
{
    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <summary>The source.</summary>
    public string Source { get; init; } = "";

    /// <summary>The format that its lines are read by.</summary>
    public string Format { get; init; } = "";

    /// <summary>How many entries there are.</summary>
    public long Entries { get; init; }

    /// <summary>How large the lines are.</summary>
    public long Size { get; init; }

    /// <summary>How large they are on disk, compressed.</summary>
    public long StoredSize { get; init; }

    /// <summary>How large the indexes are.</summary>
    public long IndexSize { get; init; }

    /// <summary>The lines' size, divided by what they take on disk with the index.</summary>
    public double Ratio { get; init; }

    /// <summary>The time of the earliest entry.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The time of the latest entry.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>When the last lines came.</summary>
    public DateTimeOffset? Received { get; init; }

    /// <summary>How many files the lines are in.</summary>
    public int Segments { get; init; }

    /// <summary>How many of them are packed for good.</summary>
    public int SealedSegments { get; init; }

    /// <summary>What must not be removed of it.</summary>
    public IReadOnlyList<LogHold> Holds { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The folder of the files.</summary>
    public string Path { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Server}/{Source}";
}

/// <summary>Entries of a source that nothing removes while this stands.</summary>
public sealed record LogHold
{
    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <summary>The source.</summary>
    public string Source { get; init; } = "";

    /// <summary>Why they are held.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Since when.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Entries of this moment or later are held; <see langword="null"/> for all earlier ones too.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>Entries before this moment are held; <see langword="null"/> for all later ones too.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Reason;
}
