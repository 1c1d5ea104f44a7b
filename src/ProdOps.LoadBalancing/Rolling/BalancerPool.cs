using ProdOps.LoadBalancing.Operating;

namespace ProdOps.LoadBalancing.Rolling;

/// <summary>A pool on the balancers of a group.</summary>
/// <param name="group">The balancers.</param>
/// <param name="pool">The pool's name in their configuration.</param>
/// <param name="options">How changes are made.</param>
/// <param name="activity">Where to report to.</param>
internal sealed class BalancerPool(BalancerGroup group, string pool, BackendChangeOptions options, IActivity activity) : IRollingPool
{
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
