using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Servers;
using ProdOps.Servers.Files;

namespace ProdOps.Cmdlets.Servers;

/// <summary>Finds which servers differ in a file or folder.</summary>
[Cmdlet(VerbsData.Compare, "ServerItem", DefaultParameterSetName = "Majority")]
[OutputType(typeof(ServerItemComparison))]
public sealed class CompareServerItem : ServerCmdlet
{
    /// <summary>The files and folders to compare.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "Files and folders of the servers to compare; a relative path begins in the login user's home folder.")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The server that is right.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "ReferenceServer", HelpMessage = "The server that the others are compared with. Default: what most servers have.")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ReferenceServer { get; set; }

    /// <summary>A local file or folder that is right.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "ReferencePath", HelpMessage = "A file or folder of this machine that the servers are compared with, owners left out.")]
    [ValidateNotNullOrEmpty]
    public string? ReferencePath { get; set; }

    /// <summary>Emits items in which all agree, too.</summary>
    [Parameter(HelpMessage = "Emits items in which all agree, too.")]
    public SwitchParameter IncludeEqual { get; set; }

    /// <summary>Reads as root.</summary>
    [Parameter(HelpMessage = "Reads as root on the servers, by sudo.")]
    public SwitchParameter AsRoot { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var servers = await GetServersAsync(cancellationToken);
        if (servers.Count == 0) return;
        string? reference = ReferencePath is null ? null : await InvokeAsync(() => GetUnresolvedProviderPathFromPSPath(ReferencePath));
        foreach (string path in Path)
        {
            var trees = await ReadAsync(servers, path, cancellationToken);
            if (reference is not null) trees.Insert(0, ItemReader.ReadLocal(reference, Activity, cancellationToken));
            if (ReferenceServer is not null && !trees.Exists(tree => tree.Name == ReferenceServer)) throw ServersErrors.ReferenceServerMissing(ReferenceServer);
            if (trees.Count == 0) continue;
            var comparer = new ItemComparer(path, trees) { Reference = reference ?? ReferenceServer, IgnoreOwner = reference is not null };
            if (trees.TrueForAll(tree => tree.Tree.Root is null)) await WriteErrorAsync(ServersErrors.ItemNowhere(path));
            else
            {
                foreach (var item in comparer.Compare())
                    if (IncludeEqual || !item.IsEqual) await WriteObjectAsync(item);
            }
        }
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
