using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Rules;

/// <summary>The rules of an environment, checked: defaults first, then its own, of which the later ones take the place of the earlier.</summary>
internal sealed class RuleSet
{
    private readonly List<(HealthRule Rule, Grading? Grading)> _rules = [];

    /// <exception cref="ProdOpsException">A rule cannot be used; the message names it and says why.</exception>
    public RuleSet(IEnumerable<HealthRule> rules)
    {
        foreach (var rule in rules) _rules.Add((rule, Check(rule)));
        foreach (var (rule, _) in _rules)
        {
            if (rule.DependsOn.Concat(rule.All).Concat(rule.Any).FirstOrDefault(name => !_rules.Exists(other => other.Rule.Name == name)) is { } missing)
                throw Invalid(rule, $"there is no rule '{missing}'", $"Rules that there are: {string.Join(", ", _rules.Select(known => known.Rule.Name).Distinct())}.");
        }
    }

    /// <summary>The rules that hold for a server and are switched on: of each name the last one that applies to it. One that names instances leaves all others to the one before it.</summary>
    public IReadOnlyList<(HealthRule Rule, Grading? Grading)> For(string server, IReadOnlyList<string> roles) => [.. Holding(server, roles).Select(static entry => (entry.Rule, entry.Grading))];

    /// <summary>The same, each with the rule as it was given, which does not say what instances later ones took from it.</summary>
    public IReadOnlyList<(HealthRule Given, HealthRule Rule, Grading? Grading)> Holding(string server, IReadOnlyList<string> roles)
    {
        var holding = new List<(HealthRule, HealthRule, Grading?)>();
        foreach (var named in _rules.Where(entry => AppliesTo(entry.Rule, server, roles)).GroupBy(static entry => entry.Rule.Name, StringComparer.Ordinal))
        {
            var taken = new List<string>();
            foreach (var (rule, grading) in named.Reverse())
            {
                if (rule.Enabled) holding.Add((rule, taken.Count == 0 ? rule : rule with { ExceptInstances = [.. rule.ExceptInstances, .. taken] }, grading));
                if (rule.Instances.Count == 0) break;
                taken.AddRange(rule.Instances);
            }
        }

        return holding;
    }

    /// <summary>Why a rule cannot be used; <see langword="null"/> if it can.</summary>
    public static ProdOpsException? Problem(HealthRule rule)
    {
        try
        {
            Check(rule);
            return null;
        }
        catch (ProdOpsException error)
        {
            return error;
        }
    }

    /// <summary>Whether a rule looks at an instance. A rule that names instances does not look at what has none.</summary>
    public static bool Covers(HealthRule rule, string? instance) =>
        (rule.Instances.Count == 0 || (instance is not null && Any(rule.Instances, instance))) && (instance is null || !Any(rule.ExceptInstances, instance));

    /// <summary>Whether rules name a check: those with wildcards are not for it then, nor for the instances that it leaves out.</summary>
    public static bool IsNamed(IReadOnlyList<(HealthRule Rule, Grading? Grading)> rules, HealthCheckResult result) =>
        rules.Any(entry => result.Check.Equals(entry.Rule.Check, StringComparison.OrdinalIgnoreCase) && (entry.Rule.Instances.Count == 0 || Covers(entry.Rule, result.Instance)));

    /// <summary>Whether a check with an instance may come from a rule. What rules with wildcards and rules about rules say is told apart otherwise.</summary>
    public static bool MayMake(HealthRule rule, string? instance) =>
        rule.All.Count + rule.Any.Count > 0 || (rule.Check is { } check && NamePattern.HasWildcards(check)) || Covers(rule, instance);

    /// <summary>What a rule about other rules comes to. What is good for certain decides an All, what is bad for certain an Any.</summary>
    /// <param name="rule">A rule with <see cref="HealthRule.All"/> or <see cref="HealthRule.Any"/>.</param>
    /// <param name="stateOf">The worst state of a rule on the same server; <see langword="null"/> or Unknown where nobody knows.</param>
    public static HealthState Combine(HealthRule rule, Func<string, HealthState?> stateOf)
    {
        bool all = rule.All.Count > 0;
        var states = (all ? rule.All : rule.Any).Select(name => stateOf(name) ?? HealthState.Unknown).ToList();
        var known = states.Where(state => state != HealthState.Unknown).ToList();
        if (all) return known.Contains(HealthState.OK) || known.Count == states.Count ? known.Min() : HealthState.Unknown;
        return known.Count == states.Count || known.Exists(state => state != HealthState.OK) ? known.Max() : HealthState.Unknown;
    }

    private static bool AppliesTo(HealthRule rule, string server, IReadOnlyList<string> roles) =>
        (rule.Servers.Count == 0 && rule.Roles.Count == 0) || Any(rule.Servers, server) || roles.Any(role => rule.Roles.Contains(role, StringComparer.OrdinalIgnoreCase));

    private static bool Any(IReadOnlyList<string> patterns, string name)
    {
        for (int i = 0; i < patterns.Count; i++)
        {
            if (NamePattern.IsMatch(patterns[i], name)) return true;
        }

        return false;
    }

    private static Grading? Check(HealthRule rule)
    {
        int sources = (rule.Metric is null ? 0 : 1) + (rule.Check is null ? 0 : 1) + Math.Min(rule.All.Count, 1) + Math.Min(rule.Any.Count, 1);
        if (sources != 1) throw Invalid(rule, sources == 0 ? "it looks at nothing" : "it looks at several things at once", "Give it one of Metric, Check, All and Any.");
        if (rule.Attempts < 1 || rule.RecoverAttempts < 1) throw Invalid(rule, "it asks for no result at all", "Attempts and RecoverAttempts are 1 or more.");
        if (rule.Interval <= TimeSpan.Zero || rule.RetryInterval <= TimeSpan.Zero) throw Invalid(rule, "its interval is no time at all", "Write Interval = '30s'.");
        if (rule.For < TimeSpan.Zero || rule.CriticalFor < TimeSpan.Zero || rule.RecoverFor < TimeSpan.Zero) throw Invalid(rule, "it waits for less than no time", "For, CriticalFor and RecoverFor are 0 or more.");
        if (rule.Metric is null && rule.Function != HealthFunction.Last) throw Invalid(rule, $"{rule.Function} is for metrics", "Leave Function out, or name a metric.");
        // A check's own verdict can be made stricter by its value, e.g. how long an answer took.
        if (rule.Metric is null) return rule is { Check: not null } and ({ Warning: not null } or { Critical: not null }) ? new Grading(rule) : null;
        bool needsWindow = rule.Function is not (HealthFunction.Last or HealthFunction.Baseline);
        if (needsWindow && rule.Window < rule.Interval) throw Invalid(rule, $"{rule.Function} needs a window that is longer than its interval", "Write Window = '10m'.");
        if (rule.Coverage is < 0 or > 1 or double.NaN) throw Invalid(rule, "its coverage is not between 0 and 1", "Write Coverage = '80%'.");
        if (rule.Percentile is < 0 or > 100 or double.NaN) throw Invalid(rule, "its percentile is not between 0 and 100", "Write Percentile = 95.");
        if (rule is { Function: HealthFunction.Forecast, Limit: null }) throw Invalid(rule, "there is no limit to forecast", "Write Limit = '100%'.");
        return new Grading(rule);
    }

    private static ProdOpsException Invalid(HealthRule rule, string why, string recommendation) => MonitoringErrors.RuleInvalid(rule.Name, why, recommendation);
}
