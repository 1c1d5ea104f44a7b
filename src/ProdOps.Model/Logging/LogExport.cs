namespace ProdOps;

/// <summary>What Export-Log wrote.</summary>
public sealed record LogExport
{
    /// <summary>The file, or the engine's address.</summary>
    public string Path { get; init; } = "";

    /// <summary>How many entries.</summary>
    public long Entries { get; init; }

    /// <summary>How many bytes, before compression.</summary>
    public long Bytes { get; init; }

    /// <summary>The time of the earliest entry.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The time of the latest entry.</summary>
    public DateTimeOffset? To { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>How Export-Log writes entries.</summary>
public enum LogExportFormat
{
    /// <summary>The lines as they were written, byte for byte.</summary>
    Raw,

    /// <summary>A JSON object a line: time, server, source, level, message, fields, raw.</summary>
    Json,
}
