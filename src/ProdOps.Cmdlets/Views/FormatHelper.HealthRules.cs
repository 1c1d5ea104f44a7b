using ProdOps.Logging.Formats;

namespace ProdOps.Cmdlets;

/// <summary>How rules are shown.</summary>
public static partial class FormatHelper
{
    /// <summary>What a rule looks at: <c>disk.used</c>, <c>average of cpu.busy, 10 min</c>, <c>check http*</c>.</summary>
    /// <param name="rule">A rule.</param>
    public static string RuleSource(HealthRule? rule) => PlainText.Neutralize(rule switch
    {
        null => "",
        { Metric: { } metric, Function: HealthFunction.Last } => metric + Instances(rule),
        { Metric: { } metric } => $"{rule.Function.ToString().ToLowerInvariant()} of {metric}{Instances(rule)}" + (rule.Window > TimeSpan.Zero ? $", {Span(rule.Window)}" : ""),
        { Check: { } check } => $"check {check}" + Instances(rule),
        { All.Count: > 0 } => $"all of {string.Join(", ", rule.All)}",
        _ => $"any of {string.Join(", ", rule.Any)}",
    });

    /// <summary>Where a rule holds: <c>all</c>, or roles and servers.</summary>
    /// <param name="rule">A rule.</param>
    public static string RuleServers(HealthRule? rule) =>
        rule is null ? "" : rule.Servers.Count + rule.Roles.Count == 0 ? "all" : PlainText.Neutralize(string.Join(", ", rule.Roles.Select(role => $"role:{role}").Concat(rule.Servers)));

    /// <summary>A rule in a line, for a tool tip.</summary>
    /// <param name="rule">A rule.</param>
    public static string RuleText(HealthRule? rule) => rule is null ? ""
        : string.Join(", ", new[] { RuleSource(rule), rule.Warning is null ? "" : $"warning {rule.Warning}", rule.Critical is null ? "" : $"critical {rule.Critical}", rule.Enabled ? "" : "switched off" }.Where(part => part.Length > 0));

    /// <summary>A threshold; of a rule that is switched off that it is.</summary>
    /// <param name="rule">A rule.</param>
    /// <param name="threshold">One of its thresholds, or nothing.</param>
    public static string RuleThreshold(HealthRule? rule, object? threshold) => rule is { Enabled: false } ? "off" : threshold?.ToString() ?? "";

    /// <summary>A duration in one unit: <c>20 s</c>, <c>10 min</c>, <c>1.5 h</c>.</summary>
    /// <param name="duration">A time span, or nothing.</param>
    public static string Span(object? duration) => duration is TimeSpan span ? HealthThreshold.Format(span.TotalSeconds, "s") : "";

    private static string Instances(HealthRule rule) => rule.Instances.Count == 0 ? "" : $" {string.Join(", ", rule.Instances)}";
}
