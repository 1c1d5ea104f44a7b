using ProdOps.LoadBalancing.Operating;

namespace ProdOps.LoadBalancing.Rolling;

/// <summary>A pool on the balancers of a group.</summary>
/// <param name="group">The balancers.</param>
/// <param name="pool">The pool's name in their configuration.</param>
/// <param name="options">How changes are made.</param>
/// <param name="activity">Where to report to.</param>
/// <param name="owner">Who works on it, in words.</param>
internal sealed class BalancerPool(BalancerGroup group, string pool, BackendChangeOptions options, IActivity activity, string owner) : IRollingPool, IAsyncDisposable
{
    private readonly Dictionary<IBalancer, ServerHold?> _holds = [];

    public bool CountsByServer => group.Balancers.Any(balancer => balancer.Kind == LoadBalancerKind.HAProxy);

    public async Task HoldAsync(CancellationToken cancellationToken)
    {
        // All take them in one order: of two that begin at the same time one gets all.
        foreach (var balancer in group.Balancers.OrderBy(balancer => balancer.Server, StringComparer.Ordinal))
        {
            if (_holds.TryGetValue(balancer, out var held) && held is not { IsLost: true }) continue;
            if (held is not null) await held.DisposeAsync().ConfigureAwait(false);
            try
            {
                _holds[balancer] = await balancer.HoldAsync(pool, owner, cancellationToken).ConfigureAwait(false);
            }
            catch (ProdOpsException error) when (error.ErrorId == LoadBalancingErrors.PoolLockFailedId)
            {
                activity.Warning(error.Message);
                _holds[balancer] = null;
            }
        }
    }

    public async Task<long?> CountRequestsAsync(CancellationToken cancellationToken)
    {
        long?[] counts = await Task.WhenAll(group.Balancers.Select(balancer => balancer.CountRequestsAsync(cancellationToken))).ConfigureAwait(false);
        return counts.Any(count => count is null) ? null : counts.Sum();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hold in _holds.Values.OfType<ServerHold>()) await hold.DisposeAsync().ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<BackendServer>> ReadAsync(CancellationToken cancellationToken)
    {
        var servers = new List<BackendServer>();
        await foreach (var server in group.ReadAsync(pool, OnErrorAsync, cancellationToken).ConfigureAwait(false)) servers.Add(server);
        return servers;
    }

    public Task<BackendServerChange> DisableAsync(string server, TimeSpan timeout, bool endSessions, CancellationToken cancellationToken) => group.DisableAsync(
        new BackendMember(pool, server),
        new DisableOptions
        {
            MinimumHealthy = options.MinimumHealthy, Force = options.Force, AllowPartial = options.AllowPartial, Timeout = timeout,
            OnTimeout = endSessions ? DrainTimeoutAction.Shutdown : DrainTimeoutAction.PutBack,
        },
        activity, cancellationToken);

    public Task<BackendServerChange> EnableAsync(string server, TimeSpan timeout, CancellationToken cancellationToken) => group.EnableAsync(
        new BackendMember(pool, server), new EnableOptions { AllowPartial = options.AllowPartial, Timeout = timeout }, activity, cancellationToken);

    /// <summary>A balancer that cannot be asked is an error, unless the others are enough.</summary>
    private Task OnErrorAsync(IBalancer balancer, ProdOpsException error)
    {
        if (!options.AllowPartial) throw error;
        activity.Warning(error.Message);
        return Task.CompletedTask;
    }
}
