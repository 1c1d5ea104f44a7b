using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.LoadBalancing.Operating;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Gets the servers of pools as each balancer sees them: state and why, load, errors, checks.</summary>
[Cmdlet(VerbsCommon.Get, "BackendServer")]
[OutputType(typeof(BackendServer))]
public sealed class GetBackendServer : BalancerCmdlet
{
    private readonly HashSet<string> _entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Servers.ServerReference> _servers = [];

    /// <summary>The servers' names in the balancers' configuration.</summary>
    [Parameter(Position = 0, HelpMessage = "Servers by their names in the pool: names or wildcards. Default: all.")]
    [ArgumentCompleter(typeof(BackendServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The pools.</summary>
    [Parameter(HelpMessage = "Pools (backends) by name or wildcard. Default: all; with -LoadBalancer those of the entries.")]
    [ArgumentCompleter(typeof(BackendPoolCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Pool { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        _entries.UnionWith(LoadBalancer ?? []);
        _servers.AddRange(Server ?? []);
        return base.ProcessAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var units = await FindUnitsAsync([.. _entries], _servers);
        // Entries that share their balancers are asked for at once, unless they are chosen by name: then each for its pool.
        if (_entries.Count == 0 && units.Count > 1) units = [new BalancerUnit(null, [.. units.SelectMany(unit => unit.Members).DistinctBy(member => member.Key, StringComparer.OrdinalIgnoreCase)])];
        foreach (var unit in units)
        {
            var group = await OpenAsync(unit, cancellationToken);
            foreach (var missing in group.Missing) await WriteErrorAsync(missing);
            string? pool = _entries.Count > 0 && Pool is null ? unit.Entry?.PoolName() : Pool is [var only] && !NamePattern.HasWildcards(only) ? only : null;
            await foreach (var come in group.ReadManyAsync(pool, (balancer, error) => WriteErrorAsync(ErrorMapper.ToErrorRecord(error, balancer.Server)), cancellationToken)) await WriteAllAsync([.. come.Where(IsWanted)]);
        }
    }

    private bool IsWanted(BackendServer server) => Name.Any(name => NamePattern.IsMatchOrSame(name, server.Name)) && (Pool is null || Pool.Any(name => NamePattern.IsMatch(name, server.Pool)));
}
