using System.Management.Automation;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Tells what a backup repository holds, how much room it takes, and how it grows.</summary>
[Cmdlet(VerbsCommon.Get, "BackupRepository")]
[OutputType(typeof(BackupRepository))]
public sealed class GetBackupRepository : RepositoryCmdlet
{
    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The repository: a folder, a location as restic writes it, or a name in the environment. Default: RESTIC_REPOSITORY.")]
    [Alias("Repo")]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    [ValidateNotNullOrEmpty]
    public override string? Repository { get; set; }

    /// <summary>Reads the folders.</summary>
    [Parameter(HelpMessage = "Also reads the listings of all folders, to tell what each backup added and which files and folders added most.")]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var repository = await OpenIndexedAsync(cancellationToken);
        await WriteObjectAsync(await BackupModel.DescribeAsync(repository, Activity, cancellationToken, Detailed));
    }
}
