using System.ComponentModel;
using System.Management.Automation;
using System.Security;
using ProdOps.Backup;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Cmdlets.Common;
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
        await (await GetPasswordSourceAsync()).ResolveAsync(cancellationToken);

    /// <summary>Opens the repository, once for all input that names the same one.</summary>
    internal async Task<Repository> OpenRepositoryAsync(CancellationToken cancellationToken, bool dryRun = false)
    {
        string location = await GetLocationAsync();
        if (_open.TryGetValue(location, out var known)) return known;
        using var password = await ResolvePasswordAsync(cancellationToken);
        var repository = await OpenAsync(location, password, dryRun, cancellationToken);
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

    internal static async Task<Repository> OpenAsync(string location, Secret password, bool dryRun, CancellationToken cancellationToken)
    {
        IStorage storage = new LocalStorage(location, TimeProvider.System);
        if (dryRun) storage = new DryRunStorage(storage);
        return await ProdOps.Backup.Repositories.Repository.OpenAsync(storage, password.Bytes, TimeProvider.System, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        foreach (var repository in _open.Values) await repository.DisposeAsync();
        _open.Clear();
    }

    /// <summary>Where the password comes from: the parameters first, then restic's environment variables in restic's order.</summary>
    private async Task<SecretSource> GetPasswordSourceAsync()
    {
        if (Password is not null) return SecretSource.FromSecureString(Password);
        if (PasswordFile is not null) return SecretSource.FromFile(await ResolvePathAsync(PasswordFile));
        if (PasswordVariable is not null) return SecretSource.FromVariable(PasswordVariable);
        if (PasswordCommand is not null) return SecretSource.FromCommand(PasswordCommand);
        if (Environment.GetEnvironmentVariable("RESTIC_PASSWORD_COMMAND") is { Length: > 0 } command) return SecretSource.FromCommand(command);
        if (Environment.GetEnvironmentVariable("RESTIC_PASSWORD_FILE") is { Length: > 0 } file) return SecretSource.FromFile(file);
        if (Environment.GetEnvironmentVariable("RESTIC_PASSWORD") is { Length: > 0 }) return SecretSource.FromVariable("RESTIC_PASSWORD");
        throw BackupErrors.PasswordMissing();
    }
}
