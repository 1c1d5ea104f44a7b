namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException ServerNotFound(string name, ProdOpsEnvironment environment, string? near) => new(
        "ServerNotFound", ErrorKind.NotFound,
        $"The environment '{environment.Name}' has no server '{name}'." + (near is null ? "" : $" Did you mean '{near}'?"),
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

    public static ProdOpsException ThresholdInvalid(string text, string why) => new(
        "ThresholdInvalid", ErrorKind.InvalidArgument,
        $"The threshold '{text}' is not understood: {why}.",
        "Write a comparison and a number with its unit: '> 85%', '< 10GB', '>= 500ms', '> 100/s', '> 3'.") { Target = text };

    public static ProdOpsException ServerNameInvalid(string text) => new(
        "ServerNameInvalid", ErrorKind.InvalidArgument,
        $"'{text}' is neither the name of a server nor a host.",
        "Name a server of the environment, a wildcard, role:NAME, group:NAME, or a host as user@host:port, [address]:port or ssh://user@host.") { Target = text };

    private const string NoEnvironmentAdvice =
        "Name the environment's file with -Environment or $env:PRODOPS_ENVIRONMENT, or work below its folder. Without one, name hosts as user@host:port.";

    private static string NothingWith(string what, string name, ProdOpsEnvironment? environment, string? near) =>
        environment is null ? $"No server has the {what} '{name}': there is no environment."
        : $"No server of the environment '{environment.Name}' has the {what} '{name}'." + (near is null ? "" : $" Did you mean '{near}'?");

    public static ProdOpsException EnvironmentNotFound(string path) => new(
        "EnvironmentNotFound", ErrorKind.NotFound,
        $"The environment file '{path}' does not exist.",
        "Check the path, or write one: New-ProdOpsEnvironment makes a first file from a list of hosts.") { Target = path };

    public static ProdOpsException NoEnvironment() => new(
        "EnvironmentNotFound", ErrorKind.NotFound,
        $"There is no environment: neither -Environment nor $env:{Inventory.EnvironmentFinder.VariableName} names one, and there is no {Inventory.EnvironmentFinder.FileName} in this folder or above.",
        "New-ProdOpsEnvironment makes a first file from a list of hosts.");

    public static ProdOpsException EnvironmentUnreadable(string path, Exception cause) => new(
        "EnvironmentUnreadable", cause is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.ReadError,
        $"The environment file '{path}' cannot be read: {cause.Message}",
        "Give the user that runs ProdOps leave to read it.", cause) { Target = path };

    /// <param name="path">The file.</param>
    /// <param name="fault">What is wrong, in words that go on after its name.</param>
    public static ProdOpsException EnvironmentUntrusted(string path, string fault) => new(
        "EnvironmentUntrusted", ErrorKind.PermissionDenied,
        $"The environment file '{path}' was found on the way up and {fault}. It can name commands, so it is not used.",
        "Name it with -Environment or $env:PRODOPS_ENVIRONMENT if you trust it, or make it yours: chown and chmod go-w.") { Target = path };

    public static ProdOpsException EnvironmentExists(string path) => new(
        "EnvironmentExists", ErrorKind.AlreadyExists,
        $"The file '{path}' is there already.",
        "Use -Force to replace it, or -Path for another file.") { Target = path };

    public static ProdOpsException EnvironmentNotWritten(string path, Exception cause) => new(
        "EnvironmentNotWritten", cause is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.WriteError,
        $"The file '{path}' cannot be written: {cause.Message}",
        "Check that the folder exists and that you may write there.", cause) { Target = path };

    public static ProdOpsException EnvironmentInvalid(string path, IReadOnlyList<Inventory.EnvironmentProblem> errors)
    {
        const int shown = 10;
        var lines = errors.Take(shown).Select(error => $"  {error.Position}: {error.Message}");
        if (errors.Count > shown) lines = lines.Append($"  and {errors.Count - shown} more");
        string message = errors is [var single]
            ? $"{single.Position}: {single.Message}"
            : $"The environment '{path}' has {errors.Count} errors:\n{string.Join('\n', lines)}";
        string advice = errors is [var one] ? one.Recommendation : "Test-ProdOpsEnvironment lists them with what to do about each.";
        return new("EnvironmentInvalid", ErrorKind.InvalidData, message, advice) { Target = path };
    }
}
