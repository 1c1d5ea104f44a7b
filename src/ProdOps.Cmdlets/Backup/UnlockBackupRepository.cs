using System.Management.Automation;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Removes locks whose holders are gone, or all of them, and tells which.</summary>
[Cmdlet(VerbsCommon.Unlock, "BackupRepository", SupportsShouldProcess = true)]
[OutputType(typeof(BackupLock))]
public sealed class UnlockBackupRepository : RepositoryCmdlet
{
    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The repository: a folder, a location as restic writes it, or a name in the environment. Default: RESTIC_REPOSITORY.")]
    [Alias("Repo")]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    [ValidateNotNullOrEmpty]
    public override string? Repository { get; set; }

    /// <summary>Removes live locks too.</summary>
    [Parameter(HelpMessage = "Removes all locks, even those whose holders may be at work. Only when you know that none is.")]
    public SwitchParameter RemoveAll { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var repository = await OpenRepositoryAsync(cancellationToken);
        var locks = new RepositoryLocks(repository, Activity);
        if (await ShouldProcessAsync(repository.Location, RemoveAll ? "Remove all locks" : "Remove stale locks"))
        {
            foreach (var removed in await locks.RemoveAsync(RemoveAll, cancellationToken)) await WriteObjectAsync(removed);
            return;
        }
        foreach (var held in await locks.ListAsync(cancellationToken))
        {
            if (RemoveAll || held.StaleReason is not null) await WriteObjectAsync(held);
        }
    }
}
