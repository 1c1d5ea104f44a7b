using System.Globalization;
using ProdOps.Monitoring.Exporting;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Rules;

namespace ProdOps.Monitoring.States;

/// <summary>
/// The labels by which a silence of Alertmanager means a problem of ours: those of the alerts that our channel sends (<c>alertname="ProdOps"</c>, <c>incident</c>, <c>severity</c>) together with those of the
/// rules that Export-HealthRule writes (<c>alertname</c> the rule's name, <c>server</c>, <c>mount</c>, …), and <c>check</c>, the rule's name.
/// </summary>
internal static class SilenceLabels
{
    public const string Environment = "environment", Server = "server", AlertName = "alertname", Check = "check", OwnAlert = "ProdOps";

    private const string Incident = "incident", Severity = "severity";

    private static readonly HashSet<string> InstanceLabels = [.. MetricCatalog.All.Select(static info => ExportNames.InstanceLabel(info.Name))];

    /// <summary>Whether all matchers fit a check.</summary>
    /// <param name="matchers">The matchers; without those of the environment, which are the same for all.</param>
    /// <param name="key">The check.</param>
    /// <param name="incident">The incident that it belongs to; <see langword="null"/> where that is not asked: then it fits.</param>
    /// <param name="level">How bad it is; <see langword="null"/> where that is not asked.</param>
    public static bool Cover(IReadOnlyList<LabelMatcher> matchers, CheckKey key, long? incident, HealthState? level)
    {
        foreach (var matcher in matchers)
        {
            bool fits = matcher.Name switch
            {
                Server => matcher.Matches(key.Server),
                Check => matcher.Matches(key.Rule),
                // Either of two names: one that must not be is neither.
                AlertName => matcher.IsEqual ? matcher.Matches(key.Rule) || matcher.Matches(OwnAlert) : matcher.Matches(key.Rule) && matcher.Matches(OwnAlert),
                Incident => incident is not { } number || matcher.Matches(number == 0 ? "" : number.ToString(CultureInfo.InvariantCulture)),
                Severity => level is not { } state || matcher.Matches(SeverityOf(state)),
                var label => matcher.Matches(IsOfInstance(label, key.Rule) ? key.Instance ?? "" : ""),
            };
            if (!fits) return false;
        }

        return true;
    }

    /// <summary>Whether all that is on a server is covered.</summary>
    public static bool CoverServer(IReadOnlyList<LabelMatcher> matchers, string server) => matchers.All(matcher => matcher.Name == Server && matcher.Matches(server));

    private static string SeverityOf(HealthState state) => state switch
    {
        HealthState.Critical or HealthState.Unreachable => "critical",
        HealthState.Warning => "warning",
        HealthState.Unknown => "unknown",
        _ => "",
    };

    /// <summary>Of a rule of the admin's own nobody knows here what it looks at: any name of instances is the one of its own.</summary>
    private static bool IsOfInstance(string label, string rule)
    {
        string metric = DefaultRules.All.FirstOrDefault(known => known.Name == rule)?.Metric ?? rule;
        return MetricCatalog.Find(metric) is null ? InstanceLabels.Contains(label) || label == ExportNames.AnyInstance : label == ExportNames.InstanceLabel(metric);
    }
}
