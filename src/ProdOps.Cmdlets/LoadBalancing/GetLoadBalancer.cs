using System.Management.Automation;
using System.Net;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Servers;
using ProdOps.LoadBalancing.Pairs;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Gets balancers: process, load, the nearest limit, pools, and what is wrong.</summary>
[Cmdlet(VerbsCommon.Get, "LoadBalancer")]
[OutputType(typeof(LoadBalancer))]
public sealed class GetLoadBalancer : BalancerCmdlet
{
    private readonly HashSet<string> _entries = new(StringComparer.OrdinalIgnoreCase), _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ServerReference> _servers = [];

    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Entries of the environment's LoadBalancers: names or wildcards. Default: all; without an environment this machine.")]
    [Alias("Name")]
    [ArgumentCompleter(typeof(Completers.LoadBalancerCompleter))]
    [SupportsWildcards]
    public override string[]? LoadBalancer { get; set; }

    /// <inheritdoc/>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Balancers instead: servers with HAProxy or nginx, by name, wildcard, role:LoadBalancer, user@host:port. Their configuration may be written by hand.")]
    [Alias("ComputerName", "Cn", "Balancer")]
    [ArgumentCompleter(typeof(Completers.ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        // What comes through the pipeline is bound to both: a server's object means the server, also by its name; an object of this cmdlet has its server; a text alone may mean either.
        var (entries, servers) = (LoadBalancer ?? [], Server ?? []);
        if (servers.Length == 0) _entries.UnionWith(entries);
        else if (entries is [var name] && servers is [{ Server: null } text] && text.Text.Equals(name, StringComparison.OrdinalIgnoreCase)) _names.Add(name);
        else _servers.AddRange(servers);
        return base.ProcessAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        await TellApartAsync();
        List<BalancerUnit> units = _servers.Count == 0 || _entries.Count > 0 ? [.. await FindUnitsAsync([.. _entries], [])] : [];
        if (_servers.Count > 0) units.AddRange(await FindUnitsAsync([], _servers));
        var members = units.SelectMany(unit => unit.Members).DistinctBy(member => member.Key, StringComparer.OrdinalIgnoreCase).ToList();
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

    /// <summary>A name is an entry's, if there is one of the name, else a server's.</summary>
    private async Task TellApartAsync()
    {
        if (_names.Count == 0) return;
        var environment = LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment)));
        foreach (string name in _names)
        {
            bool isServer = environment?.LoadBalancers.Any(entry => NamePattern.IsMatch(name, entry.Name)) != true && environment?.Servers.Any(server => NamePattern.IsMatch(name, server.Name)) == true;
            if (isServer) _servers.Add(new ServerReference(name));
            else _entries.Add(name);
        }
    }

    private async Task<Dictionary<string, PairState>> ReadPairsAsync(IReadOnlyList<BalancerMember> members, CancellationToken cancellationToken)
    {
        var byName = members.Select(member => member.Server).DistinctBy(server => server.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(server => server.Name, StringComparer.OrdinalIgnoreCase);
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
