namespace ProdOps;

/// <summary>What one check of one server came to.</summary>
public sealed record HealthCheckResult
{
    /// <summary>The server, or what was checked in its place: a URL, a host and port.</summary>
    public string Server { get; init; } = "";

    /// <summary>The check, e.g. <c>disk.used</c>, <c>service</c>, <c>http</c>.</summary>
    public string Check { get; init; } = "";

    /// <summary>Which of several it is, e.g. <c>/var</c> or <c>nginx.service</c>; <see langword="null"/> where there is only one.</summary>
    public string? Instance { get; init; }

    /// <summary>How it is.</summary>
    public HealthState State { get; init; }

    /// <summary>The value, in <see cref="Unit"/>; <see langword="null"/> for a check that has none.</summary>
    public double? Value { get; init; }

    /// <summary>The unit: <c>%</c>, <c>B</c>, <c>B/s</c>, <c>s</c>, <c>/s</c>, <c>°C</c>, or empty for a count.</summary>
    public string Unit { get; init; } = "";

    /// <summary>From where on it is a warning, as a person reads it, e.g. <c>&gt; 85 %</c>; empty without one.</summary>
    public string Warning { get; init; } = "";

    /// <summary>From where on it is critical, as a person reads it; empty without one.</summary>
    public string Critical { get; init; } = "";

    /// <summary>What is the matter, in one line.</summary>
    public string Message { get; init; } = "";

    /// <summary>What a plugin or script printed beside it; empty otherwise.</summary>
    public string Output { get; init; } = "";

    /// <summary>Values that came with it, such as a plugin's performance data.</summary>
    public IReadOnlyList<MetricSample> Metrics { get; init => field = Indexable.Of(value); } = [];

    /// <summary>When it was checked, by this machine's clock.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The check, and which of several: <c>disk.used /var</c>.</summary>
    /// <returns>Name and instance.</returns>
    public override string ToString() => Instance is null ? Check : $"{Check} {Instance}";
}
