namespace ProdOps.Recovery.Topology;

/// <summary>
/// Makes the graph of an environment. What users need is at the top: the services of its file; without any what its load balancers serve, and servers of an application that stand behind none.
/// </summary>
internal sealed partial class TopologyBuilder
{
    // Who is served by these looks at the application, and needs none of it.
    private static readonly string[] BesideTheApplication = ["Backup", "Log", "Monitor"];
    private static readonly string[] Application = ["App", "Web"];
    private static readonly string[] BehindTheApplication = ["Database", "Cache", "Queue"];

    private readonly ProdOpsEnvironment _environment;
    private readonly TopologyGraph _graph = new();
    private readonly Dictionary<string, Server> _servers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, RedundancyDefinition> _redundancy = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _isAssumed;

    private TopologyBuilder(ProdOpsEnvironment environment)
    {
        _environment = environment;
        foreach (var server in environment.Servers) _servers.TryAdd(server.Name, server);
        foreach (var group in environment.Redundancy)
            foreach (string server in group.Servers) _redundancy.TryAdd(server, group);
        _isAssumed = environment.Services.Count == 0 && environment.Servers.All(server => server.DependsOn.Count == 0);
    }

    /// <summary>Makes it.</summary>
    public static TopologyModel Build(ProdOpsEnvironment environment) => new TopologyBuilder(environment).Build();

    private TopologyModel Build()
    {
        foreach (var server in _environment.Servers) AddServer(server);
        foreach (var group in _environment.Redundancy) AddRedundancy(group);
        foreach (var balancer in _environment.LoadBalancers) AddLoadBalancer(balancer);
        foreach (var server in _environment.Servers) AddNeeds(server);
        AddWatchers();
        var entries = Services().ToList();
        var data = Data().ToList();
        return new TopologyModel(_environment, _graph, entries, data, Unneeded(entries));
    }

    private void AddServer(Server server)
    {
        var node = _graph.Add(TopologyNodeKind.Server, server.Name, server);
        foreach (var (kind, name) in PlacesOf(server)) TopologyGraph.NeedAll(node, [_graph.Add(kind, name)]);
        foreach (string service in server.Services) TopologyGraph.NeedAll(_graph.Add(TopologyNodeKind.Unit, $"{service} on {server.Name}", server), [node]);
    }

    private static IEnumerable<(TopologyNodeKind Kind, string Name)> PlacesOf(Server server)
    {
        if (server.Site is { } site) yield return (TopologyNodeKind.Site, site);
        // Racks, hypervisors and networks of two sites may have the same names.
        string within = server.Site is null ? "" : $" in {server.Site}";
        if (server.Rack is { } rack) yield return (TopologyNodeKind.Rack, rack + within);
        if (server.Hypervisor is { } hypervisor) yield return (TopologyNodeKind.Hypervisor, hypervisor + within);
        if (server.Network is { } network) yield return (TopologyNodeKind.Network, network + within);
    }

    private void AddRedundancy(RedundancyDefinition group) =>
        TopologyGraph.NeedSome(_graph.Add(TopologyNodeKind.Redundancy, group.Name, group), group.Need, group.Servers.Select(NodeOf), group.Failover == FailoverMode.Manual);

    private void AddLoadBalancer(LoadBalancerDefinition balancer)
    {
        var node = _graph.Add(TopologyNodeKind.LoadBalancer, balancer.Name, balancer);
        var balancers = balancer.Servers.Select(NodeOf).ToList();
        string? moving = balancer.VirtualAddress ?? balancer.FloatingAddress?.Address;
        if (moving is null)
        {
            // Clients that were told one of several addresses do not know of the others.
            TopologyGraph.NeedAll(node, balancers);
        }
        else
        {
            var address = _graph.Add(TopologyNodeKind.Address, $"{moving} of {balancer.Name}", balancer);
            // keepalived moves its address by itself; one of a cloud is moved by Switch-LoadBalancer.
            TopologyGraph.NeedSome(address, 1, balancers, isManual: balancer.VirtualAddress is null);
            TopologyGraph.NeedAll(node, [address]);
        }

        if (balancer.Pool.Count == 0) return;
        var pool = _graph.Add(TopologyNodeKind.Pool, balancer.Name, balancer);
        TopologyGraph.NeedSome(pool, 1, balancer.Pool.Select(NodeOf));
        TopologyGraph.NeedAll(node, [pool]);
        foreach (var data in balancer.SharedData.Where(data => data.Method != SharedDataMethod.Rsync))
        {
            string what = data.Method == SharedDataMethod.Nfs ? "export" : "object store";
            TopologyGraph.NeedAll(pool, [_graph.Add(TopologyNodeKind.Storage, $"{what} of {data.Path}", data)]);
        }
    }

    private void AddNeeds(Server server)
    {
        var node = NodeOf(server.Name);
        var behind = _environment.LoadBalancers.Where(balancer => balancer.Servers.Contains(server.Name, StringComparer.OrdinalIgnoreCase))
            .SelectMany(balancer => balancer.Pool).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var group = _redundancy.GetValueOrDefault(server.Name);
        foreach (string need in server.DependsOn)
        {
            // Of the servers behind it a balancer needs what the pool needs; members of one group follow each other, and do not need each other.
            if (behind.Contains(need) || (group is not null && _redundancy.GetValueOrDefault(need) == group)) continue;
            TopologyGraph.NeedAll(node, [Provider(need)]);
        }

        if (!_isAssumed || !Has(server, Application)) return;
        TopologyGraph.NeedAll(node, _environment.Servers.Where(other => Has(other, BehindTheApplication) && !Has(other, Application)).Select(other => Provider(other.Name)), isAssumed: true);
    }

    /// <summary>Who looks at the application: nothing of it needs them, and with both gone at once nobody is told why.</summary>
    private void AddWatchers()
    {
        foreach (var (kind, role) in TopologyModel.Watchers)
        {
            var servers = _environment.Servers.Where(server => Has(server, [role])).Select(server => NodeOf(server.Name)).ToList();
            if (servers.Count > 0) TopologyGraph.NeedSome(_graph.Add(kind, role), 1, servers);
        }
    }

    private IEnumerable<TopologyNode> Services()
    {
        if (_environment.Services.Count > 0)
        {
            foreach (var service in _environment.Services) _graph.Add(TopologyNodeKind.Service, service.Name, service);
            foreach (var service in _environment.Services)
            {
                var node = _graph.Add(TopologyNodeKind.Service, service.Name, service);
                TopologyGraph.NeedAll(node, service.DependsOn.Select(need => _graph.Find(TopologyNodeKind.LoadBalancer, need)
                    ?? (_servers.ContainsKey(need) ? Provider(need) : _graph.Find(TopologyNodeKind.Service, need) ?? NodeOf(need))));
                yield return node;
            }

            yield break;
        }

        foreach (var balancer in _environment.LoadBalancers)
        {
            var node = _graph.Add(TopologyNodeKind.Service, balancer.Name, balancer);
            TopologyGraph.NeedAll(node, [_graph.Find(TopologyNodeKind.LoadBalancer, balancer.Name)!]);
            yield return node;
        }

        var covered = _environment.LoadBalancers.SelectMany(balancer => balancer.Servers.Concat(balancer.Pool))
            .Concat(_environment.Servers.SelectMany(server => server.DependsOn)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        bool hasApplication = _environment.LoadBalancers.Count > 0 || _environment.Servers.Any(server => Has(server, Application));
        foreach (var server in _environment.Servers.Where(server => !covered.Contains(server.Name) && (hasApplication ? Has(server, Application) : !Has(server, BesideTheApplication))))
        {
            var node = _graph.Add(TopologyNodeKind.Service, server.Name, server);
            TopologyGraph.NeedAll(node, [Provider(server.Name)]);
            yield return node;
        }
    }

    /// <summary>Servers of which nobody says who needs them, and whose role says that somebody does.</summary>
    private List<Server> Unneeded(IReadOnlyList<TopologyNode> entries)
    {
        var needed = new HashSet<int>();
        var left = new Stack<int>(entries.Select(entry => entry.Id));
        while (left.TryPop(out int next))
        {
            if (!needed.Add(next)) continue;
            foreach (int member in _graph[next].Needs.SelectMany(need => need.Members)) left.Push(member);
        }

        return [.. _environment.Servers.Where(server => Has(server, [.. BehindTheApplication, .. Application]) && !needed.Contains(NodeOf(server.Name).Id))];
    }

    /// <summary>What gives what a server gives: its group, if it stands in one.</summary>
    private TopologyNode Provider(string server) => _redundancy.TryGetValue(server, out var group) ? _graph.Add(TopologyNodeKind.Redundancy, group.Name, group) : NodeOf(server);

    private TopologyNode NodeOf(string server) => _graph.Add(TopologyNodeKind.Server, server, _servers.GetValueOrDefault(server));

    private static bool Has(Server server, string[] roles) => server.Roles.Any(role => roles.Contains(role, StringComparer.OrdinalIgnoreCase));
}
