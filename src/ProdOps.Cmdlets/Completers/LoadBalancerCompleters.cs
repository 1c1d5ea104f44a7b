using ProdOps.LoadBalancing.Operating;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes the environment's load balancers, with their balancers.</summary>
internal sealed class LoadBalancerCompleter : EnvironmentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) =>
        Sorted(environment.LoadBalancers.Select(entry => (entry.Name, $"{entry.Kind} on {Few(entry.Servers)}")));
}

/// <summary>Proposes the pools of the environment's load balancers, with their servers.</summary>
internal sealed class BackendPoolCompleter : EnvironmentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) =>
        Sorted(environment.LoadBalancers.Select(entry => (entry.PoolName(), Few(entry.Pool))));
}

/// <summary>Proposes the servers in the pools of the environment's load balancers, with the pools.</summary>
internal sealed class BackendServerCompleter : EnvironmentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) =>
        Sorted(environment.LoadBalancers.SelectMany(entry => entry.Pool.Select(server => (Server: server, Pool: entry.PoolName())))
            .GroupBy(pair => pair.Server, pair => pair.Pool, StringComparer.OrdinalIgnoreCase).Select(pools => (pools.Key, Few(pools))));
}
