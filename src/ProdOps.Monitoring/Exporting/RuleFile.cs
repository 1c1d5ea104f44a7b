using System.Globalization;
using System.Text;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Rules;

namespace ProdOps.Monitoring.Exporting;

/// <summary>Rules as Prometheus' alerting rules (prometheus.io/docs/prometheus/latest/configuration/alerting_rules), over metrics as they are exported.</summary>
/// <param name="rules">All rules, in the order in which later ones take the place of earlier ones.</param>
/// <param name="servers">The environment's servers; none where nobody knows them.</param>
/// <param name="environment">The environment's name; empty without one.</param>
internal sealed class RuleFile(IReadOnlyList<HealthRule> rules, IReadOnlyList<Server> servers, string environment)
{
    private const int LongestText = 2000;

    /// <summary>How many rules were written, each for one severity or two.</summary>
    public int Written { get; private set; }

    /// <summary>The rules that were left out, and why.</summary>
    public List<(string Rule, string Why)> LeftOut { get; } = [];

    /// <summary>The file's lines.</summary>
    /// <param name="isWanted">Whether a rule is to be in it.</param>
    /// <exception cref="ProdOpsException">A rule cannot be used.</exception>
    public IReadOnlyList<string> Lines(Func<HealthRule, bool> isWanted)
    {
        var lines = new List<string>
        {
            "# The rules of Get-HealthRule as alerting rules of Prometheus, over the metrics that ProdOps exports. Written by Export-HealthRule.",
            "# What is critical is a warning, too: an inhibition rule of Alertmanager keeps the warning back (equal: [alertname, server]).",
            "# Not in them: clearing thresholds, numbers of attempts, flapping, what depends on what. Missing values are no alert.",
            "groups:",
            $"  - name: {Text(environment.Length > 0 ? $"prodops {environment}" : "prodops")}",
        };
        var alerts = new List<string>();
        foreach (var (rule, holds, others) in Holding().Where(entry => isWanted(entry.Rule)))
        {
            try
            {
                var expression = new RuleExpression(others, holds);
                string?[] expressions = [expression.Of(rule, HealthState.Warning), expression.Of(rule, HealthState.Critical)];
                if (expressions.All(string.IsNullOrEmpty)) throw new NotSupportedException(rule.Metric is null ? "it takes the verdict of a check, which is no metric" : "it has no threshold");
                if (expressions[0] is { Length: > 0 } warning) alerts.AddRange(Alert(rule, warning, "warning", rule.For));
                if (expressions[1] is { Length: > 0 } critical) alerts.AddRange(Alert(rule, critical, "critical", rule.CriticalFor ?? rule.For));
                Written++;
            }
            catch (NotSupportedException error)
            {
                LeftOut.Add((rule.Name, error.Message));
                alerts.Add($"      # {PlainLine.Of($"{rule.Name} is left out: {error.Message}.", LongestText)}");
            }
        }

        lines.Add(Written == 0 ? "    rules: []" : "    rules:");
        return [.. lines, .. alerts];
    }

    /// <summary>Each rule that holds anywhere, the servers that it holds on (none for all), and all rules there by their names.</summary>
    private IEnumerable<(HealthRule Rule, IReadOnlyList<string> Servers, ILookup<string, HealthRule> Others)> Holding()
    {
        var set = new RuleSet(rules);
        IReadOnlyList<Server> all = servers.Count == 0 ? [new Server { Name = "" }] : servers;
        var byServer = all.Select(server => (server.Name, Rules: set.Holding(server.Name, server.Roles))).ToList();
        foreach (var rule in rules)
        {
            var on = byServer.SelectMany(server => server.Rules.Where(entry => ReferenceEquals(entry.Given, rule)).Select(entry => (server.Name, entry.Rule, server.Rules)));
            // Where another rule took some instances from it, it is not the same as where none did.
            foreach (var same in on.GroupBy(static one => string.Join('\n', one.Rule.ExceptInstances), StringComparer.Ordinal).Select(Enumerable.ToList))
                yield return (same[0].Rule, same.Count == byServer.Count ? [] : [.. same.Select(static one => one.Name)], same[0].Rules.ToLookup(static entry => entry.Rule.Name, static entry => entry.Rule, StringComparer.Ordinal));
        }
    }

    private static IEnumerable<string> Alert(HealthRule rule, string expression, string severity, TimeSpan lasts)
    {
        yield return $"      - alert: {Text(rule.Name)}";
        yield return $"        expr: {Text(expression)}";
        if (lasts > TimeSpan.Zero) yield return $"        for: {PromQl.Duration(lasts)}";
        yield return "        labels:";
        yield return $"          severity: {severity}";
        yield return "        annotations:";
        string instance = rule.Metric is not { } metric ? "" : MetricCatalog.Find(metric) is { } info ? info.InstanceOf is null ? "" : $" {{{{ $labels.{ExportNames.InstanceLabel(metric)} }}}}" : $" {{{{ $labels.{ExportNames.AnyInstance} }}}}";
        string value = rule is { Metric: not null, Function: not HealthFunction.Forecast } ? ": {{ $value }}" : "";
        yield return $"          summary: {Text($"{{{{ $labels.server }}}} {Template(rule.Name)}{instance}{value}")}";
        if (rule.Advice.Length > 0) yield return $"          description: {Text(Template(rule.Advice))}";
    }

    /// <summary>A text in which nothing is a template of Go's.</summary>
    private static string Template(string text) => text.Replace("{{", "{{ \"{{\" }}", StringComparison.Ordinal);

    /// <summary>A double-quoted scalar (YAML 1.2, section 7.3.1), on one line.</summary>
    public static string Text(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\') quoted.Append('\\').Append(rune);
            else if (rune.Value == '\n') quoted.Append("\\n");
            else if (rune.Value < ' ' || rune.Value is (>= 0x7F and <= 0xA0) or 0x2028 or 0x2029 or 0xFEFF) quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else quoted.Append(rune);
        }

        return quoted.Append('"').ToString();
    }
}
