using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Cmdlets.Backup;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Drive;

/// <summary>A drive that shows a repository. It is opened when it is first looked at, and stays open.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class BackupDriveInfo : PSDriveInfo
{
    /// <summary>The root of the drive that shows whatever repository the environment names.</summary>
    internal const string EnvironmentRoot = "RESTIC_REPOSITORY";

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SecretSource? _password;
    private RepositoryView? _view;

    internal BackupDriveInfo(PSDriveInfo drive) : this(drive, null)
    {
    }

    internal BackupDriveInfo(PSDriveInfo drive, SecretSource? password) : base(drive) => _password = password;

    /// <summary>The key of a repository that some drive has open, or <see langword="null"/>.</summary>
    internal static UnlockedKey? FindKey(SessionState session, string location) => FindView(session, location)?.Key;

    /// <summary>A repository that some drive has open, or <see langword="null"/>.</summary>
    internal static RepositoryView? FindView(SessionState session, string location) => session.Drive.GetAll().OfType<BackupDriveInfo>()
        .Select(drive => drive._view).FirstOrDefault(view => view?.Repository.Location == location);

    /// <summary>The repository, opened if need be.</summary>
    /// <param name="resolve">Makes a path absolute.</param>
    /// <param name="cancellationToken">Stops.</param>
    internal async Task<RepositoryView> OpenAsync(Func<string, string> resolve, CancellationToken cancellationToken)
    {
        string location = GetLocation(resolve);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_view is { } open && open.Repository.Location == location) return open;
            var source = _password ?? PasswordSources.FromEnvironment() ?? throw BackupErrors.PasswordMissing();
            using var password = await source.ResolveAsync(cancellationToken);
            var view = new RepositoryView(await Repository.OpenAsync(new LocalStorage(location, TimeProvider.System), password.Bytes, TimeProvider.System, cancellationToken));
            // The environment may name another one now.
            if (_view is not null) await _view.DisposeAsync();
            return _view = view;
        }
        finally
        {
            _gate.Release();
        }
    }

    internal async Task CloseAsync()
    {
        await _gate.WaitAsync();
        if (_view is not null) await _view.DisposeAsync();
        _view = null;
        _gate.Release();
    }

    private string GetLocation(Func<string, string> resolve)
    {
        if (Root != EnvironmentRoot) return Path.GetFullPath(Root);
        return Environment.GetEnvironmentVariable(EnvironmentRoot) is { Length: > 0 } named ? Path.GetFullPath(resolve(named)) : throw BackupErrors.RepositoryNotNamed();
    }
}
