using System.ComponentModel;
using System.Management.Automation;
using System.Security;
using ProdOps.Backup;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Drive;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Backup;

/// <summary>The base of the cmdlets that open a backup repository: where it is and what opens it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RepositoryCmdlet : AsyncCmdlet
{
    // Opening costs a key derivation of a quarter of a second, so what the pipeline names again is open already.
    private readonly Dictionary<string, Repository> _open = new(StringComparer.Ordinal);

    /// <summary>Where the repository is; without it <c>$env:RESTIC_REPOSITORY</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The repository's folder. Default: the environment variable RESTIC_REPOSITORY.")]
    [Alias("Repo")]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    [ValidateNotNullOrEmpty]
    public virtual string? Repository { get; set; }

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

    /// <summary>The repository's place, from the parameter or the environment.</summary>
    internal Task<string> GetLocationAsync()
    {
        string? named = Repository ?? Environment.GetEnvironmentVariable("RESTIC_REPOSITORY");
        return string.IsNullOrEmpty(named) ? throw BackupErrors.RepositoryNotNamed() : ResolvePathAsync(named);
    }

    /// <summary>A path as the file system has it; relative ones are below the session's location.</summary>
    internal Task<string> ResolvePathAsync(string path) => InvokeAsync(() => GetUnresolvedProviderPathFromPSPath(path));

    /// <summary>The password, to be disposed as soon as it was used.</summary>
    internal async Task<Secret> ResolvePasswordAsync(CancellationToken cancellationToken) =>
        await (await FindGivenPasswordAsync() ?? PasswordSources.FromEnvironment() ?? throw BackupErrors.PasswordMissing()).ResolveAsync(cancellationToken);

    /// <summary>Opens the repository, once for all input that names the same one.</summary>
    /// <param name="cancellationToken">Stops.</param>
    /// <param name="dryRun">Keeps every change in memory.</param>
    /// <param name="location">Where it is, if that is not what the parameters say now.</param>
    internal async Task<Repository> OpenRepositoryAsync(CancellationToken cancellationToken, bool dryRun = false, string? location = null)
    {
        location ??= await GetLocationAsync();
        if (_open.TryGetValue(location, out var known)) return known;
        var repository = await OpenMountedAsync(location, dryRun, cancellationToken);
        if (repository is null)
        {
            using var password = await ResolvePasswordAsync(cancellationToken);
            repository = await OpenAsync(location, password, dryRun, cancellationToken);
        }
        _open.Add(location, repository);
        return repository;
    }

    /// <summary>Opens the repository and loads its index.</summary>
    internal async Task<Repository> OpenIndexedAsync(CancellationToken cancellationToken)
    {
        var repository = await OpenRepositoryAsync(cancellationToken);
        if (!repository.IsIndexLoaded) await repository.LoadIndexAsync(Activity, cancellationToken);
        return repository;
    }

    internal static async Task<Repository> OpenAsync(string location, Secret password, bool dryRun, CancellationToken cancellationToken) =>
        await ProdOps.Backup.Repositories.Repository.OpenAsync(StorageOf(location, dryRun), password.Bytes, TimeProvider.System, cancellationToken);

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        foreach (var repository in _open.Values) await repository.DisposeAsync();
        _open.Clear();
    }

    /// <summary>A repository that a drive of this session has open needs no password again, and no key derivation.</summary>
    private async Task<Repository?> OpenMountedAsync(string location, bool dryRun, CancellationToken cancellationToken)
    {
        if (await FindGivenPasswordAsync() is not null) return null;
        var key = await InvokeAsync(() => BackupDriveInfo.FindKey(SessionState, location));
        if (key is null) return null;
        try
        {
            return await ProdOps.Backup.Repositories.Repository.OpenAsync(StorageOf(location, dryRun), key, TimeProvider.System, cancellationToken);
        }
        catch (ProdOpsException e)
        {
            Activity.Verbose($"The drive's key does not open '{location}': {e.Message}");
            return null;
        }
    }

    private async Task<SecretSource?> FindGivenPasswordAsync() => PasswordSources.FromParameters(
        Password, PasswordFile is null ? null : await ResolvePathAsync(PasswordFile), PasswordVariable, PasswordCommand);

    private static IStorage StorageOf(string location, bool dryRun)
    {
        IStorage storage = new LocalStorage(location, TimeProvider.System);
        return dryRun ? new DryRunStorage(storage) : storage;
    }
}
