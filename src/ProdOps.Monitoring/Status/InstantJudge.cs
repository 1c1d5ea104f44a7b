using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Monitoring.Rules;

namespace ProdOps.Monitoring.Status;

/// <summary>
/// What rules say of one moment. What a rule makes of its window is taken for the value of this moment; rules about change need history and are left to the monitor. Nothing is waited for.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="rules">The rules that apply to it.</param>
/// <param name="report">What it answered, for what messages name.</param>
/// <param name="time">When.</param>
internal sealed class InstantJudge(string server, IReadOnlyList<(HealthRule Rule, Grading? Grading)> rules, ProbeReport report, DateTimeOffset time)
{
    // Every server has these; that one cannot be read is worth knowing.
    private static readonly string[] Essential = ["cpu.busy", "memory.available", "disk.used"];

    /// <summary>The results of all rules about a measurement.</summary>
    public IEnumerable<HealthCheckResult> Judge(Measurement measured)
    {
        foreach (var (rule, grading) in rules)
        {
            if (grading is null || !measured.Metric.Equals(rule.Metric, StringComparison.OrdinalIgnoreCase) || !RuleSet.Covers(rule, measured.Instance) || !IsOfTheMoment(rule.Function)) continue;
            string unit = MetricCatalog.UnitOf(measured.Metric);
            yield return new HealthCheckResult
            {
                Server = server,
                Check = rule.Name,
                Instance = measured.Instance,
                State = grading.Grade(measured.Value, HealthState.OK),
                Value = measured.Value,
                Unit = unit,
                Warning = rule.Warning?.ToString() ?? "",
                Critical = rule.Critical?.ToString() ?? "",
                Message = ProblemText.Of(measured, unit, report),
                Time = time,
            };
        }
    }

    /// <summary>A result for each rule whose metric every server has, and that could not be measured.</summary>
    public IEnumerable<HealthCheckResult> Missing(IReadOnlyList<Measurement> measured) =>
        from entry in rules.DistinctBy(static entry => entry.Rule.Name)
        where Essential.Contains(entry.Rule.Metric) && IsOfTheMoment(entry.Rule.Function) && measured.All(value => value.Metric != entry.Rule.Metric)
        select new HealthCheckResult { Server = server, Check = entry.Rule.Name, State = HealthState.Unknown, Message = "the server does not tell, or not in a way that is understood", Time = time };

    private static bool IsOfTheMoment(HealthFunction function) =>
        function is HealthFunction.Last or HealthFunction.Average or HealthFunction.Minimum or HealthFunction.Maximum or HealthFunction.Percentile;
}
