using System.Management.Automation;
using ProdOps.Backup.Repositories;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Lists the backups in a repository, or tells of each backup set how recent its newest backup is.</summary>
[Cmdlet(VerbsCommon.Get, "Backup", DefaultParameterSetName = "List")]
[OutputType(typeof(BackupSnapshot), typeof(BackupState))]
public sealed partial class GetBackup : SelectingCmdlet
{
    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken) => ParameterSetName == LatestSet ? GetStatesAsync(cancellationToken) : ListAsync(cancellationToken);

    private async Task ListAsync(CancellationToken cancellationToken)
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
