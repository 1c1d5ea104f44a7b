using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Backup;
using ProdOps.Cmdlets.Places;
using ProdOps.Servers.Connections;
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

    /// <summary>Where the repository is that the drive shows now. Runs on the pipeline thread.</summary>
    internal RepositoryPlace FindPlace(SessionState session) => RepositoryPlace.Find(session, Root == EnvironmentRoot ? null : Root);

    /// <summary>The repository, opened if need be.</summary>
    /// <param name="place">Where it is, as <see cref="FindPlace"/> says.</param>
    /// <param name="shells">The session's connections.</param>
    /// <param name="cancellationToken">Stops.</param>
    internal async Task<RepositoryView> OpenAsync(RepositoryPlace place, ServerShells shells, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_view is { } open && open.Repository.Location == place.Location) return open;
            var source = _password ?? (place.Entry?.Password is { } reference ? SecretSource.From(reference, vault: null) : null)
                ?? PasswordSources.FromEnvironment() ?? throw BackupErrors.PasswordMissing();
            using var password = await source.ResolveAsync(cancellationToken);
            var view = await RepositoryView.OpenAsync(place, password, shells, cancellationToken);
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
}
