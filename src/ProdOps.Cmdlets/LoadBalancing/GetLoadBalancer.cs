using System.Management.Automation;
using System.Net;
using ProdOps.Cmdlets.Common;
using ProdOps.LoadBalancing.Pairs;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Gets balancers: process, load, the nearest limit, pools, and what is wrong.</summary>
[Cmdlet(VerbsCommon.Get, "LoadBalancer")]
[OutputType(typeof(LoadBalancer))]
public sealed class GetLoadBalancer : BalancerCmdlet
{
    private readonly HashSet<string> _entries = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Entries of the environment's LoadBalancers: names or wildcards. Default: all; without an environment this machine.")]
    [Alias("Name")]
    [ArgumentCompleter(typeof(Completers.LoadBalancerCompleter))]
    [SupportsWildcards]
    public override string[]? LoadBalancer { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        _entries.UnionWith(LoadBalancer ?? []);
        return base.ProcessAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var units = await FindUnitsAsync([.. _entries], [.. Server ?? []]);
        var members = units.SelectMany(unit => unit.Members).DistinctBy(member => member.Server.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var pairs = await ReadPairsAsync(members, cancellationToken);
        // Side by side, and told in the environment's order.
        var reads = members.Select(async member => await (await OpenAsync(member, cancellationToken)).ReadAsync(cancellationToken)).ToList();
        foreach (var (member, read) in members.Zip(reads))
        {
            try
            {
                await WriteObjectAsync(WithPair(await read, member, pairs));
            }
            catch (ProdOpsException error)
            {
                await WriteErrorAsync(ErrorMapper.ToErrorRecord(error, member.Server));
            }
        }
    }

    private async Task<Dictionary<string, PairState>> ReadPairsAsync(IReadOnlyList<BalancerMember> members, CancellationToken cancellationToken)
    {
        var byName = members.ToDictionary(member => member.Server.Name, member => member.Server, StringComparer.OrdinalIgnoreCase);
        var pairs = members.SelectMany(member => member.Entries).Where(entry => entry.VirtualAddress is not null).DistinctBy(entry => entry.Name).ToList();
        var states = await Task.WhenAll(pairs.Select(entry => PairReader.ReadAsync(
            [.. entry.Servers.Where(byName.ContainsKey)], (name, token) => OpenAsync(byName[name], token), cancellationToken)));
        return pairs.Zip(states).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.OrdinalIgnoreCase);
    }

    private static LoadBalancer WithPair(LoadBalancer balancer, BalancerMember member, Dictionary<string, PairState> pairs)
    {
        if (member.Entries.FirstOrDefault(entry => entry.VirtualAddress is not null) is not { } entry || !pairs.TryGetValue(entry.Name, out var state) || !IPAddress.TryParse(entry.VirtualAddress, out var address)) return balancer;
        return balancer with
        {
            VirtualAddress = entry.VirtualAddress,
            Role = state.RoleOf(member.Server.Name, address),
            Problems = [.. state.ProblemsOf(member.Server.Name, address), .. balancer.Problems],
        };
    }
}
