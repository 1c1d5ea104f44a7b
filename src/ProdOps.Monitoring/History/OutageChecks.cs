using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Status;

namespace ProdOps.Monitoring.History;

/// <summary>Which checks say that a server does not do its work: not those of resources, of certificates, of logs and of backups, which say that it may not do it for long.</summary>
internal static class OutageChecks
{
    private static readonly HashSet<HealthCheckKind> OfServices =
    [
        HealthCheckKind.Http, HealthCheckKind.Tcp, HealthCheckKind.Ping, HealthCheckKind.Dns, HealthCheckKind.Ssh,
        HealthCheckKind.PostgreSql, HealthCheckKind.MariaDb, HealthCheckKind.Redis, HealthCheckKind.HAProxy,
    ];

    /// <summary>The names of their rules, by which events know them.</summary>
    public static IReadOnlyList<string> Of(ProdOpsEnvironment? environment)
    {
        var checks = (environment?.Monitoring.Checks ?? []).Where(static check => OfServices.Contains(check.Kind)).Select(static check => check.Name).Append(ServiceChecks.Check).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. RuleBook.All(environment).Where(rule => rule.Check is { } check && checks.Contains(check)).Select(static rule => rule.Name).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)];
    }
}
