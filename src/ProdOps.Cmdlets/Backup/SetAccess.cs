using System.Collections.Concurrent;
using ProdOps.Backup;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Sets;
using ProdOps.Backup.Storage;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Places;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Opens what backup sets name, by what the environment's file says: repositories once, whoever asks.</summary>
/// <param name="cmdlet">The cmdlet, whose session's vaults hold secrets.</param>
/// <param name="servers">How its parameters say that servers are logged in to.</param>
/// <param name="shells">The session's connections.</param>
/// <param name="environment">The environment.</param>
/// <param name="activity">What happens.</param>
internal sealed class SetAccess(AsyncCmdlet cmdlet, ServerAccess servers, ServerShells shells, ProdOpsEnvironment environment, IActivity activity) : ISetAccess, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<Repository>>> _open = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>How long a repository is asked again, by its name; <see langword="null"/> for as usual.</summary>
    public Func<string, RetryOptions?> RetryOf { get; init; } = static _ => null;

    /// <inheritdoc/>
    public Task<Repository> OpenRepositoryAsync(string name, CancellationToken cancellationToken) =>
        _open.GetOrAdd(name, key => new Lazy<Task<Repository>>(() => OpenAsync(key, _stop.Token))).Value.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<IServerShell> OpenShellAsync(Server server, CancellationToken cancellationToken) => shells.OpenAsync(servers.TargetOf(server), activity, cancellationToken);

    /// <inheritdoc/>
    public SecretSource SourceOf(SecretReference reference) => SecretSource.From(reference, new SessionVault(cmdlet));

    /// <summary>Closes the repositories.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var opened in _open.Values.Where(opened => opened.IsValueCreated))
        {
            await ((Task)opened.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (opened.Value.IsCompletedSuccessfully) await opened.Value.Result.DisposeAsync();
        }

        _open.Clear();
        _stop.Dispose();
    }

    private async Task<Repository> OpenAsync(string name, CancellationToken cancellationToken)
    {
        var entry = environment.Repositories.First(repository => repository.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        var place = RepositoryPlace.Of(entry);
        var source = (entry.Password is { } reference ? SourceOf(reference) : PasswordSources.FromEnvironment()) ?? throw BackupErrors.PasswordMissing();
        using var password = await source.ResolveAsync(cancellationToken);
        var connector = new SftpConnector(shells, environment, server => servers.TargetOf(server), activity);
        var transfer = place.Transfer() with { ConnectSftp = connector.ConnectAsync, Activity = activity };
        var storage = await PlaceOpener.OpenAsync(place.Address, place.Credentials(new SessionVault(cmdlet)), transfer, cancellationToken, RetryOf(name));
        try
        {
            return await Repository.OpenAsync(storage, password.Bytes, TimeProvider.System, cancellationToken);
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    }
}
