using System.Management.Automation;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Makes an empty backup repository.</summary>
[Cmdlet(VerbsData.Initialize, "BackupRepository", SupportsShouldProcess = true)]
[OutputType(typeof(BackupRepository))]
public sealed class InitializeBackupRepository : RepositoryCmdlet
{
    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The folder to make the repository in; it is made if need be. Default: the environment variable RESTIC_REPOSITORY.")]
    [Alias("Repo")]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    [ValidateNotNullOrEmpty]
    public override string? Repository { get; set; }

    /// <summary>The version of restic's format.</summary>
    [Parameter(HelpMessage = "The version of the format: 2 compresses, 1 is for restic older than 0.14.")]
    [ValidateRange(1, 2)]
    public int Version { get; set; } = 2;

    /// <summary>A repository whose chunker polynomial to use, so that copies between the two share pieces.</summary>
    [Parameter(HelpMessage = "The folder of another repository with the same password, to cut files at the same places, so that copies between the two need no new pieces.")]
    [ValidateNotNullOrEmpty]
    public string? CopyChunkerFrom { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        string location = await GetLocationAsync();
        if (!await ShouldProcessAsync(location, "Make a backup repository")) return;
        using var password = await ResolvePasswordAsync(cancellationToken);
        ulong? polynomial = null;
        if (CopyChunkerFrom is not null)
        {
            await using var source = await OpenAsync(await ResolvePathAsync(CopyChunkerFrom), password, dryRun: false, cancellationToken);
            polynomial = source.Config.Polynomial;
        }
        var options = new RepositoryInitializeOptions { Version = Version, Polynomial = polynomial };
        await using var repository = await ProdOps.Backup.Repositories.Repository.InitializeAsync(
            new LocalStorage(location, TimeProvider.System), password.Bytes, options, TimeProvider.System, cancellationToken);
        await repository.LoadIndexAsync(Activity, cancellationToken);
        await WriteObjectAsync(await BackupModel.DescribeAsync(repository, Activity, cancellationToken));
    }
}
