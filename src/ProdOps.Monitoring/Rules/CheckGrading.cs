using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Rules;

/// <summary>What rules make of the results of checks.</summary>
internal static class CheckGrading
{
    /// <summary>
    /// Whether a rule's thresholds are about a result. What a check judges by limits of its own beside its main result, such as how far behind a replica is, is judged by a rule's only if
    /// the rule names the instance; and seconds are not compared with per cent.
    /// </summary>
    public static bool IsAbout(HealthRule rule, HealthCheckResult result)
    {
        if (result.Value is null || (rule.Warning ?? rule.Critical) is not { } threshold) return false;
        if (rule.Instances.Count == 0 && result.Instance is not null && result.Warning.Length + result.Critical.Length > 0) return false;
        return threshold.Unit == result.Unit;
    }

    /// <summary>A result as the rules of its server see it at this moment: no better than the check says, and worse where its value is beyond a threshold.</summary>
    /// <param name="result">What the check says.</param>
    /// <param name="rules">The rules that hold for the server.</param>
    public static HealthCheckResult Judge(HealthCheckResult result, IReadOnlyList<(HealthRule Rule, Grading? Grading)> rules)
    {
        bool isNamed = RuleSet.IsNamed(rules, result);
        foreach (var (rule, grading) in rules)
        {
            if (grading is null || rule.Check is not { } pattern || !RuleSet.Covers(rule, result.Instance) || !IsAbout(rule, result)) continue;
            if (isNamed ? !result.Check.Equals(pattern, StringComparison.OrdinalIgnoreCase) : !NamePattern.IsMatch(pattern, result.Check)) continue;
            var state = result.State == HealthState.Unknown ? HealthState.Unknown : grading.Grade(result.Value!.Value, HealthState.OK);
            result = result with { State = state > result.State ? state : result.State, Warning = rule.Warning?.ToString() ?? result.Warning, Critical = rule.Critical?.ToString() ?? result.Critical };
        }

        return result;
    }
}
