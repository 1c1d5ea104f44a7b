using System.Management.Automation;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Takes a key away, so that its password no longer opens the repository.</summary>
[Cmdlet(VerbsCommon.Remove, "BackupKey", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveBackupKey : RepositoryCmdlet
{
    /// <summary>The keys, by id or its beginning.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The key's id or the beginning of it.")]
    [ArgumentCompleter(typeof(KeyCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var repository = await OpenRepositoryAsync(cancellationToken);
        foreach (string id in Id)
        {
            try
            {
                var key = await repository.FindKeyAsync(id, cancellationToken);
                if (await ShouldProcessAsync($"{key.ToShortString()} of {repository.Location}", "Remove the key"))
                    await repository.RemoveKeyAsync(key, cancellationToken);
            }
            catch (ProdOpsException e)
            {
                await WriteErrorAsync(e);
            }
        }
    }
}
