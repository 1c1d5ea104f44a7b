using ProdOps.Monitoring.Metrics;

namespace ProdOps.Monitoring.Checks;

/// <summary>What the results of a check are called.</summary>
/// <param name="Server">The server that they are of, or what is looked at in its place.</param>
/// <param name="Check">The check.</param>
/// <param name="Instance">Which of several; <see langword="null"/> where there is only one.</param>
internal sealed record CheckSubject(string Server, string Check, string? Instance = null)
{
    /// <summary>A result that says nothing yet.</summary>
    public HealthCheckResult Blank(DateTimeOffset time) => new() { Server = Server, Check = Check, Instance = Instance, State = HealthState.Unknown, Time = time };

    /// <summary>
    /// A value that was measured. Two checks of one server may measure the same, so what tells the series apart is the check, where the instance does not.
    /// </summary>
    public MetricSample Sample(string metric, double value, DateTimeOffset time, string? instance = null) =>
        new() { Server = Server, Name = metric, Instance = instance is null ? Instance ?? Check : $"{Instance ?? Check} {instance}", Value = value, Unit = MetricCatalog.UnitOf(metric), Time = time };
}
