namespace ProdOps;

/// <summary>A log that a server has, and how far it is collected. Sizes are bytes.</summary>
public sealed record LogSource
{
    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <summary>The source's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>What sort of source it is.</summary>
    public LogSourceKind Kind { get; init; }

    /// <summary>The logs' paths, without their rotated files; the units of a journal; a command.</summary>
    public IReadOnlyList<string> Path { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The format of its lines: what the environment says, else what was found by content; <see langword="null"/> where nothing tells.</summary>
    public string? Format { get; init; }

    /// <summary>How large its files are, rotated ones included; <see langword="null"/> for a journal or a command.</summary>
    public long? Size { get; init; }

    /// <summary>When it was last written to.</summary>
    public DateTimeOffset? NewestTime { get; init; }

    /// <summary>Whether the login user may read it.</summary>
    public bool IsReadable { get; init; } = true;

    /// <summary>Whether the store has lines of it.</summary>
    public bool IsCollected { get; init; }

    /// <summary>How many bytes are not collected yet, packed files as large as they are; <see langword="null"/> for a journal or a command.</summary>
    public long? Behind { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Server}/{Name}";
}
