using System.Management.Automation;
using ProdOps.Backup.Pruning;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Prunes a repository: removes the data that no backup uses.</summary>
[Cmdlet(VerbsCommon.Optimize, "BackupRepository", SupportsShouldProcess = true)]
[OutputType(typeof(BackupPrunePlan))]
public sealed class OptimizeBackupRepository : PruningCmdlet
{
    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The repository: a folder, a location as restic writes it, or a name in the environment. Default: RESTIC_REPOSITORY.")]
    [Alias("Repo", "Location")]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    [ValidateNotNullOrEmpty]
    public override string? Repository { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var options = CreatePruneOptions();
        var repository = await OpenRepositoryAsync(cancellationToken);
        var decision = await DecideAsync(repository.Location, "Remove the data that no backup uses");
        if (decision == ChangeDecision.Refuse) return;
        var plan = await LockedWork.RunAsync(repository, exclusive: decision == ChangeDecision.Act, RetryLock, Activity, async (held, token) =>
        {
            var prune = await PlannedPrune.PlanAsync(repository, options, new HashSet<ObjectId>(), Activity, token);
            return decision == ChangeDecision.Act ? await prune.ApplyAsync(held, token) : prune.ToModel();
        }, cancellationToken);
        await WriteObjectAsync(plan);
    }
}
