using ProdOps.LoadBalancing.HAProxy;
using ProdOps.LoadBalancing.Nginx;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Operating;

/// <summary>Makes what speaks with a balancer, by what the environment says of it.</summary>
internal static class BalancerFactory
{
    /// <param name="shell">The server.</param>
    /// <param name="entries">The environment's entries that it serves, of one kind: a server may be a balancer of both. Without any it is an HAProxy.</param>
    /// <param name="time">The clock.</param>
    public static IBalancer Open(IServerShell shell, IReadOnlyList<LoadBalancerDefinition> entries, TimeProvider time) => entries is [{ Kind: LoadBalancerKind.Nginx }, ..]
        ? new NginxBalancer(shell, NginxBalancerOptions.Of(entries), time)
        : new HAProxyBalancer(shell, HAProxyBalancerOptions.Of(entries), time);
}
