using ProdOps.Servers.Commands;
using ProdOps.Servers.Schedules;

namespace ProdOps.Backup.Sets;

/// <summary>The schedules that run backup sets: one a set, under the set's name, with a command that names the environment's file.</summary>
internal static class SetSchedules
{
    private const string Prefix = "backup-";
    private const string CommandStart = "Invoke-Backup -Name ";

    public static string NameOf(string set) => Prefix + set;

    /// <summary>What to register for a set.</summary>
    /// <exception cref="ProdOpsException">The set has no schedule.</exception>
    public static ScheduleDefinition DefinitionOf(BackupSet set, ProdOpsEnvironment environment)
    {
        if (set.Schedule.Count == 0) throw BackupErrors.BackupSetUnscheduled(set.Name, environment.Path);
        return new ScheduleDefinition
        {
            Name = NameOf(set.Name),
            Description = $"Backup set {set.Name} of {environment.Name}",
            Command = CommandStart + PowerShellQuote.Text(set.Name) + EnvironmentPart(environment),
            Cron = set.Schedule.ToArray(),
        };
    }

    /// <summary>What is registered under the set's name and is something else: the schedule of another environment, or the admin's own.</summary>
    public static ProdOpsSchedule? FindOther(BackupSet set, ProdOpsEnvironment environment, IEnumerable<ProdOpsSchedule> registered) =>
        registered.FirstOrDefault(schedule => schedule.Name == NameOf(set.Name) && !IsOf(schedule, environment));

    /// <summary>Schedules of this environment whose set is not in the file any more, or has no schedule there.</summary>
    public static IEnumerable<ProdOpsSchedule> FindOrphans(ProdOpsEnvironment environment, IEnumerable<ProdOpsSchedule> registered) => registered.Where(schedule =>
        IsOf(schedule, environment) && !environment.Backups.Any(set => set.Schedule.Count > 0 && NameOf(set.Name) == schedule.Name));

    private static bool IsOf(ProdOpsSchedule schedule, ProdOpsEnvironment environment) =>
        schedule.Name.StartsWith(Prefix, StringComparison.Ordinal) && schedule.Command is { } command
        && command.StartsWith(CommandStart, StringComparison.Ordinal) && command.EndsWith(EnvironmentPart(environment), StringComparison.Ordinal);

    private static string EnvironmentPart(ProdOpsEnvironment environment) => $" -Environment {PowerShellQuote.Text(environment.Path)}";
}
