namespace ProdOps.Logging.Collecting;

/// <summary>How logs are collected.</summary>
internal sealed record CollectOptions
{
    /// <summary>How far back a log that was never collected is read: rotated files that were written to since, entries of a journal. The log itself is read from its beginning.</summary>
    public TimeSpan FirstWindow { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Read all sources as root by sudo, whatever they say.</summary>
    public bool AsRoot { get; init; }

    /// <summary>Names or wildcards of sources; none is all.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>How far a server's clock may be off before it is told about; <see langword="null"/> for as far as it likes.</summary>
    public TimeSpan? ClockSkewLimit { get; init; }

    /// <summary>Measure the server's clock beside.</summary>
    public bool MeasuresClock { get; init; } = true;
}
