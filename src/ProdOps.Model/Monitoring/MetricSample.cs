namespace ProdOps;

/// <summary>One value of one metric at one moment.</summary>
public sealed record MetricSample
{
    /// <summary>The server it was measured on.</summary>
    public string Server { get; init; } = "";

    /// <summary>The metric, e.g. <c>disk.used</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Which of several it is, e.g. <c>/var</c> or <c>eth0</c>; <see langword="null"/> where there is only one.</summary>
    public string? Instance { get; init; }

    /// <summary>The value, in <see cref="Unit"/>.</summary>
    public double Value { get; init; }

    /// <summary>The unit: <c>%</c>, <c>B</c>, <c>B/s</c>, <c>s</c>, <c>/s</c>, <c>°C</c>, or empty for a count.</summary>
    public string Unit { get; init; } = "";

    /// <summary>When it was measured, by this machine's clock.</summary>
    public DateTimeOffset Time { get; init; }
}
