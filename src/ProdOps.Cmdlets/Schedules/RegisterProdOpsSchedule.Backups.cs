using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Sets;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers;
using ProdOps.Servers.Commands;

namespace ProdOps.Cmdlets.Schedules;

/// <content>Schedules of backup sets.</content>
public sealed partial class RegisterProdOpsSchedule
{
    private const string ByBackup = "Backup";

    private static readonly string[] OfSets = [nameof(Daily), nameof(Every), nameof(Cron), nameof(OnCalendar), nameof(Description)];

    /// <summary>The backup sets.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByBackup, HelpMessage = "Backup sets of the environment, by name or wildcard: each runs at the times of its Schedule, as backup-NAME.")]
    [ArgumentCompleter(typeof(BackupSetCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Backup { get; set; } = [];

    private async Task RegisterBackupsAsync(CancellationToken cancellationToken)
    {
        if (OfSets.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is { } needless) throw BackupErrors.BackupSetParameter(needless, nameof(Backup), "the set has its times in the environment's file");
        var source = await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment));
        var environment = source.Load() ?? throw ServersErrors.NoEnvironment();
        var errors = new List<ProdOpsException>();
        var sets = SetSelection.Find(environment, Backup, errors);
        foreach (var error in errors) await WriteErrorAsync(error);
        await ForEachServerAsync((_, shell, token) => RegisterAsync(shell, sets, environment, token), cancellationToken);
    }

    private async Task RegisterAsync(IServerShell shell, IReadOnlyList<(BackupSet Set, bool IsExact)> sets, ProdOpsEnvironment environment, CancellationToken cancellationToken)
    {
        var schedules = await OpenSchedulesAsync(shell, cancellationToken);
        var registered = await schedules.ListAsync(cancellationToken);
        foreach (var (set, isExact) in sets)
        {
            if (set.Schedule.Count == 0 && !isExact)
            {
                Activity.Verbose($"The backup set '{set.Name}' has no schedule.");
                continue;
            }

            try
            {
                var definition = SetSchedules.DefinitionOf(set, environment) with { RandomDelay = RandomDelay, User = User };
                if (SetSchedules.FindOther(set, environment, registered) is { } other) throw BackupErrors.BackupScheduleTaken(shell.Name, other.Name, other.Command);
                await RegisterAsync(shell, schedules, definition, cancellationToken);
            }
            catch (ProdOpsException error)
            {
                await WriteErrorAsync(error);
            }
        }

        foreach (var orphan in SetSchedules.FindOrphans(environment, registered))
            Activity.Warning($"The schedule '{orphan.Name}' on {shell.Name} runs a backup set that '{environment.Path}' does not have any more, or not at certain times. Unregister-ProdOpsSchedule {orphan.Name} takes it away.");
    }
}
