namespace ProdOps;

/// <summary>What Sync-Log collected from one source of a server. Sizes are bytes.</summary>
public sealed record LogSyncResult
{
    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <summary>The source on it.</summary>
    public string Source { get; init; } = "";

    /// <summary>What sort of source it is.</summary>
    public LogSourceKind Kind { get; init; }

    /// <summary>How many files lines were read from; of a journal or a command 1 where there were lines.</summary>
    public int Files { get; init; }

    /// <summary>How many lines are in the store now that were not before.</summary>
    public long Lines { get; init; }

    /// <summary>How many bytes these lines have.</summary>
    public long Bytes { get; init; }

    /// <summary>How many bytes the server sent for them: compressed, where it has a compressor, and with what was said around them.</summary>
    public long BytesTransferred { get; init; }

    /// <summary>How many times lines were found to be gone before they were collected.</summary>
    public int Gaps { get; init; }

    /// <summary>How many bytes are gone at the least; 0 where nothing tells.</summary>
    public long GapBytes { get; init; }

    /// <summary>How many rotations were followed.</summary>
    public int Rotations { get; init; }

    /// <summary>How many lines were longer than 1 MiB and were cut.</summary>
    public long CutLines { get; init; }

    /// <summary>How many bytes are there still that were not collected: a line that has no end yet. With <c>-WhatIf</c>, what would be read.</summary>
    public long Behind { get; init; }

    /// <summary>How far the server's clock is ahead of this machine's; <see langword="null"/> where it was not measured.</summary>
    public TimeSpan? ClockOffset { get; init; }

    /// <summary>How long the server's round took until this source was done.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Server}/{Source}";
}

/// <summary>A sort of log source.</summary>
public enum LogSourceKind
{
    /// <summary>Files.</summary>
    File,

    /// <summary>systemd's journal.</summary>
    Journal,

    /// <summary>The output of a command.</summary>
    Command,
}
