namespace ProdOps.Monitoring.Metrics;

/// <summary>A value as it was just measured, before it is known of which server and when: <c>disk.used</c> of <c>/var</c> is 71.2.</summary>
/// <param name="Metric">A name of <see cref="MetricCatalog"/>, or of a plugin's own making.</param>
/// <param name="Instance">Which of several, or <see langword="null"/>.</param>
/// <param name="Value">In the metric's unit. Never NaN or infinite: what could not be measured is left out.</param>
internal readonly record struct Measurement(string Metric, string? Instance, double Value);
