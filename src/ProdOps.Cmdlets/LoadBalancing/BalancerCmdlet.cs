using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Operating;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>
/// The base of the cmdlets that look at balancers or operate them: those of the environment's entries that are named, or servers with a configuration that was written by
/// hand, else all entries of the environment, else this machine.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class BalancerCmdlet : ServerCmdlet
{
    private readonly Dictionary<string, IBalancer> _open = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Entries of the environment.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Entries of the environment's LoadBalancers: names or wildcards. Default: all; without an environment this machine.")]
    [ArgumentCompleter(typeof(LoadBalancerCompleter))]
    [SupportsWildcards]
    public virtual string[]? LoadBalancer { get; set; }

    /// <summary>Balancers.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Balancers instead: servers with HAProxy or nginx, by name, wildcard, role:LoadBalancer, user@host:port. Their configuration may be written by hand.")]
    [Alias("ComputerName", "Cn", "Balancer")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        // An object in the pipeline may bring both: its entry and its balancer, which belong together. On the command line one of them would count for nothing.
        if (MyInvocation.BoundParameters.ContainsKey(nameof(LoadBalancer)) && MyInvocation.BoundParameters.ContainsKey(nameof(Server))) throw LoadBalancingErrors.ChoiceAmbiguous();
        return base.BeginAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        foreach (var balancer in _open.Values) await balancer.DisposeAsync();
        await base.ReleaseAsync();
    }

    /// <summary>The entries that are named, or the servers, each with all entries that it serves.</summary>
    /// <param name="entries">Names of entries; none for no choice by them.</param>
    /// <param name="servers">Servers; none for no choice by them.</param>
    private protected async Task<IReadOnlyList<BalancerUnit>> FindUnitsAsync(IReadOnlyList<string> entries, IReadOnlyList<ServerReference> servers)
    {
        var environment = LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment)));
        IReadOnlyList<LoadBalancerDefinition> all = environment?.LoadBalancers ?? [];
        if (servers.Count > 0) return [new BalancerUnit(null, Members(await ServerAccess.ResolveAsync(servers, environment, WriteErrorAsync), all))];
        if (entries.Count == 0 && all.Count == 0) return [new BalancerUnit(null, Members([ServerResolver.Local], all))];
        var chosen = new List<LoadBalancerDefinition>();
        foreach (string name in entries.Count == 0 ? ["*"] : entries)
        {
            var found = all.Where(entry => NamePattern.IsMatch(name, entry.Name)).ToList();
            if (found.Count == 0) await WriteErrorAsync(LoadBalancingErrors.EntryNotFound(name, Nearest.Find(name, all.Select(entry => entry.Name))));
            chosen.AddRange(found.Except(chosen));
        }

        var resolver = new ServerResolver(environment);
        return [.. chosen.Select(entry => new BalancerUnit(entry, Members([.. entry.Servers.SelectMany(name => resolver.Resolve(name))], [.. all.Where(other => other.Kind == entry.Kind)])))];
    }

    /// <summary>Connects to a unit's balancers, side by side.</summary>
    private protected async Task<BalancerGroup> OpenAsync(BalancerUnit unit, CancellationToken cancellationToken)
    {
        var opened = await Task.WhenAll(unit.Members.Select(async member =>
        {
            try
            {
                return (Balancer: (IBalancer?)await OpenAsync(member, cancellationToken), Error: (ProdOpsException?)null);
            }
            catch (ProdOpsException error)
            {
                return (Balancer: null, Error: new ProdOpsException(error.ErrorId, error.Kind, error.Message, error.Recommendation, error) { Target = member.Server.Name });
            }
        }));
        return new BalancerGroup([.. opened.Select(item => item.Balancer).OfType<IBalancer>()], TimeProvider.System) { Entry = unit.Entry, Missing = [.. opened.Select(item => item.Error).OfType<ProdOpsException>()] };
    }

    /// <summary>Connects to one balancer. It is kept for what else this command asks it.</summary>
    private protected async Task<IBalancer> OpenAsync(BalancerMember member, CancellationToken cancellationToken)
    {
        lock (_open)
            if (_open.TryGetValue(member.Key, out var known)) return known;
        var balancer = BalancerFactory.Open(await base.OpenAsync(member.Server, cancellationToken), member.Entries, TimeProvider.System);
        lock (_open)
        {
            if (_open.TryAdd(member.Key, balancer)) return balancer;
            return _open[member.Key];
        }
    }

    /// <summary>The balancers on some servers: one of each kind that the entries say is there.</summary>
    private static IReadOnlyList<BalancerMember> Members(IReadOnlyList<Server> servers, IReadOnlyList<LoadBalancerDefinition> all) =>
    [
        .. from server in servers
           from kind in all.Where(entry => entry.Servers.Contains(server.Name, StringComparer.OrdinalIgnoreCase)).GroupBy(entry => entry.Kind).Select(kind => kind.ToArray()).DefaultIfEmpty([])
           select new BalancerMember(server, kind),
    ];
}

/// <summary>Balancers that serve the same pools.</summary>
/// <param name="Entry">The environment's entry; <see langword="null"/> for servers that were named.</param>
/// <param name="Members">The balancers.</param>
internal sealed record BalancerUnit(LoadBalancerDefinition? Entry, IReadOnlyList<BalancerMember> Members);

/// <summary>A balancer.</summary>
/// <param name="Server">The server that it runs on.</param>
/// <param name="Entries">The environment's entries that it serves, all of one kind.</param>
internal sealed record BalancerMember(Server Server, IReadOnlyList<LoadBalancerDefinition> Entries)
{
    /// <summary>What tells it from others; a server may be one of each kind.</summary>
    public string Key => $"{Server.Name}\n{(Entries is [var entry, ..] ? entry.Kind : LoadBalancerKind.HAProxy)}";
}
