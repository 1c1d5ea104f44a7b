using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Cmdlets.Backup;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.LoadBalancing;
using ProdOps.Cmdlets.Monitoring;
using ProdOps.Cmdlets.Servers;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Execution.Steps;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>What carrying out a plan gets from the session.</summary>
internal sealed class SessionRecovery : IRecoveryAccess, IAsyncDisposable
{
    private readonly SetAccess _sets;
    private readonly CommandChecks _checks;
    private readonly PoolChanges _pools;
    private readonly Publications _publications;

    public SessionRecovery(AsyncCmdlet cmdlet, ServerAccess access, ServerShells shells, ProdOpsEnvironment environment, IActivity activity)
    {
        // Where there is a copy, one that cannot be reached is likelier lost than worth waiting for.
        _sets = new SetAccess(cmdlet, access, shells, environment, activity)
        {
            RetryOf = name => environment.Backups.Any(set => ((string[])[set.Repository, .. set.CopyTo])[..^1].Contains(name, StringComparer.OrdinalIgnoreCase)) ? new RetryOptions { FirstConnects = 0 } : null,
        };
        _checks = new CommandChecks(cmdlet, access, _sets.OpenShellAsync, environment, activity);
        _pools = new PoolChanges(environment, _sets.OpenShellAsync, _sets.SourceOf, activity, TimeProvider.System);
        _publications = new Publications(environment, _sets.OpenShellAsync, activity, TimeProvider.System) { Done = done => PublicationKeeper.KeepAsync(done, environment.Name, activity) };
    }

    /// <summary>Asks a person.</summary>
    public required Func<RecoveryStep, string, Task<bool>> Ask { get; init; }

    /// <inheritdoc/>
    public Task<Repository> OpenRepositoryAsync(string name, CancellationToken cancellationToken) => _sets.OpenRepositoryAsync(name, cancellationToken);

    /// <inheritdoc/>
    public Task<IServerShell> OpenShellAsync(Server server, CancellationToken cancellationToken) => _sets.OpenShellAsync(server, cancellationToken);

    /// <inheritdoc/>
    public SecretSource SourceOf(SecretReference reference) => _sets.SourceOf(reference);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HealthCheckResult>> CheckAsync(HealthCheckDefinition check, Server server, CancellationToken cancellationToken) => _checks.RunAsync(check, server, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> AskAsync(RecoveryStep step, string server, CancellationToken cancellationToken) => Ask(step, server);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ChangePoolAsync(RecoveryStep step, string server, bool plan, CancellationToken cancellationToken) => _pools.ChangeAsync(step, server, plan, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> MoveAddressAsync(RecoveryStep step, string server, bool plan, CancellationToken cancellationToken) => _pools.MoveAddressAsync(step, server, plan, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> PublishAsync(RecoveryStep step, string balancer, Server server, bool plan, CancellationToken cancellationToken) => _publications.PublishAsync(step, balancer, server, plan, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _checks.DisposeAsync();
        await _sets.DisposeAsync();
    }
}
