namespace ProdOps;

/// <summary>The history of one metric of one server, over a time.</summary>
public sealed record MetricSeries
{
    /// <summary>The server it was measured on.</summary>
    public string Server { get; init; } = "";

    /// <summary>The metric, e.g. <c>disk.used</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Which of several it is, e.g. <c>/var</c> or <c>eth0</c>; <see langword="null"/> where there is only one.</summary>
    public string? Instance { get; init; }

    /// <summary>The unit of values: <c>%</c>, <c>B</c>, <c>B/s</c>, <c>s</c>, <c>/s</c>, <c>°C</c>, or empty for a count.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The newest value of the time.</summary>
    public double Current { get; init; }

    /// <summary>The least that was measured.</summary>
    public double Minimum { get; init; }

    /// <summary>The mean of all that was measured.</summary>
    public double Average { get; init; }

    /// <summary>The greatest that was measured.</summary>
    public double Maximum { get; init; }

    /// <summary>The beginning of the time that was asked for.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>The end of the time that was asked for.</summary>
    public DateTimeOffset To { get; init; }

    /// <summary>How many values were measured in it: <see cref="Samples"/> are fewer where one stands for five minutes or an hour.</summary>
    public long Count { get; init; }

    /// <summary>The values, in the order of time.</summary>
    public IReadOnlyList<MetricSample> Samples { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The metric, and which of several: <c>disk.used /var</c>.</summary>
    /// <returns>Name and instance.</returns>
    public override string ToString() => Instance is null ? Name : $"{Name} {Instance}";
}
