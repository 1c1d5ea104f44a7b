using System.ComponentModel;
using System.Management.Automation;
using System.Security;
using ProdOps.Backup;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Drive;
using ProdOps.Cmdlets.Places;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Backup;

/// <summary>The base of the cmdlets that open a backup repository: where it is and what opens it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RepositoryCmdlet : AsyncCmdlet
{
    // Opening costs a key derivation of a quarter of a second, so what the pipeline names again is open already.
    private readonly Dictionary<string, Repository> _open = new(StringComparer.Ordinal);

    // By location. What the environment knows under the name that was given (a password, a user) the location alone does not tell.
    private readonly Dictionary<string, RepositoryPlace> _places = new(StringComparer.Ordinal);

    /// <summary>Where the repository is; without it <c>$env:RESTIC_REPOSITORY</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The repository: a folder, a location as restic writes it, or a name in the environment. Default: RESTIC_REPOSITORY.")]
    [Alias("Repo")]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    [ValidateNotNullOrEmpty]
    public virtual string? Repository { get; set; }

    /// <summary>The environment file that knows the repositories.</summary>
    [Parameter(HelpMessage = "The environment.psd1 that knows the repositories. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public virtual string? Environment { get; set; }

    /// <summary>Certificates to trust.</summary>
    [Parameter(HelpMessage = "A file of certificates (PEM) to trust instead of the system's. Default: the environment variable RESTIC_CACERT.")]
    [ValidateNotNullOrEmpty]
    public string? CACertificate { get; set; }

    /// <summary>The most that is sent.</summary>
    [Parameter(HelpMessage = "How many bytes a second may be sent to a repository elsewhere; 2MB works too.")]
    [ValidateRange(1024, long.MaxValue)]
    public long LimitUpload { get; set; }

    /// <summary>The most that is read.</summary>
    [Parameter(HelpMessage = "How many bytes a second may be read from a repository elsewhere; 2MB works too.")]
    [ValidateRange(1024, long.MaxValue)]
    public long LimitDownload { get; set; }

    /// <summary>The password itself.</summary>
    [Parameter(HelpMessage = "The repository's password.")]
    public SecureString? Password { get; set; }

    /// <summary>A file that holds the password.</summary>
    [Parameter(HelpMessage = "A file that holds the password. Default: the one that the environment variable RESTIC_PASSWORD_FILE names.")]
    [ValidateNotNullOrEmpty]
    public string? PasswordFile { get; set; }

    /// <summary>The name of an environment variable that holds the password.</summary>
    [Parameter(HelpMessage = "The name of the environment variable that holds the password. Default: RESTIC_PASSWORD.")]
    [ArgumentCompleter(typeof(VariableNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? PasswordVariable { get; set; }

    /// <summary>A command that prints the password.</summary>
    [Parameter(HelpMessage = "A command whose output is the password. Default: the environment variable RESTIC_PASSWORD_COMMAND.")]
    [ValidateNotNullOrEmpty]
    public string? PasswordCommand { get; set; }

    /// <summary>Whether what was kept of a repository elsewhere may be used; not by what looks whether it is whole there.</summary>
    private protected virtual bool UsesCache => true;

    /// <summary>Where the repository is, without secrets: from the parameter or from restic's variables.</summary>
    internal async Task<string> GetLocationAsync() => (await FindPlaceAsync(Repository)).Location;

    /// <summary>The place that a text names, or that was found at that location before; without one what restic's variables say.</summary>
    internal async Task<RepositoryPlace> FindPlaceAsync(string? named)
    {
        if (named is not null && _places.TryGetValue(named, out var found)) return found;
        var (place, failure) = await InvokeAsync<(RepositoryPlace?, ProdOpsException?)>(() =>
        {
            // An exception on the pipeline thread would end the whole pipeline instead of this step.
            try
            {
                return (RepositoryPlace.Find(SessionState, named, Environment), null);
            }
            catch (ProdOpsException e)
            {
                return (null, e);
            }
        });
        if (place is null) throw failure!;
        _places.TryAdd(place.Location, place);
        return place;
    }

    /// <summary>A path as the file system has it; relative ones are below the session's location.</summary>
    internal Task<string> ResolvePathAsync(string path) => InvokeAsync(() => GetUnresolvedProviderPathFromPSPath(path));

    /// <summary>The password, to be disposed as soon as it was used: the parameters' first, then the environment file's, then restic's variables.</summary>
    internal async Task<Secret> ResolvePasswordAsync(RepositoryPlace place, CancellationToken cancellationToken) =>
        await (await FindGivenPasswordAsync() ?? PasswordOf(place) ?? PasswordSources.FromEnvironment() ?? throw BackupErrors.PasswordMissing()).ResolveAsync(cancellationToken);

    /// <summary>The password that the environment's file names for a repository, or <see langword="null"/>.</summary>
    internal SecretSource? PasswordOf(RepositoryPlace place) => place.Entry?.Password is { } reference ? SecretSource.From(reference, new SessionVault(this)) : null;

    /// <summary>Opens the repository, once for all input that names the same one.</summary>
    /// <param name="cancellationToken">Stops.</param>
    /// <param name="dryRun">Keeps every change in memory.</param>
    /// <param name="location">Where it is, if that is not what the parameters say now.</param>
    internal async Task<Repository> OpenRepositoryAsync(CancellationToken cancellationToken, bool dryRun = false, string? location = null)
    {
        var place = await FindPlaceAsync(location ?? Repository);
        if (_open.TryGetValue(place.Location, out var known)) return known;
        var repository = await OpenMountedAsync(place, dryRun, cancellationToken);
        if (repository is null)
        {
            using var password = await ResolvePasswordAsync(place, cancellationToken);
            repository = await OpenAsync(place, password, dryRun, cancellationToken);
        }
        _open.Add(place.Location, repository);
        return repository;
    }

    /// <summary>Opens the repository and loads its index.</summary>
    internal async Task<Repository> OpenIndexedAsync(CancellationToken cancellationToken)
    {
        var repository = await OpenRepositoryAsync(cancellationToken);
        if (!repository.IsIndexLoaded) await repository.LoadIndexAsync(Activity, cancellationToken);
        return repository;
    }

    internal async Task<Repository> OpenAsync(RepositoryPlace place, Secret password, bool dryRun, CancellationToken cancellationToken) =>
        await OpenStorageAsync(place, dryRun, storage => ProdOps.Backup.Repositories.Repository.OpenAsync(storage, password.Bytes, TimeProvider.System, cancellationToken), cancellationToken);

    /// <summary>Opens a place, and gives it back if what is to be done with it fails.</summary>
    internal async Task<Repository> OpenStorageAsync(RepositoryPlace place, bool dryRun, Func<IStorage, Task<Repository>> open, CancellationToken cancellationToken)
    {
        var storage = await PlaceOpener.OpenAsync(place.Address, place.Credentials(new SessionVault(this)), await TransferOptionsOfAsync(place), cancellationToken);
        if (dryRun) storage = new DryRunStorage(storage);
        try
        {
            return await open(storage);
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        foreach (var repository in _open.Values) await repository.DisposeAsync();
        _open.Clear();
    }

    /// <summary>A repository that a drive of this session has open needs no password again, and no key derivation.</summary>
    private async Task<Repository?> OpenMountedAsync(RepositoryPlace place, bool dryRun, CancellationToken cancellationToken)
    {
        if (await FindGivenPasswordAsync() is not null) return null;
        var key = await InvokeAsync(() => BackupDriveInfo.FindKey(SessionState, place.Location));
        if (key is null) return null;
        try
        {
            return await OpenStorageAsync(
                place, dryRun, storage => ProdOps.Backup.Repositories.Repository.OpenAsync(storage, key, TimeProvider.System, cancellationToken), cancellationToken);
        }
        catch (ProdOpsException e)
        {
            Activity.Verbose($"The drive's key does not open '{place.Location}': {e.Message}");
            return null;
        }
    }

    private async Task<SecretSource?> FindGivenPasswordAsync() => PasswordSources.FromParameters(
        Password, PasswordFile is null ? null : await ResolvePathAsync(PasswordFile), PasswordVariable, PasswordCommand);

    private async Task<TransferOptions> TransferOptionsOfAsync(RepositoryPlace place)
    {
        var said = place.Transfer();
        return said with
        {
            Upload = LimitUpload > 0 ? new RateLimit(LimitUpload, TimeProvider.System) : said.Upload,
            Download = LimitDownload > 0 ? new RateLimit(LimitDownload, TimeProvider.System) : said.Download,
            CaCertificate = CACertificate is null ? said.CaCertificate : await ResolvePathAsync(CACertificate),
            ConnectSftp = place.Address is SftpAddress ? await ConnectSftpAsync() : null,
            CacheRoot = UsesCache ? CacheFolder.DefaultRoot : null,
            Activity = Activity,
        };
    }

    private async Task<Func<SftpAddress, CancellationToken, Task<SftpSession>>> ConnectSftpAsync()
    {
        var (shells, environment) = await InvokeAsync(() => (SessionShells.Current, SessionEnvironment.Of(SessionState, Environment).TryLoad()));
        var vault = new SessionVault(this);
        return new SftpConnector(shells, environment, server => new ConnectionTarget(server) { Secrets = reference => SecretSource.From(reference, vault) }, Activity).ConnectAsync;
    }
}
