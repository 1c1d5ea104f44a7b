using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Operating;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>
/// The base of the cmdlets that change servers of pools. What comes from Get-BackendServer is collected: rows of several balancers for the same server are one change on all
/// of its balancers, and the changes are made one after the other, so that each sees what the one before has left.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class BackendChangeCmdlet : BalancerCmdlet
{
    private readonly List<Request> _requests = [];

    /// <summary>The servers' names in the pool.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "Servers by their names in the pool: names or wildcards, or what Get-BackendServer emits.")]
    [ArgumentCompleter(typeof(BackendServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public virtual string[] Name { get; set; } = [];

    /// <summary>The pool.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The pool (backend) by name or wildcard. Default: the entries' pools; without an entry each pool that has the server.")]
    [ArgumentCompleter(typeof(BackendPoolCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public virtual string? Pool { get; set; }

    /// <summary>Change the balancers that can be reached.</summary>
    [Parameter(HelpMessage = "Change the balancers that can be reached, although others cannot. Default: nothing is changed then.")]
    public SwitchParameter AllowPartial { get; set; }

    /// <summary>What is done, for -WhatIf and -Confirm.</summary>
    private protected abstract string Action { get; }

    /// <summary>Makes the change.</summary>
    private protected abstract Task<BackendServerChange> ChangeAsync(BalancerGroup group, BackendMember member, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        // An entry has its balancers; the row's own counts where there is none.
        string[] entries = [.. (LoadBalancer ?? []).Where(name => !string.IsNullOrEmpty(name))];
        foreach (string name in Name) _requests.Add(new Request(name, Pool, entries, entries.Length > 0 ? [] : [.. Server ?? []]));
        return base.ProcessAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        // Rows of several balancers: the same server of the same pool, on all of them.
        foreach (var same in _requests.GroupBy(request => (request.Name, request.Pool, Entries: string.Join('\n', request.Entries))))
        {
            foreach (var unit in await FindUnitsAsync(same.First().Entries, [.. same.SelectMany(request => request.Servers).DistinctBy(server => server.Text)]))
            {
                var group = await OpenAsync(unit, cancellationToken);
                foreach (var member in await FindMembersAsync(group, same.First(), cancellationToken)) await TryChangeAsync(group, unit, member, cancellationToken);
            }
        }
    }

    private async Task TryChangeAsync(BalancerGroup group, BalancerUnit unit, BackendMember member, CancellationToken cancellationToken)
    {
        try
        {
            if (!await ShouldProcessAsync($"{member} on {string.Join(", ", unit.Members.Select(balancer => balancer.Server.Name))}", Action)) return;
            await WriteObjectAsync(await ChangeAsync(group, member, cancellationToken));
        }
        catch (ProdOpsException error)
        {
            await WriteErrorAsync(error);
        }
    }

    /// <summary>The servers that a request means on some balancers.</summary>
    private protected virtual Task<IReadOnlyList<BackendMember>> FindMembersAsync(BalancerGroup group, string name, string? pool, CancellationToken cancellationToken) =>
        NamePattern.HasWildcards(name) || pool is null || NamePattern.HasWildcards(pool) ? LookForAsync(group, name, pool, cancellationToken) : Task.FromResult<IReadOnlyList<BackendMember>>([new BackendMember(pool, name)]);

    private Task<IReadOnlyList<BackendMember>> FindMembersAsync(BalancerGroup group, Request request, CancellationToken cancellationToken) =>
        FindMembersAsync(group, request.Name, request.Pool ?? group.Entry?.PoolName(), cancellationToken);

    private async Task<IReadOnlyList<BackendMember>> LookForAsync(BalancerGroup group, string name, string? pool, CancellationToken cancellationToken)
    {
        var errors = new List<ProdOpsException>(group.Missing);
        var servers = new List<BackendServer>();
        string? asked = pool is not null && !NamePattern.HasWildcards(pool) ? pool : null;
        await foreach (var server in group.ReadAsync(asked, (_, error) => Add(errors, error), cancellationToken)) servers.Add(server);
        var found = servers.Where(server => NamePattern.IsMatchOrSame(name, server.Name) && (pool is null || NamePattern.IsMatch(pool, server.Pool))).Select(server => new BackendMember(server.Pool, server.Name)).Distinct().ToList();
        if (found.Count > 0) return found;
        // Nobody could be asked, or nobody has it.
        if (errors.Count > 0) await WriteErrorAsync(errors[0]);
        else if (!NamePattern.HasWildcards(name)) await WriteErrorAsync(LoadBalancingErrors.ServerNowhere(name, pool, Nearest.Find(name, servers.Select(server => server.Name).Distinct(StringComparer.Ordinal))));
        return [];

        static Task Add(List<ProdOpsException> list, ProdOpsException error)
        {
            list.Add(error);
            return Task.CompletedTask;
        }
    }

    private sealed record Request(string Name, string? Pool, IReadOnlyList<string> Entries, IReadOnlyList<ServerReference> Servers);
}
