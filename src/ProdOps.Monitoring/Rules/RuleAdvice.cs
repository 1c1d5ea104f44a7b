using ProdOps.Monitoring.Metrics;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Rules;

/// <summary>What can be said about an environment's rules without asking a server, beside what its reader says.</summary>
internal static class RuleAdvice
{
    /// <summary>A result for each rule that cannot be used or looks mistyped; none where all is well.</summary>
    public static IEnumerable<EnvironmentCheck> Of(ProdOpsEnvironment environment)
    {
        if (Problem(environment) is { } error)
            yield return Result(environment, EnvironmentCheckStatus.Failed, error.ErrorId, error.Message, error.Recommendation ?? "");
        foreach (var rule in environment.Monitoring.Rules)
        {
            if (rule.Metric is not { } metric || MetricCatalog.Find(metric) is not null || Nearest.Find(metric, MetricCatalog.All.Select(info => info.Name)) is not { } near) continue;
            yield return Result(environment, EnvironmentCheckStatus.Warning, "HealthMetricSpelling", $"The rule '{rule.Name}' looks at '{metric}', which nothing here measures. Did you mean '{near}'?", $"Write '{near}', unless a plugin or script of yours measures '{metric}'.");
        }
    }

    private static ProdOpsException? Problem(ProdOpsEnvironment environment)
    {
        try
        {
            _ = RuleBook.Of(environment);
            return null;
        }
        catch (ProdOpsException error)
        {
            return error;
        }
    }

    private static EnvironmentCheck Result(ProdOpsEnvironment environment, EnvironmentCheckStatus status, string id, string message, string recommendation) =>
        new() { Check = "Monitoring", Status = status, ErrorId = id, Path = environment.Path, Key = "Monitoring.Rules", Message = message, Recommendation = recommendation };
}
