using System.Net;

namespace ProdOps.LoadBalancing.Pairs;

/// <summary>What one balancer of a pair says of its addresses and of its keepalived.</summary>
internal sealed record PairFacts
{
    /// <summary>The balancer: the name of a server.</summary>
    public required string Server { get; init; }

    /// <summary>Every address that its network cards have now.</summary>
    public IReadOnlySet<IPAddress> Addresses { get; init; } = new HashSet<IPAddress>();

    /// <summary>The process that is keepalived; <see langword="null"/> if none runs.</summary>
    public int? KeepalivedProcess { get; init; }

    /// <summary>Its virtual routers; <see langword="null"/> where keepalived does not say, because it does not run or was built without JSON.</summary>
    public IReadOnlyList<VirtualRouter>? Routers { get; init; }

    /// <summary>The router of an address; <see langword="null"/> if there is none.</summary>
    public VirtualRouter? RouterOf(IPAddress address) => Routers?.FirstOrDefault(router => router.Addresses.Contains(address));
}

/// <summary>A virtual router (VRRP, RFC 5798) of keepalived as it is now.</summary>
/// <param name="Name">The name of its <c>vrrp_instance</c>.</param>
/// <param name="Id">The number that it has in the network (VRID).</param>
/// <param name="State">What it is.</param>
/// <param name="BasePriority">The priority of the configuration.</param>
/// <param name="Priority">The priority that counts, with what is tracked.</param>
/// <param name="Addresses">The addresses that it holds while it is the master.</param>
internal sealed record VirtualRouter(string Name, int Id, VirtualRouterState State, int BasePriority, int Priority, IReadOnlyList<IPAddress> Addresses);

/// <summary>The states of keepalived's <c>vrrp_state</c> (vrrp.h), by its numbers.</summary>
internal enum VirtualRouterState
{
    Initial = 0,
    Backup = 1,
    Master = 2,
    Fault = 3,
}
