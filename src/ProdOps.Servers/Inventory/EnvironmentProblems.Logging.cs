using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory;

internal static partial class EnvironmentProblems
{
    public static EnvironmentProblem LogEngineIncomplete(SourcePosition position, LogEngine engine) => new(
        "LogEngineIncomplete", position, $"'Logging' has the engine {engine} and does not say where it is.", "Add Url = 'http://…'.");

    public static EnvironmentProblem LoggingKeyUnused(SourcePosition position, string key, string needs) => new(
        "LoggingKeyUnused", position, $"'{key}' has no effect without {needs}.", $"Remove {key}, or add {needs}.") { IsWarning = true };

    public static EnvironmentProblem LogLoginTwice(SourcePosition position) => new(
        "LogLoginTwice", position, "'Logging' has both a user and a token.", "Leave one of them: User and Password, or Token.");

    public static EnvironmentProblem LogSourceMissing(SourcePosition position, string name, IReadOnlyList<Key> kinds) => new(
        "LogSourceMissing", position, $"The log source '{name}' does not say what is read.", $"Add one of {string.Join(", ", kinds.Select(key => key.Name))}.");

    public static EnvironmentProblem LogSourceMixed(SourcePosition position, string name, IReadOnlyList<Key> kinds) => new(
        "LogSourceMixed", position, $"The log source '{name}' is of several kinds at once: {string.Join(" and ", kinds.Select(key => key.Name))}.", "Make a source of each.");

    public static EnvironmentProblem LogSourceTwice(SourcePosition position, string name, string server, SourcePosition first) => new(
        "LogSourceTwice", position, $"Server '{server}' has two log sources '{name}'; the first is in line {first.Line}.", "Give one of them another name, or put both paths into one.");

    public static EnvironmentProblem LogServerUnknown(SourcePosition position, string name, string server, string? near) => new(
        "LogServerUnknown", position, $"The log source '{name}' is of '{server}', which no server is called." + (near is null ? "" : $" Did you mean '{near}'?"),
        near is null ? "Name a server of this environment, role:NAME, group:NAME, or localhost for this machine." : $"Write '{near}'.");

    public static EnvironmentProblem LogFormatUnknown(SourcePosition position, string name, string format, string? near) => new(
        "LogFormatUnknown", position, $"The log source '{name}' is of the format '{format}', which there is not." + (near is null ? "" : $" Did you mean '{near}'?"),
        near is null ? "Name a filter of Logging.Filters or a built-in format: " + string.Join(", ", Sections.LogFormatNames.All) + "." : $"Write '{near}'.");

    public static EnvironmentProblem LogFilterNameInvalid(SourcePosition position, string name) => new(
        "LogFilterNameInvalid", position, $"'{name}' is no name for a log filter.", "A filter's name has letters, digits, dots, dashes and underscores, and begins with a letter or a digit.");
}
