using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Exporting;

/// <summary>What a rule looks for, as PromQL over metrics as they are exported; or why that language cannot say it.</summary>
/// <param name="rules">All rules that hold on the same servers, by name, for those that are about others.</param>
/// <param name="servers">The servers that it is for; none for all.</param>
internal sealed class RuleExpression(ILookup<string, HealthRule> rules, IReadOnlyList<string> servers)
{
    // Prometheus takes a value for gone after five minutes: what is measured more rarely is looked for in its last rounds.
    private static readonly TimeSpan Lookback = TimeSpan.FromMinutes(2);

    /// <summary>The expression that has a value for each series that is so bad; or <see langword="null"/>, where the rule has no such threshold.</summary>
    /// <exception cref="NotSupportedException">It cannot be said; the message says why.</exception>
    public string? Of(HealthRule rule, HealthState severity)
    {
        if (rule.All.Count > 0) return Combine(rule.All, severity, " and on (server) ");
        if (rule.Any.Count > 0) return Combine(rule.Any, severity, " or on (server) ");
        var threshold = severity == HealthState.Critical ? rule.Critical : rule.Warning;
        if (threshold is null) return null;
        if (rule.Metric is not { } metric) throw new NotSupportedException("it takes the verdict of a check, which is no metric");
        return rule.Function == HealthFunction.Forecast ? Forecast(rule, metric, threshold) : $"{Value(rule, metric)} {Sign(threshold.Comparison)} {PromQl.Number(Scaled(rule, metric, threshold.Value))}";
    }

    private static string Value(HealthRule rule, Func<string> selector, string window) => rule.Function switch
    {
        HealthFunction.Last => rule.Interval > Lookback ? $"last_over_time({selector()}[{PromQl.Duration(2.5 * rule.Interval)}])" : selector(),
        HealthFunction.Average => $"avg_over_time({selector()}[{window}])",
        HealthFunction.Minimum => $"min_over_time({selector()}[{window}])",
        HealthFunction.Maximum => $"max_over_time({selector()}[{window}])",
        HealthFunction.Percentile => $"quantile_over_time({PromQl.Number(rule.Percentile / 100)}, {selector()}[{window}])",
        HealthFunction.Delta => $"delta({selector()}[{window}])",
        HealthFunction.Increase => $"increase({selector()}[{window}])",
        HealthFunction.Rate => $"rate({selector()}[{window}])",
        HealthFunction.Count => $"sum_over_time(({selector()} != bool 0)[{window}:{PromQl.Duration(rule.Interval)}])",
        _ => throw new NotSupportedException($"{rule.Function} compares with what is usual at this hour of the week, which only the monitor knows"),
    };

    private string Value(HealthRule rule, string metric) => Value(rule, () => Selector(rule, metric), PromQl.Duration(rule.Window));

    /// <summary>A value that goes on as a straight line is beyond the limit by then; from which side it comes is where it is now.</summary>
    private string Forecast(HealthRule rule, string metric, HealthThreshold threshold)
    {
        if (threshold.Comparison is not (HealthComparison.Below or HealthComparison.AtMost)) throw new NotSupportedException("it is bad when something lies far in the future");
        string selector = Selector(rule, metric), then = $"predict_linear({selector}[{PromQl.Duration(rule.Window)}], {PromQl.Number(threshold.Value)})", limit = PromQl.Number(Scaled(rule, metric, rule.Limit ?? 0));
        bool isShare = MetricCatalog.Find(metric)?.Unit == "%";
        string up = $"{then} >= {limit} and {selector} < {limit}", down = $"{then} <= {limit} and {selector} > {limit}";
        return isShare && rule.Limit >= 100 ? up : isShare && rule.Limit <= 0 ? down : $"({up}) or ({down})";
    }

    /// <summary>As bad as the best of all, or the worst of any: those that have no such threshold count by the other one.</summary>
    private string Combine(IReadOnlyList<string> names, HealthState severity, string operation)
    {
        var parts = new List<string>();
        foreach (string name in names)
        {
            if (!rules[name].Any()) throw new NotSupportedException($"'{name}', which it is about, does not hold on the same servers");
            if (rules[name].Any(static rule => rule.All.Count + rule.Any.Count > 0)) throw new NotSupportedException($"'{name}', which it is about, is itself about other rules");
            // Of a name there are several where some are for some instances: it is as bad as the worst of them.
            string part = string.Join(" or on (server) ", rules[name].Select(rule => Of(rule, severity) ?? (severity == HealthState.Warning ? Of(rule, HealthState.Critical) : null)).OfType<string>().Select(static one => $"max by (server) ({one})"));
            // A rule that never gets so bad leaves nothing to All, and nothing to add to Any.
            if (part.Length > 0) parts.Add(rules[name].Skip(1).Any() ? $"({part})" : part);
            else if (operation.StartsWith(" and", StringComparison.Ordinal)) return "";
        }

        return string.Join(operation, parts);
    }

    private string Selector(HealthRule rule, string metric)
    {
        var info = MetricCatalog.Find(metric);
        var matchers = new List<string>();
        string instance = info is null ? ExportNames.AnyInstance : ExportNames.InstanceLabel(metric);
        if (info is null) matchers.Add(PromQl.AnyOf(ExportNames.MetricLabel, [metric]));
        if (servers.Count > 0) matchers.Add(PromQl.AnyOf("server", servers));
        // A rule that names instances does not look at what has none.
        if (rule.Instances.Count > 0) matchers.AddRange([$"{instance}=~{PromQl.Quote(string.Join('|', rule.Instances.Select(PromQl.Pattern)))}", $"{instance}!=\"\""]);
        if (rule.ExceptInstances.Count > 0) matchers.Add($"{instance}!~{PromQl.Quote(string.Join('|', rule.ExceptInstances.Select(PromQl.Pattern)))}");
        string name = info is null ? "" : ExportNames.Family(info.Name, info.Unit);
        return matchers.Count == 0 ? name : $"{name}{{{string.Join(',', matchers)}}}";
    }

    // Of what is counted in days here, seconds are exported.
    private static double Scaled(HealthRule rule, string metric, double value) =>
        rule.Function == HealthFunction.Count || MetricCatalog.Find(metric) is not { } info ? value : value * ExportNames.Factor(new SeriesRow(0, "", info.Name, null, info.Unit));

    private static string Sign(HealthComparison comparison) => comparison switch { HealthComparison.Above => ">", HealthComparison.AtLeast => ">=", HealthComparison.Below => "<", _ => "<=" };
}
