using System.Globalization;

namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    /// <summary>A set that made no snapshot: the reason keeps its own id, so that scripts can tell a refused login from a failed dump.</summary>
    public static ProdOpsException BackupSetFailed(string set, string server, Exception reason) => new(
        (reason as ProdOpsException)?.ErrorId ?? nameof(BackupSetFailed), (reason as ProdOpsException)?.Kind ?? ErrorKind.NotSpecified,
        $"The backup set '{set}' failed on {server}: {reason.Message}",
        (reason as ProdOpsException)?.Recommendation, reason)
    { Target = set };

    /// <param name="set">The set.</param>
    /// <param name="server">The server.</param>
    /// <param name="problems">What is missing, or went wrong around it.</param>
    /// <param name="since">What <see cref="DescribeIncomplete"/> says, if something is missing in the snapshot.</param>
    public static ProdOpsException BackupSetIncomplete(string set, string server, IReadOnlyList<string> problems, string? since) => new(
        "BackupSetIncomplete", ErrorKind.ReadError,
        problems.Count switch
        {
            0 => $"Something is missing in the backup set '{set}' of {server}.",
            1 => $"The backup set '{set}' of {server} is not complete: {problems[0]}",
            _ => $"The backup set '{set}' of {server} is not complete, for {problems.Count} reasons. The first: {problems[0]}",
        } + (since is null ? "" : $" ({since})"),
        "The result's Problems has them all. What is there can be restored, and pushes no complete one out.")
    { Target = set };

    /// <summary>Since when something is missing.</summary>
    public static string DescribeIncomplete(DateTimeOffset? lastComplete, TimeZoneInfo zone) => lastComplete is { } moment
        ? string.Create(CultureInfo.InvariantCulture, $"the newest complete one is of {TimeZoneInfo.ConvertTime(moment, zone):yyyy-MM-dd HH:mm}")
        : "there is no complete one";

    public static ProdOpsException BackupSetNotFound(string name, ProdOpsEnvironment environment, string? near) => new(
        "BackupSetNotFound", ErrorKind.NotFound,
        $"The environment '{environment.Name}' has no backup set '{name}'." + (near is null ? "" : $" Did you mean '{near}'?"),
        environment.Backups.Count == 0 ? $"Add it to Backups in '{environment.Path}'." : $"The sets are {string.Join(", ", environment.Backups)}.")
    { Target = name };

    public static ProdOpsException BackupSetParameter(string parameter, string mode, string why) => new(
        "ParameterNotAllowed", ErrorKind.InvalidArgument,
        $"-{parameter} does not go with -{mode}: {why}.",
        $"Leave -{parameter} out.")
    { Target = parameter };

    public static ProdOpsException BackupSetUnscheduled(string set, string file) => new(
        "BackupSetUnscheduled", ErrorKind.InvalidOperation,
        $"The backup set '{set}' has no schedule.",
        $"Add Schedule = '15 * * * *', or other times, to it in '{file}'.")
    { Target = set };

    public static ProdOpsException BackupScheduleTaken(string server, string schedule, string? command) => new(
        "BackupScheduleTaken", ErrorKind.AlreadyExists,
        $"On {server} there is a schedule '{schedule}' already, which runs something else: {command ?? "a script"}",
        $"Unregister-ProdOpsSchedule {schedule} takes it away, if it is not needed; else give the backup set another name.")
    { Target = schedule };

    public static ProdOpsException BackupToolMissing(string server, IReadOnlyList<string> tools) => new(
        "BackupToolMissing", ErrorKind.NotFound,
        $"{server} has no {string.Join(", no ", tools)}.",
        "Install the database's client programs there.")
    { Target = server };
}
