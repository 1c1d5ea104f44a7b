namespace ProdOps;

/// <summary>When a metric reaches a limit if it goes on as it did.</summary>
public sealed record MetricForecast
{
    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <summary>The metric.</summary>
    public string Name { get; init; } = "";

    /// <summary>Which of several; <see langword="null"/> where there is only one.</summary>
    public string? Instance { get; init; }

    /// <summary>The unit of values.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The newest value; not a number where there is none.</summary>
    public double Current { get; init; }

    /// <summary>The limit.</summary>
    public double Threshold { get; init; }

    /// <summary>How much it changes a day.</summary>
    public double PerDay { get; init; }

    /// <summary>When it reaches the limit; <see langword="null"/>: not if it goes on like this.</summary>
    public DateTimeOffset? Reached { get; init; }

    /// <summary>The earliest moment that is likely (95 %).</summary>
    public DateTimeOffset? Earliest { get; init; }

    /// <summary>The latest moment that is likely (95 %); <see langword="null"/>: it may as well never get there.</summary>
    public DateTimeOffset? Latest { get; init; }

    /// <summary>How well a straight line describes what was measured, 0 to 1 (the coefficient of determination).</summary>
    public double Fit { get; init; }

    /// <summary>How sure it is, in a word.</summary>
    public ForecastConfidence Confidence { get; init; }

    /// <summary>The first moment that was looked at.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>The last moment that was looked at.</summary>
    public DateTimeOffset To { get; init; }

    /// <summary>How many values were looked at.</summary>
    public int Samples { get; init; }

    /// <summary>Why there is no forecast, or what to know about it; empty where there is nothing to say.</summary>
    public string Message { get; init; } = "";

    /// <summary>What is forecast: <c>disk.used /var</c>.</summary>
    /// <returns>Name and instance.</returns>
    public override string ToString() => Instance is null ? Name : $"{Name} {Instance}";
}

/// <summary>How sure a forecast is.</summary>
public enum ForecastConfidence
{
    /// <summary>There is too little to go by.</summary>
    None,

    /// <summary>What was measured is far from a line, or short.</summary>
    Low,

    /// <summary>It is near a line.</summary>
    Medium,

    /// <summary>It is a line over most of the time that was looked at.</summary>
    High,
}
