namespace ProdOps.Monitoring.Metrics;

/// <summary>What a metric is.</summary>
/// <param name="Name">Lower case words with dots between them, the general first: <c>disk.used</c>.</param>
/// <param name="Unit"><c>%</c>, <c>B</c>, <c>B/s</c>, <c>s</c>, <c>/s</c>, <c>°C</c>, or empty for a count.</param>
/// <param name="Description">One sentence, with what an instance is where there are several.</param>
internal sealed record MetricInfo(string Name, string Unit, string Description)
{
    /// <summary>What an instance is called: <c>mount</c>, <c>device</c>, <c>interface</c>, <c>unit</c>, <c>sensor</c>, <c>check</c>; <see langword="null"/> where there is only one value a server.</summary>
    public string? InstanceOf { get; init; }
}
