using ProdOps.Backup.Sets;
using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery.Topology;

/// <summary>Data is lost when its server and all repositories that it is in are lost at once. A repository is worth nothing without its password.</summary>
internal sealed partial class TopologyBuilder
{
    private static readonly string[] DatabaseServices = ["postgres", "mysql", "mariadb", "mongod", "redis", "valkey", "clickhouse", "elasticsearch", "opensearch", "influxdb", "cassandra", "etcd", "rabbitmq"];

    private readonly Dictionary<string, RepositoryPlace> _places = new(StringComparer.OrdinalIgnoreCase);

    private IEnumerable<DataCopies> Data()
    {
        foreach (var repository in _environment.Repositories) _places.TryAdd(repository.Name, AddRepository(repository));
        var backedUp = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var set in _environment.Backups)
        {
            foreach (string server in ServersOf(set))
            {
                backedUp.Add(server);
                yield return Copies($"{set.Name} of {server}", set, server);
            }
        }

        foreach (var server in _environment.Servers.Where(server => HoldsData(server) && !backedUp.Contains(server.Name)))
        {
            // What one of a group has, all have: a set of any of them is enough.
            if (_redundancy.TryGetValue(server.Name, out var group) && group.Servers.Any(backedUp.Contains)) continue;
            yield return Copies($"data of {server.Name}", null, server.Name);
        }
    }

    private DataCopies Copies(string name, BackupSet? set, string server)
    {
        var node = _graph.Add(TopologyNodeKind.Data, name, (object?)set ?? _servers.GetValueOrDefault(server));
        var places = (set is null ? [] : set.CopyTo.Prepend(set.Repository)).Select(_places.GetValueOrDefault).OfType<RepositoryPlace>().DistinctBy(place => place.Node).ToList();
        var copies = _redundancy.TryGetValue(server, out var group) && set is not { IsStream: false } ? group.Servers.Select(NodeOf) : [NodeOf(server)];
        TopologyGraph.NeedSome(node, 1, [.. copies, .. places.Select(place => place.Node)]);
        return new DataCopies(node, set, NodeOf(server), places);
    }

    private RepositoryPlace AddRepository(EnvironmentRepository repository)
    {
        var node = _graph.Add(TopologyNodeKind.Repository, repository.Name, repository);
        string? server = RepositoryHosts.Of(_environment, repository);
        var place = server is null ? null : NodeOf(server);
        if (place is not null) TopologyGraph.NeedAll(node, [place]);
        string? site = repository.Site ?? (server is null ? null : _servers.GetValueOrDefault(server)?.Site);
        if (site is not null) TopologyGraph.NeedAll(node, [_graph.Add(TopologyNodeKind.Site, site)]);
        if (repository.Password is { } password) TopologyGraph.NeedAll(node, [_graph.Add(TopologyNodeKind.Secret, $"{password}", password)]);

        return new RepositoryPlace(node, repository, place, site);
    }

    private IEnumerable<string> ServersOf(BackupSet set)
    {
        try
        {
            return [.. SetSelection.Servers(_environment, set).Select(server => server == ServerResolver.Local ? RepositoryHosts.ThisMachine(_environment) : server.Name)];
        }
        catch (ProdOpsException)
        {
            // A file with errors, of which all that can be read is looked at.
            return [];
        }
    }

    private static bool HoldsData(Server server) => Has(server, ["Database", "Queue"])
        || server.Services.Any(service => DatabaseServices.Any(name => service.StartsWith(name, StringComparison.OrdinalIgnoreCase)) && !Has(server, ["Cache"]));
}
