namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException ServerNotFound(string name, ProdOpsEnvironment environment, string near) => new(
        "ServerNotFound", ErrorKind.NotFound,
        $"The environment '{environment.Name}' has no server '{name}'. Did you mean '{near}'?",
        $"Get-Server lists the servers. To reach a host that is not in {environment.Path}, name it with a user or in full: admin@{name}.") { Target = name };

    public static ProdOpsException NoServerMatches(string pattern, ProdOpsEnvironment? environment) => new(
        "ServerNotFound", ErrorKind.NotFound,
        environment is null ? $"No server matches '{pattern}': there is no environment." : $"The environment '{environment.Name}' has no server that matches '{pattern}'.",
        environment is null ? NoEnvironmentAdvice : "Get-Server lists the servers.") { Target = pattern };

    public static ProdOpsException RoleNotFound(string role, ProdOpsEnvironment? environment, string? near) => new(
        "RoleNotFound", ErrorKind.NotFound, NothingWith("role", role, environment, near),
        environment is null ? NoEnvironmentAdvice : "Get-Server shows the role of each server.") { Target = role };

    public static ProdOpsException GroupNotFound(string group, ProdOpsEnvironment? environment, string? near) => new(
        "GroupNotFound", ErrorKind.NotFound, NothingWith("group", group, environment, near),
        environment is null ? NoEnvironmentAdvice : "Get-Server | Select-Object Name, Groups shows the groups of each server.") { Target = group };

    public static ProdOpsException ServerNameInvalid(string text) => new(
        "ServerNameInvalid", ErrorKind.InvalidArgument,
        $"'{text}' is neither the name of a server nor a host.",
        "Name a server of the environment, a wildcard, role:NAME, group:NAME, or a host as user@host:port, [address]:port or ssh://user@host.") { Target = text };

    private const string NoEnvironmentAdvice =
        "Name the environment's file with -Environment or $env:PRODOPS_ENVIRONMENT, or work below its folder. Without one, name hosts as user@host:port.";

    private static string NothingWith(string what, string name, ProdOpsEnvironment? environment, string? near) =>
        environment is null ? $"No server has the {what} '{name}': there is no environment."
        : $"No server of the environment '{environment.Name}' has the {what} '{name}'." + (near is null ? "" : $" Did you mean '{near}'?");
}
