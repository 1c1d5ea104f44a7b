using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Topology;

/// <summary>The cheapest thing that would help against a failure.</summary>
/// <param name="model">The environment's graph.</param>
/// <param name="finder">Tries what would help.</param>
/// <param name="measured">What was measured.</param>
internal sealed class FailureAdvice(TopologyModel model, FailureFinder finder, TopologyMeasurements measured)
{
    /// <summary>So many servers are named that may stand in for each other.</summary>
    private const int MostNamed = 8;

    private readonly ILookup<string, string> _byRole =
        model.Environment.Servers.SelectMany(server => server.Roles.Distinct(StringComparer.OrdinalIgnoreCase).Select(role => (role, server.Name))).ToLookup(entry => entry.role, entry => entry.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>A command line, or a line of the environment's file, and what for.</summary>
    /// <param name="failure">What fails.</param>
    /// <param name="entries">What it takes down.</param>
    /// <param name="path">From the first of them to what fails.</param>
    /// <param name="kind">What comes of it.</param>
    public string For(Failure failure, IReadOnlyList<TopologyNode> entries, FailurePath? path, SinglePointKind kind)
    {
        if (kind == SinglePointKind.Data) return ForData(failure, entries);
        // The need that breaks: whoever stands before what fails. Of a common cause: before its server.
        var before = path?.Above;
        if (failure.Nodes[0].IsCommonCause && before?.Above is { } further) before = further;
        var above = before?.Last;
        if (kind == SinglePointKind.Failover) return ForFailover(above);
        if (failure.Nodes.Count == 1 && failure.Nodes[0].IsCommonCause) return ForCommonCause(failure.Nodes[0], entries);
        return (above?.Source, failure.Nodes[0]) switch
        {
            (SharedDataDefinition, _) or (_, { Kind: TopologyNodeKind.Storage }) => "Give each server a copy: Method = 'Rsync' in SharedData, or keep the data where it is replicated.",
            (LoadBalancerDefinition balancer, _) when above!.Kind == TopologyNodeKind.Pool => ForPool(balancer),
            (LoadBalancerDefinition balancer, _) => ForBalancer(balancer),
            (RedundancyDefinition group, _) => $"Add a server to Redundancy.{group.Name}.Servers, which is now {Names(group.Servers)}; {group.Need} of them must work.",
            (_, { Kind: TopologyNodeKind.Server } server) => ForServer(above, server),
            _ => "Add a second one beside it.",
        };
    }

    /// <summary>How long switching takes by hand.</summary>
    public (TimeSpan? Time, EstimateBasis Basis) SwitchTime(FailurePath? path)
    {
        if (Tests(path).Where(test => test is { RecoveryTime: not null }).MaxBy(test => test.Time) is { RecoveryTime: { } time }) return (time, EstimateBasis.Measured);
        var declared = path?.Group?.FailoverTime;
        return (declared, declared is null ? EstimateBasis.None : EstimateBasis.Declared);
    }

    /// <summary>The tests of failover of what is on the way.</summary>
    public IEnumerable<FailoverTestResult> Tests(FailurePath? path) => (path?.Addresses ?? []).Select(node => node.Source).OfType<LoadBalancerDefinition>().Distinct()
        .SelectMany(balancer => measured.FailoverTests.Where(test => test.Stopped != FailoverTarget.BackendServer && test.LoadBalancer.Equals(balancer.Name, StringComparison.OrdinalIgnoreCase)).TakeLast(1));

    private static string ForPool(LoadBalancerDefinition balancer) =>
        $"Add a server to the pool, Pool = {Names([.. balancer.Pool, "NEW"])} in LoadBalancers.{balancer.Name}, then: {Publish(balancer)}";

    private static string ForBalancer(LoadBalancerDefinition balancer) => balancer.Servers.Count > 1
        ? $"Give clients one address that moves: VirtualAddress = 'ADDRESS' in LoadBalancers.{balancer.Name}, then: {Publish(balancer)}"
        : $"Set up a second balancer, Servers = {Names([.. balancer.Servers, "NEW"])}{(balancer.VirtualAddress is null && balancer.FloatingAddress is null ? "; VirtualAddress = 'ADDRESS'" : "")} in LoadBalancers.{balancer.Name}, then: {Publish(balancer)}";

    internal static string Publish(LoadBalancerDefinition balancer) => balancer.IsManaged ? $"Publish-LoadBalancer {Word(balancer.Name)}" : "change its configuration, which is written by hand";

    private string ForServer(TopologyNode? above, TopologyNode server)
    {
        var definition = server.Source as Server;
        string role = definition?.Roles is [var first, ..] ? first : "";
        var like = role.Length == 0 ? [] : _byRole[role].Where(name => !name.Equals(server.Name, StringComparison.OrdinalIgnoreCase)).Take(MostNamed).ToList();
        bool isData = role is "Database" or "Cache" or "Queue";
        if (like.Count > 0)
            return $"If {Names([server.Name, .. like])}{(like.Count == MostNamed ? " and others" : "")} stand in for each other, say so: Redundancy = @{{ {Key(role)} = @{{ Servers = {Names([server.Name, .. like])}{(isData ? "; Mode = 'ActivePassive'; Failover = 'Automatic'" : "")} }} }}";
        if (isData) return $"Set up a replica of {server.Name} and name both: Redundancy = @{{ {Key(role)} = @{{ Servers = {Names([server.Name, "NEW"])}; Mode = 'ActivePassive' }} }}";
        return model.Environment.LoadBalancers.FirstOrDefault() is { } balancer && above?.Kind is TopologyNodeKind.Service
            ? $"Put a second one beside {server.Name}, and both behind {Names(balancer.Servers)}: LoadBalancers = @{{ {Key(server.Name)} = @{{ Servers = {Names(balancer.Servers)}; Pool = {Names([server.Name, "NEW"])} }} }}"
            : $"Put a second one beside {server.Name} and name both: Redundancy = @{{ {Key(role.Length > 0 ? role : server.Name)} = @{{ Servers = {Names([server.Name, "NEW"])} }} }}";
    }

    private string ForCommonCause(TopologyNode cause, IReadOnlyList<TopologyNode> entries)
    {
        var servers = finder.Members(cause).Select(id => model.Graph[id]).Where(node => node.Kind == TopologyNodeKind.Server).ToList();
        string kind = cause.Kind.ToString().ToLowerInvariant();
        return servers.FirstOrDefault(server => finder.IsSavedBy(server, cause, entries)) is { } one
            ? $"Move {one.Name} to another {kind}, and write it there: {cause.Kind} = 'OTHER' in its table of Servers."
            : $"Move half of what stands in for each other to another {kind}: no single server is enough. {Few(servers)} are there.";
    }

    private static string ForFailover(TopologyNode? above) => above?.Source switch
    {
        LoadBalancerDefinition { FloatingAddress: not null } balancer => $"Switch by: Switch-LoadBalancer {Word(balancer.Name)}. Where the network has VRRP, VirtualAddress in the place of FloatingAddress moves by itself.",
        RedundancyDefinition group => $"Let them switch by themselves (Patroni, repmgr, Sentinel) and write Failover = 'Automatic' in Redundancy.{group.Name}; until then, practise it and write down FailoverTime.",
        _ => "Let it switch by itself.",
    };

    private string ForData(Failure failure, IReadOnlyList<TopologyNode> entries)
    {
        var copies = model.Data.First(data => data.Node == entries[0]);
        var down = finder.DownWith(failure.Nodes).ToHashSet();
        string? elsewhere = model.Environment.Repositories.FirstOrDefault(repository => model.Graph.Find(TopologyNodeKind.Repository, repository.Name) is { } node && !down.Contains(node.Id))?.Name;
        string repository = elsewhere is null ? "; add one elsewhere first: Repositories = @{ offsite = @{ Url = 'sftp:USER@HOST:/srv/backup'; Password = @{ File = 'FILE' } } }" : "";
        return copies.Set is { } set
            ? $"Copy it to where {failure.Nodes[0].Name} is not: CopyTo = '{elsewhere ?? "offsite"}' in Backups.{set.Name}{repository}"
            : $"Back it up: Backups = @{{ {Key(copies.Source.Name)} = @{{ Server = '{copies.Source.Name}'; {What(copies.Source)}; Repository = '{elsewhere ?? "offsite"}'; Schedule = '15 * * * *' }} }}{repository}";
    }

    /// <summary>What a set would say of a server's data, by the services that it is said to run.</summary>
    internal static string What(TopologyNode source)
    {
        var services = (source.Source as Server)?.Services ?? [];
        return services.Any(service => service.StartsWith("postgres", StringComparison.OrdinalIgnoreCase)) ? "PostgreSql = '*'"
            : services.Any(service => service.StartsWith("mariadb", StringComparison.OrdinalIgnoreCase) || service.StartsWith("mysql", StringComparison.OrdinalIgnoreCase)) ? "MariaDb = '*'"
            : services.Any(service => service.StartsWith("redis", StringComparison.OrdinalIgnoreCase)) ? "Redis = $true" : "Path = 'FOLDER'";
    }

    private static string Few(IReadOnlyList<TopologyNode> nodes) => SinglePoints.Few(nodes.Select(node => node.Name));

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(PowerShellQuote.Text));

    private static string Word(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? name : PowerShellQuote.Text(name);

    // A key of a table stands bare only if it is a word.
    private static string Key(string name) => name.All(char.IsAsciiLetterOrDigit) && !char.IsAsciiDigit(name[0]) ? name : PowerShellQuote.Text(name);
}
