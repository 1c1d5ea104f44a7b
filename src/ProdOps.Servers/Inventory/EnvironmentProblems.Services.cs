using ProdOps.Servers.Inventory.Data;
using static System.FormattableString;

namespace ProdOps.Servers.Inventory;

internal static partial class EnvironmentProblems
{
    public static EnvironmentProblem ServiceNeedUnknown(SourcePosition position, string service, string name, string? near) => new(
        "ServiceNeedUnknown", position, $"The service '{service}' depends on '{name}', which nothing is called." + (near is null ? "" : $" Did you mean '{near}'?"),
        near is null ? "Name a load balancer, a server or another service of this environment, role:NAME or group:NAME." : $"Write '{near}'.") { Key = $"Services.{service}.DependsOn" };

    public static EnvironmentProblem ServiceCycle(SourcePosition position, string service) => new(
        "ServiceCycle", position, $"The service '{service}' depends on itself, by way of others.", "Remove one of the dependencies.") { Key = $"Services.{service}.DependsOn" };

    public static EnvironmentProblem RedundancyServerUnknown(SourcePosition position, string name, string server, string? near) => new(
        "RedundancyServerUnknown", position, $"The redundancy '{name}' names '{server}', which no server is called." + (near is null ? "" : $" Did you mean '{near}'?"),
        near is null ? "Name a server of this environment, role:NAME or group:NAME." : $"Write '{near}'.") { Key = $"Redundancy.{name}.Servers" };

    public static EnvironmentProblem RedundancyServerTwice(SourcePosition position, string name, string server, string other) => new(
        "RedundancyServerTwice", position, $"'{server}' stands in both redundancies '{other}' and '{name}'.", "A server stands in for others in one group only: take it out of one.") { Key = $"Redundancy.{name}.Servers" };

    public static EnvironmentProblem RedundancyNone(SourcePosition position, string name, int servers, int need) => new(
        "RedundancyNone", position, Invariant($"The redundancy '{name}' has {servers} {(servers == 1 ? "server" : "servers")}, of which {need} must work: none can fail."),
        "Add a server, or lower Need if fewer are enough.") { Key = $"Redundancy.{name}.Need", IsWarning = true };

    public static EnvironmentProblem RepositoryServerUnknown(SourcePosition position, string name, string server, string? near) => new(
        "RepositoryServerUnknown", position, $"The repository '{name}' lies on '{server}', which no server is called." + (near is null ? "" : $" Did you mean '{near}'?"),
        near is null ? "Name a server of this environment." : $"Write '{near}'.") { Key = $"Repositories.{name}.Server" };
}
