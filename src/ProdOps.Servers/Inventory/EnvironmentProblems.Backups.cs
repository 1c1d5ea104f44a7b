using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory;

internal static partial class EnvironmentProblems
{
    public static EnvironmentProblem BackupNameInvalid(SourcePosition position, string name) => new(
        "BackupNameInvalid", position, $"'{name}' is no name for a backup set.", "A set's name has up to 48 letters, digits, dashes and underscores, and begins with a letter or a digit.");

    public static EnvironmentProblem BackupSourceMissing(SourcePosition position, string name, IReadOnlyList<Key> sources) => new(
        "BackupSourceMissing", position, $"The backup set '{name}' does not say what is backed up.", $"Add one of {string.Join(", ", sources.Select(key => key.Name))}.");

    public static EnvironmentProblem BackupSourceMixed(SourcePosition position, string name) => new(
        "BackupSourceMixed", position, $"The backup set '{name}' has files and the output of commands or databases at once.", "Make two sets of it: one with Path, one with the rest. Each gives snapshots of its own.");

    public static EnvironmentProblem BackupServerUnknown(SourcePosition position, string name, string server, string? near) => new(
        "BackupServerUnknown", position, $"The backup set '{name}' is of '{server}', which no server is called." + (near is null ? "" : $" Did you mean '{near}'?"),
        near is null ? "Name a server of this environment, role:NAME, group:NAME, or localhost for this machine." : $"Write '{near}'.");

    public static EnvironmentProblem BackupRepositoryUnknown(SourcePosition position, string name, string repository, string? near) => new(
        "BackupRepositoryUnknown", position, $"The backup set '{name}' names the repository '{repository}', which Repositories does not have." + (near is null ? "" : $" Did you mean '{near}'?"),
        near is null ? $"Add it: Repositories = @{{ {repository} = @{{ Path = …; Password = @{{ File = … }} }} }}." : $"Write '{near}'.");

    public static EnvironmentProblem BackupRepositoryMissing(SourcePosition position, string name, IReadOnlyList<string> repositories) => new(
        "BackupRepositoryMissing", position, $"The backup set '{name}' does not say where it is kept.",
        repositories.Count == 0 ? "Add a repository to Repositories, and name it: Repository = …" : $"Add Repository = … with one of {string.Join(", ", repositories)}.");

    public static EnvironmentProblem BackupCopyToItself(SourcePosition position, string name, string repository) => new(
        "BackupCopyToItself", position, $"The backup set '{name}' is kept in '{repository}' and copied there, too.", "Name another repository in CopyTo, or leave it out.");

    public static EnvironmentProblem BackupScheduleInvalid(SourcePosition position, ProdOpsException error) => new(
        "BackupScheduleInvalid", position, error.Message, "Write cron's five fields, such as '15 2 * * mon-fri': minute, hour, day of the month, month, day of the week.");

    public static EnvironmentProblem BackupKeepsNothing(SourcePosition position, string name, string key) => new(
        "BackupKeepsNothing", position, $"'{key}' of the backup set '{name}' has no rule that keeps anything.", "Say what stays, e.g. @{ Daily = 14; Monthly = 12 }; without the key, everything does.");

    public static EnvironmentProblem BackupDatabaseAmbiguous(SourcePosition position, string name, string key) => new(
        "BackupDatabaseAmbiguous", position, $"The backup set '{name}' has databases of several kinds, and '{key}' can be meant for one only.", "Make a set for each kind.");

    public static EnvironmentProblem BackupQueryAmbiguous(SourcePosition position, string name) => new(
        "BackupQueryAmbiguous", position, $"The backup set '{name}' can have several databases, and 'Query' is meant for one.", "Make a set of the one that is asked.");

    public static EnvironmentProblem BackupKeyUnused(SourcePosition position, string name, string key, string needs) => new(
        "BackupKeyUnused", position, $"'{key}' of the backup set '{name}' has no effect without {needs}.", $"Remove {key}, or add {needs}.") { IsWarning = true };
}
