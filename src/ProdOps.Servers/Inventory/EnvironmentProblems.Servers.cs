using ProdOps.Servers.Inventory.Data;

namespace ProdOps.Servers.Inventory;

internal static partial class EnvironmentProblems
{
    public static EnvironmentProblem DuplicateServer(SourcePosition position, string name, SourcePosition first) => new(
        "DuplicateServer", position, $"The server '{name}' is there twice, first in {first.File}, line {first.Line}.", "Give one of them another name, or remove it.") { Key = "Servers.Name" };

    public static EnvironmentProblem UnknownServer(SourcePosition position, string server, string name, string? near) => new(
        "UnknownServer", position, $"'{server}' depends on '{name}', which no server is called." + (near is null ? "" : $" Did you mean '{near}'?"),
        near is null ? "Name a server of this environment, role:NAME or group:NAME." : $"Write '{near}'.") { Key = "Servers.DependsOn" };

    public static EnvironmentProblem DependencyCycle(SourcePosition position, IReadOnlyList<string> path) => new(
        "DependencyCycle", position, $"These servers depend on each other in a circle: {string.Join(" → ", path.Count <= 12 ? path : [.. path.Take(6), "…", .. path.TakeLast(3)])}.",
        "Remove one of the dependencies: what must be up first has to have a beginning.") { Key = "Servers.DependsOn" };

    public static EnvironmentProblem SharedAddress(SourcePosition position, string server, string other, string address) => new(
        "SharedAddress", position, $"'{server}' and '{other}' have the same address {address} and the same port.", "Check which of the addresses is right.") { Key = "Servers.Address", IsWarning = true };

    public static EnvironmentProblem RoleSpelling(SourcePosition position, string role, string near) => new(
        "RoleSpelling", position, $"The role '{role}' is not one that ProdOps knows. Did you mean '{near}'?", "Leave it if it is a role of your own.") { Key = "Servers.Role", IsWarning = true };

    public static EnvironmentProblem UnusedDefaults(SourcePosition position, string what, string name, string? near) => new(
        "UnusedDefaults", position, $"No server has the {what} '{name}', for which there are defaults." + (near is null ? "" : $" Did you mean '{near}'?"),
        $"Correct the name of the {what}, or remove its defaults.") { Key = "Defaults", IsWarning = true };

    public static EnvironmentProblem RepositoryPlace(SourcePosition position, string name) => new(
        "RepositoryPlace", position, $"The repository '{name}' must have either a Path or a Url.", "Path is a folder of this machine, Url a place elsewhere.") { Key = $"Repositories.{name}" };

    public static EnvironmentProblem KeyInTwoFiles(SourcePosition position, string key, SourcePosition first) => new(
        "KeyInTwoFiles", position, $"'{key}' stands in {first.File}, line {first.Line} already.", "Keep it in one file.") { Key = key };

    public static EnvironmentProblem IncludeCycle(SourcePosition position, IReadOnlyList<string> files) => new(
        "IncludeCycle", position, $"These files include each other: {string.Join(" → ", files)}.", "Remove one of the includes.") { Key = "Include" };

    public static EnvironmentProblem IncludeNotFound(SourcePosition position, string file) => new(
        "IncludeNotFound", position, $"The included file '{file}' does not exist.", "Paths are relative to the file that includes.") { Key = "Include" };

    public static EnvironmentProblem IncludeUnreadable(SourcePosition position, string file) => new(
        "IncludeUnreadable", position, $"The included file '{file}' cannot be read.", "Give the user that runs ProdOps leave to read it.") { Key = "Include" };

    public static EnvironmentProblem IncludeMatchesNothing(SourcePosition position, string pattern) => new(
        "IncludeMatchesNothing", position, $"'{pattern}' matches no file.", "Paths are relative to the file that includes.") { Key = "Include", IsWarning = true };

    public static EnvironmentProblem FileTooLarge(string file, long most) => new(
        "FileTooLarge", new SourcePosition(file, 1, 1), $"The file is larger than {ByteSize.Format(most)}, which no environment is.", "Check that it is the right file.");

    public static EnvironmentProblem NoText(string file) => new(
        "NoText", new SourcePosition(file, 1, 1), "The file is not text in UTF-8.", "Save it as UTF-8.");
}
