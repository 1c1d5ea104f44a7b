namespace ProdOps.Logging.Searching;

/// <summary>What answers queries: the store here, or an engine elsewhere. Whatever answers, the same query gives the same objects.</summary>
internal interface ILogSearch
{
    /// <summary>What is found, in the order of time.</summary>
    IAsyncEnumerable<IReadOnlyList<LogEntry>> SearchAsync(LogQuery query, CancellationToken cancellationToken);

    /// <summary>How many entries are found.</summary>
    Task<long> CountAsync(LogQuery query, CancellationToken cancellationToken);

    /// <summary>Counts, and measures of a field, of what is found, by time and by fields; in the order of time, and then the most frequent first.</summary>
    Task<IReadOnlyList<LogMeasure>> MeasureAsync(LogQuery query, MeasureOptions options, CancellationToken cancellationToken);

    /// <summary>What is found among lines that come from now on, as they come. It ends only when it is cancelled.</summary>
    IAsyncEnumerable<IReadOnlyList<LogEntry>> WatchAsync(LogQuery query, CancellationToken cancellationToken);
}

/// <summary>How entries are counted.</summary>
internal sealed record MeasureOptions
{
    /// <summary>Fields whose values make groups of their own: Server, Source, Level, Status…</summary>
    public IReadOnlyList<string> By { get; init; } = [];

    /// <summary>The length of the intervals; <see langword="null"/> for one over all.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>A field that is measured: numbers, and durations in seconds.</summary>
    public string? Property { get; init; }

    /// <summary>Only the most frequent groups; the others are one together.</summary>
    public int? Top { get; init; }
}
