using System.Management.Automation;
using ProdOps.Backup.Repositories;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Lists the backups in a repository.</summary>
[Cmdlet(VerbsCommon.Get, "Backup")]
[OutputType(typeof(BackupSnapshot))]
public sealed class GetBackup : SelectingCmdlet
{
    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var found = new List<BackupSnapshot>();
        await ReadAsync(
            async (repository, token) => found.AddRange((await FindSnapshotsAsync(repository, Id, token)).Select(snapshot => BackupModel.ToSnapshot(snapshot, repository.Location))),
            cancellationToken, indexed: false);
        // Whoever comes next in the pipeline may want to lock the repository for itself.
        await UnlockAsync();
        foreach (var snapshot in found) await WriteObjectAsync(snapshot);
    }
}
