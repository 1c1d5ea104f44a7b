namespace ProdOps;

/// <summary>How many log entries there are in a time and of a group, and what a field of theirs measures.</summary>
public sealed record LogMeasure
{
    /// <summary>When the interval begins; <see langword="null"/> without intervals.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>How long the interval is; <see langword="null"/> without intervals.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>The group's name: the values of the fields that make it, with commas between.</summary>
    public string Name { get; init; } = "";

    /// <summary>The group: values by the fields that make it. A field that entries do not have is <see langword="null"/>.</summary>
    public IReadOnlyDictionary<string, object?> Group { get; init; } = new Dictionary<string, object?>();

    /// <summary>How many entries.</summary>
    public long Count { get; init; }

    /// <summary>The count as a share of the largest one: how long the bar is. 0 to 1.</summary>
    public double Share { get; init; }

    /// <summary>The field that was measured, or <see langword="null"/>.</summary>
    public string? Property { get; init; }

    /// <summary>How many entries have a number in that field.</summary>
    public long? Measured { get; init; }

    /// <summary>The numbers' sum. Durations are in seconds.</summary>
    public double? Sum { get; init; }

    /// <summary>Their average.</summary>
    public double? Average { get; init; }

    /// <summary>The least.</summary>
    public double? Minimum { get; init; }

    /// <summary>The greatest.</summary>
    public double? Maximum { get; init; }

    /// <summary>Half of them are at most this (the median), to within 1 %.</summary>
    public double? Percentile50 { get; init; }

    /// <summary>95 of a hundred are at most this, to within 1 %.</summary>
    public double? Percentile95 { get; init; }

    /// <summary>99 of a hundred are at most this, to within 1 %.</summary>
    public double? Percentile99 { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Count}".Trim();
}
