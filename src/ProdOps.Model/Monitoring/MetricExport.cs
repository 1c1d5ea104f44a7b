namespace ProdOps;

/// <summary>What Export-Metric wrote.</summary>
public sealed record MetricExport
{
    /// <summary>The file.</summary>
    public string Path { get; init; } = "";

    /// <summary>How it is written.</summary>
    public MetricExportFormat Format { get; init; }

    /// <summary>How many series.</summary>
    public int Series { get; init; }

    /// <summary>How many samples.</summary>
    public long Samples { get; init; }

    /// <summary>How many bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>The time of the earliest sample.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The time of the latest sample.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The file.</summary>
    /// <returns><see cref="Path"/>.</returns>
    public override string ToString() => Path;
}

/// <summary>How Export-Metric writes samples.</summary>
public enum MetricExportFormat
{
    /// <summary>OpenMetrics text, which Prometheus and node_exporter's textfile collector read.</summary>
    OpenMetrics,

    /// <summary>A line a sample, with commas between, as RFC 4180 has it.</summary>
    Csv,

    /// <summary>A JSON object a line: time, server, name, instance, value, unit.</summary>
    Json,

    /// <summary>A JSON object a line and series, as VictoriaMetrics imports it.</summary>
    VictoriaMetrics,
}
