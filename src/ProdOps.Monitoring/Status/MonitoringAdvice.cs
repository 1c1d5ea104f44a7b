using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Rules;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Status;

/// <summary>What can be said about an environment's monitoring without asking anybody, beside what its reader says: whether rules, checks and channels can be made of it.</summary>
internal static class MonitoringAdvice
{
    /// <summary>A result for each that cannot be used or looks mistyped; none where all is well.</summary>
    public static IEnumerable<EnvironmentCheck> Of(ProdOpsEnvironment environment)
    {
        if (Failure(() => _ = RuleBook.Of(environment)) is { } contradiction) yield return Failed(environment, "Rules", contradiction);
        foreach (var rule in environment.Monitoring.Rules)
        {
            if (rule.Metric is not { } metric || MetricCatalog.Find(metric) is not null || Nearest.Find(metric, MetricCatalog.All.Select(info => info.Name)) is not { } near) continue;
            yield return Result(environment, "Rules", EnvironmentCheckStatus.Warning, "HealthMetricSpelling",
                $"The rule '{rule.Name}' looks at '{metric}', which nothing here measures. Did you mean '{near}'?", $"Write '{near}', unless a plugin or script of yours measures '{metric}'.");
        }

        var problems = new CheckProblems(environment);
        foreach (var check in environment.Monitoring.Checks)
            if (problems.Of(check) is { } failure) yield return Failed(environment, "Checks", failure);

        foreach (var channel in environment.Monitoring.Channels)
            if (Failure(() => _ = NotificationSenders.Create(channel, null, TimeProvider.System, SilentActivity.Instance)) is { } failure) yield return Failed(environment, $"Channels.{channel.Name}", failure);
    }

    private static ProdOpsException? Failure(Action make)
    {
        try
        {
            make();
            return null;
        }
        catch (ProdOpsException error)
        {
            return error;
        }
    }

    private static EnvironmentCheck Failed(ProdOpsEnvironment environment, string key, ProdOpsException error) => Result(environment, key, EnvironmentCheckStatus.Failed, error.ErrorId, error.Message, error.Recommendation ?? "");

    private static EnvironmentCheck Result(ProdOpsEnvironment environment, string key, EnvironmentCheckStatus status, string id, string message, string recommendation) =>
        new() { Check = "Monitoring", Status = status, ErrorId = id, Path = environment.Path, Key = $"Monitoring.{key}", Message = message, Recommendation = recommendation };
}
