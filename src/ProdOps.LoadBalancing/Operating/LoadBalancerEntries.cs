using ProdOps.Servers;
using ProdOps.Servers.Inventory;

namespace ProdOps.LoadBalancing.Operating;

/// <summary>Finds an environment's load balancers by name.</summary>
internal static class LoadBalancerEntries
{
    /// <summary>The entry of a name; without one the only entry that there is.</summary>
    /// <exception cref="ProdOpsException">There is no such entry, or there are several and none is named.</exception>
    public static LoadBalancerDefinition Find(ProdOpsEnvironment? environment, string? name)
    {
        var entries = (environment ?? throw ServersErrors.NoEnvironment()).LoadBalancers;
        if (name is null) return entries is [var only] ? only : throw LoadBalancingErrors.EntryNotNamed();
        return entries.FirstOrDefault(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw LoadBalancingErrors.EntryNotFound(name, Nearest.Find(name, entries.Select(entry => entry.Name)));
    }
}
