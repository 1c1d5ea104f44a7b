using System.Net;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Pairs;

/// <summary>Asks all balancers of a pair side by side who holds an address, and says of each what it is to the pair.</summary>
internal static class PairReader
{
    /// <summary>Asks the balancers. One that cannot be asked is part of the answer, with the reason.</summary>
    /// <param name="servers">The balancers: names of servers, in the order of the environment.</param>
    /// <param name="open">Connects to one.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public static async Task<PairState> ReadAsync(IReadOnlyList<string> servers, Func<string, CancellationToken, Task<IServerShell>> open, CancellationToken cancellationToken)
    {
        var failures = new Dictionary<string, ProdOpsException>(StringComparer.OrdinalIgnoreCase);
        var facts = await Task.WhenAll(servers.Select(async server =>
        {
            try
            {
                return await PairProbe.ReadAsync(await open(server, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false) with { Server = server };
            }
            catch (ProdOpsException error)
            {
                lock (failures) failures.Add(server, error);
                return null;
            }
        })).ConfigureAwait(false);
        return new PairState([.. facts.OfType<PairFacts>()], failures);
    }
}

/// <summary>A pair as its balancers told it.</summary>
/// <param name="Members">Those that answered.</param>
/// <param name="Failures">Why the others did not.</param>
internal sealed record PairState(IReadOnlyList<PairFacts> Members, IReadOnlyDictionary<string, ProdOpsException> Failures)
{
    /// <summary>Who holds the address: names of servers.</summary>
    public IReadOnlyList<string> HoldersOf(IPAddress address) => [.. Members.Where(member => member.Addresses.Contains(address)).Select(member => member.Server)];

    /// <summary>What a balancer is to its pair.</summary>
    /// <remarks>
    /// That nobody holds an address is known only when all were asked, or when the balancer's own keepalived is neither master nor backup: a backup hears a master, be it one that we cannot reach.
    /// </remarks>
    public LoadBalancerRole RoleOf(string server, IPAddress address)
    {
        var holders = HoldersOf(address);
        if (holders.Contains(server, StringComparer.OrdinalIgnoreCase)) return holders.Count > 1 ? LoadBalancerRole.Conflict : LoadBalancerRole.Active;
        if (holders.Count > 0) return LoadBalancerRole.Standby;
        bool hearsMaster = Failures.Count > 0 && Find(server)?.RouterOf(address)?.State == VirtualRouterState.Backup;
        return hearsMaster ? LoadBalancerRole.Standby : LoadBalancerRole.Orphaned;
    }

    /// <summary>What is wrong with the pair as far as a balancer is concerned, in words, the worst first.</summary>
    public IReadOnlyList<string> ProblemsOf(string server, IPAddress address)
    {
        var problems = new List<string>();
        var role = RoleOf(server, address);
        if (role == LoadBalancerRole.Conflict) problems.Add($"{address} is held by {string.Join(" and ", HoldersOf(address))} at once: they do not hear each other's VRRP");
        if (role == LoadBalancerRole.Orphaned) problems.Add($"nobody holds {address}");
        if (Find(server) is { } facts)
        {
            var router = facts.RouterOf(address);
            if (facts.KeepalivedProcess is null) problems.Add("keepalived does not run");
            else if (facts.Routers is not null && router is null) problems.Add($"keepalived has no virtual router for {address}");
            else if (router?.State == VirtualRouterState.Fault) problems.Add($"keepalived's virtual router {router.Name} is in fault");
            if (Members.Any(other => other.Server != server && other.RouterOf(address) is { } theirs && router is not null && theirs.Id != router.Id))
                problems.Add($"the balancers have different numbers (VRID) for the virtual router of {address}");
            if (Members.FirstOrDefault(other => other.Server != server && other.RouterOf(address) is { } theirs && theirs.Priority == router?.Priority) is { } equal)
                problems.Add($"it has the same priority as {equal.Server}: who of them holds {address} is left to chance");
        }

        return problems;
    }

    private PairFacts? Find(string server) => Members.FirstOrDefault(member => member.Server.Equals(server, StringComparison.OrdinalIgnoreCase));
}
