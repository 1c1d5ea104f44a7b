using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Rules;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>The units of what rules compare.</summary>
internal static class RuleUnits
{
    /// <summary>By a rule's name; empty for one that compares none.</summary>
    /// <param name="environment">The environment whose rules they are, as far as it can be read.</param>
    public static Func<string, string> Of(ProdOpsEnvironment? environment)
    {
        var units = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var rule in RuleBook.All(environment))
        {
            // A threshold says best in what a rule's result is: of a rate or a forecast that is not the metric's unit.
            units[rule.Name] = (rule.Critical ?? rule.Warning)?.Unit is { Length: > 0 } unit ? unit : rule.Metric is { } metric && rule.Function is not (HealthFunction.Baseline or HealthFunction.Forecast or HealthFunction.Count) ? MetricCatalog.UnitOf(metric) : "";
        }

        return name => units.GetValueOrDefault(name, "");
    }
}
