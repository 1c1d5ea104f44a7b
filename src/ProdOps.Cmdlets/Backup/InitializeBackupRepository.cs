using System.Management.Automation;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Completers;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Makes an empty backup repository.</summary>
[Cmdlet(VerbsData.Initialize, "BackupRepository", SupportsShouldProcess = true)]
[OutputType(typeof(BackupRepository))]
public sealed class InitializeBackupRepository : RepositoryCmdlet
{
    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "Where to make the repository: a folder, a location as restic writes it, or a name in the environment. Default: RESTIC_REPOSITORY.")]
    [Alias("Repo")]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    [ValidateNotNullOrEmpty]
    public override string? Repository { get; set; }

    /// <summary>The version of restic's format.</summary>
    [Parameter(HelpMessage = "The version of the format: 2 compresses, 1 is for restic older than 0.14.")]
    [ValidateRange(1, 2)]
    public int Version { get; set; } = 2;

    /// <summary>A repository whose chunker polynomial to use, so that copies between the two share pieces.</summary>
    [Parameter(HelpMessage = "Another repository, with the same password or in the environment, to cut files at the same places: copies between the two share pieces.")]
    [Alias("CopyChunkerFrom")]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    [ValidateNotNullOrEmpty]
    public string? CopyChunkerParametersFrom { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var place = await FindPlaceAsync(Repository);
        if (!await ShouldProcessAsync(place.Location, "Make a backup repository")) return;
        using var password = await ResolvePasswordAsync(place, cancellationToken);
        var options = new RepositoryInitializeOptions { Version = Version, Polynomial = await FindPolynomialAsync(password, cancellationToken) };
        await using var repository = await OpenStorageAsync(place, dryRun: false, storage =>
            ProdOps.Backup.Repositories.Repository.InitializeAsync(storage, password.Bytes, options, TimeProvider.System, cancellationToken), cancellationToken);
        await repository.LoadIndexAsync(Activity, cancellationToken);
        await WriteObjectAsync(await BackupModel.DescribeAsync(repository, Activity, cancellationToken));
    }

    private async Task<ulong?> FindPolynomialAsync(Secret password, CancellationToken cancellationToken)
    {
        if (CopyChunkerParametersFrom is null) return null;
        var place = await FindPlaceAsync(CopyChunkerParametersFrom);
        // Two repositories with one password are the usual case; the environment may know better.
        using var other = PasswordOf(place) is { } source ? await source.ResolveAsync(cancellationToken) : null;
        await using var repository = await OpenAsync(place, other ?? password, dryRun: false, cancellationToken);
        return repository.Config.Polynomial;
    }
}
