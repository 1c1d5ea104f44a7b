namespace ProdOps.Monitoring.Store;

/// <summary>Which samples are wanted. Patterns are PowerShell's wildcards; case does not count.</summary>
internal sealed record MetricQuery
{
    public string Server { get; init; } = "*";

    public string Metric { get; init; } = "*";

    /// <summary><see langword="null"/> for any, and for series without one.</summary>
    public string? Instance { get; init; }

    public required DateTimeOffset From { get; init; }

    /// <summary>A sample of this very moment is not wanted any more.</summary>
    public required DateTimeOffset To { get; init; }

    public MetricResolution Resolution { get; init; }

    /// <summary>What is given of a roll-up; samples are given as they are.</summary>
    public MetricFunction Function { get; init; }
}

/// <summary>What became of a round of samples.</summary>
/// <param name="Stored">How many were kept. Of two of the same series and moment the later counts.</param>
/// <param name="TooOld">How many were older than the samples that are still kept.</param>
/// <param name="Ahead">How many were from the future.</param>
/// <param name="NotNumbers">How many had no finite value.</param>
internal readonly record struct AppendResult(int Stored, int TooOld, int Ahead, int NotNumbers);

/// <summary>What sealing did.</summary>
/// <param name="Hours">How many hours were touched.</param>
/// <param name="Samples">How many samples went into chunks.</param>
internal readonly record struct SealResult(int Hours, long Samples);

/// <summary>What a store holds.</summary>
internal sealed record StoreFacts
{
    public required string Path { get; init; }

    /// <summary>What it takes on the disk, in bytes.</summary>
    public required long Size { get; init; }

    public required long Series { get; init; }

    /// <summary>Samples that are kept one by one.</summary>
    public required long Samples { get; init; }

    /// <summary>What a sample takes in a chunk; 0 if none is sealed yet.</summary>
    public required double BytesPerSample { get; init; }

    /// <summary>The first moment of which something is known, also if only a roll-up.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>The first hour of which samples are kept one by one.</summary>
    public DateTimeOffset? OldestSample { get; init; }

    public DateTimeOffset? Newest { get; init; }

    public required long Events { get; init; }

    /// <summary>How many chunks were found damaged and set aside.</summary>
    public required long DamagedChunks { get; init; }
}
