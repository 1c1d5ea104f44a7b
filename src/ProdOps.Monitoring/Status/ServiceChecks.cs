using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Status;

/// <summary>Whether the services that make up a server's work run.</summary>
internal static class ServiceChecks
{
    public const string Check = "service";

    /// <summary>A result for each service that the environment names.</summary>
    public static IEnumerable<HealthCheckResult> Judge(Server server, ProbeReport report, DateTimeOffset time) => server.Services.Select(name =>
    {
        var unit = report.Units?.FirstOrDefault(unit => IsNamed(unit, name));
        var (state, message) = unit switch
        {
            null => report.Units is null ? (HealthState.Unknown, "the server does not tell") : (HealthState.Critical, "there is no such service"),
            { LoadState: "not-found" } => (HealthState.Critical, "there is no such service"),
            { ActiveState: null } => (HealthState.Unknown, "the server does not tell"),
            { ActiveState: "active", SubState: var sub } => (HealthState.OK, sub ?? "active"),
            { ActiveState: "reloading" } => (HealthState.OK, "reloading"),
            { ActiveState: "activating", SubState: "auto-restart" } => (HealthState.Critical, $"it ended{Reason(unit)} and is started again"),
            { ActiveState: "activating" } => (HealthState.Warning, "it is being started"),
            { ActiveState: var active } => (HealthState.Critical, $"{active}{Reason(unit)}"),
        };
        return new HealthCheckResult { Server = server.Name, Check = Check, Instance = name, State = state, Message = message, Time = time };
    });

    // systemctl completes a name without a kind to that of a service.
    private static bool IsNamed(UnitReport unit, string name) => unit.Name == name || unit.Name == name + ".service" || unit.Names.Contains(name) || unit.Names.Contains(name + ".service");

    private static string Reason(UnitReport unit) => unit.Result is { } result and not "success" ? $" ({result})" : "";
}
