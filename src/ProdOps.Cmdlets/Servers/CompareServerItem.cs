using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Operating;
using ProdOps.LoadBalancing.Readiness;
using ProdOps.Servers;
using ProdOps.Servers.Files;

namespace ProdOps.Cmdlets.Servers;

/// <summary>Finds which servers differ in a file or folder.</summary>
[Cmdlet(VerbsData.Compare, "ServerItem", DefaultParameterSetName = MajoritySet)]
[OutputType(typeof(ServerItemComparison))]
public sealed class CompareServerItem : ServerCmdlet
{
    private const string MajoritySet = "Majority", ServerSet = "ReferenceServer", PathSet = "ReferencePath", PoolSet = "LoadBalancer";

    /// <summary>The files and folders to compare.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = MajoritySet, HelpMessage = PathHelp)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ServerSet, HelpMessage = PathHelp)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, HelpMessage = PathHelp)]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The server that is right.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ServerSet, HelpMessage = "The server that the others are compared with. Default: what most servers have.")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ReferenceServer { get; set; }

    /// <summary>A local file or folder that is right.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet, HelpMessage = "A file or folder of this machine that the servers are compared with, owners left out.")]
    [ValidateNotNullOrEmpty]
    public string? ReferencePath { get; set; }

    /// <summary>The load balancer whose shared data is compared.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PoolSet, HelpMessage = "The environment's entry of LoadBalancers: what it names as SharedData is compared between the servers of its pool.")]
    [ArgumentCompleter(typeof(LoadBalancerCompleter))]
    [ValidateNotNullOrEmpty]
    public string? LoadBalancer { get; set; }

    /// <summary>The servers; without it this machine.</summary>
    [Parameter(ParameterSetName = MajoritySet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = ServerHelp)]
    [Parameter(ParameterSetName = ServerSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = ServerHelp)]
    [Parameter(ParameterSetName = PathSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = ServerHelp)]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <summary>Emits items in which all agree, too.</summary>
    [Parameter(HelpMessage = "Emits items in which all agree, too.")]
    public SwitchParameter IncludeEqual { get; set; }

    /// <summary>Reads as root.</summary>
    [Parameter(HelpMessage = "Reads as root on the servers, by sudo.")]
    public SwitchParameter AsRoot { get; set; }

    private const string PathHelp = "Files and folders of the servers to compare; a relative path begins in the login user's home folder.";

    private const string ServerHelp = "Servers: names, wildcards, role:App, group:blue, user@host:port, or server objects. Default: this machine.";

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (LoadBalancer is not null)
        {
            await ComparePoolAsync(cancellationToken);
            return;
        }

        var servers = await GetServersAsync(cancellationToken);
        if (servers.Count == 0) return;
        string? reference = ReferencePath is null ? null : await InvokeAsync(() => GetUnresolvedProviderPathFromPSPath(ReferencePath));
        foreach (string path in Path) await CompareAsync(servers, path, ReferenceServer, reference, cancellationToken);
    }

    /// <summary>What all servers of a pool must have alike, each against the server that the others are copied from, where one is.</summary>
    private async Task ComparePoolAsync(CancellationToken cancellationToken)
    {
        var environment = LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment)));
        var entry = LoadBalancerEntries.Find(environment, LoadBalancer);
        if (entry.SharedData.Count == 0) throw LoadBalancingErrors.NoSharedData(entry.Name);
        var servers = await ServerAccess.ResolveAsync(entry.Pool.Select(name => new ServerReference(name)), environment, WriteErrorAsync);
        foreach (var data in entry.SharedData) await CompareAsync(servers, data.Path, ReadinessProbe.ReferenceOf(entry, data), null, cancellationToken);
    }

    private async Task CompareAsync(IReadOnlyList<Server> servers, string path, string? right, string? local, CancellationToken cancellationToken)
    {
        var trees = await ReadAsync(servers, path, cancellationToken);
        if (local is not null) trees.Insert(0, ItemReader.ReadLocal(local, Activity, cancellationToken));
        if (right is not null && !trees.Exists(tree => tree.Name == right)) throw ServersErrors.ReferenceServerMissing(right);
        if (trees.Count == 0) return;
        var comparer = new ItemComparer(path, trees) { Reference = local ?? right, IgnoreOwner = local is not null };
        if (trees.TrueForAll(tree => tree.Tree.Root is null))
        {
            await WriteErrorAsync(ServersErrors.ItemNowhere(path));
            return;
        }

        foreach (var item in comparer.Compare())
            if (IncludeEqual || !item.IsEqual) await WriteObjectAsync(item);
    }

    /// <summary>All servers' trees in the order of the servers, without those that failed, each with an error of its own.</summary>
    private async Task<List<ComparedTree>> ReadAsync(IReadOnlyList<Server> servers, string path, CancellationToken cancellationToken)
    {
        var trees = new ComparedTree?[servers.Count];
        var places = servers.Select((server, index) => (server, index)).ToDictionary(pair => pair.server, pair => pair.index);
        await ForEachServerAsync(servers, async (server, shell, token) => trees[places[server]] = await ItemReader.ReadAsync(shell, path, AsRoot, Activity, token), cancellationToken);
        return [.. trees.OfType<ComparedTree>()];
    }
}
