namespace ProdOps;

/// <summary>What Import-Log brought in of one log and its rotated files. Sizes are bytes.</summary>
public sealed record LogImport
{
    /// <summary>The log's path.</summary>
    public string Path { get; init; } = "";

    /// <summary>The server that the lines are said to be of.</summary>
    public string Server { get; init; } = "";

    /// <summary>The source that they are now.</summary>
    public string Source { get; init; } = "";

    /// <summary>How many files were read.</summary>
    public int Files { get; init; }

    /// <summary>How many lines came new.</summary>
    public long Lines { get; init; }

    /// <summary>How many bytes came new.</summary>
    public long Bytes { get; init; }

    /// <summary>How many bytes had been brought in before.</summary>
    public long KnownBytes { get; init; }

    /// <summary>How many lines were longer than 1 MiB and were cut.</summary>
    public long CutLines { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Server}/{Source}";
}
