using System.Management.Automation;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Lists the keys that open a repository.</summary>
[Cmdlet(VerbsCommon.Get, "BackupKey")]
[OutputType(typeof(BackupKey))]
public sealed class GetBackupKey : RepositoryCmdlet
{
    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var repository = await OpenRepositoryAsync(cancellationToken);
        foreach (var key in await repository.ListKeysAsync(Activity, cancellationToken)) await WriteObjectAsync(key);
    }
}
