using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Servers;
using ProdOps.Servers.Files;

namespace ProdOps.Cmdlets.Servers;

/// <summary>Copies files and folders between this machine and servers.</summary>
[Cmdlet(VerbsCommon.Copy, "ServerItem", SupportsShouldProcess = true, DefaultParameterSetName = ToSet)]
[OutputType(typeof(ServerCopyResult), typeof(ServerCopyStep))]
public sealed class CopyServerItem : ServerCmdlet
{
    private const string ToSet = "To", FromSet = "From";

    /// <summary>What to copy.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "Files and folders to copy: of this machine, or with -FromServer of the servers, where a relative path begins in the login user's home folder.")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The path that the copy will have.</summary>
    [Parameter(Mandatory = true, Position = 1, HelpMessage = "The path that the copy will have. A file goes into a folder of that name; several go in by their names.")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>The servers to copy to.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ToSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Servers to copy to: names, wildcards, role:App, group:blue, user@host:port, or server objects.")]
    [Alias("ToServer", "ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <summary>The servers to copy from.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FromSet, HelpMessage = "Servers to copy from. With more than one, each copy goes into a folder of the server's name.")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public ServerReference[]? FromServer { get; set; }

    /// <summary>Copies what seems to be the same.</summary>
    [Parameter(HelpMessage = "Copies files whose size and time say that they are the same, too.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Deletes at the destination what the source lacks.</summary>
    [Parameter(HelpMessage = "Makes the destination a mirror: deletes there what the source lacks. Asks first, unless -Confirm:$false.")]
    public SwitchParameter Delete { get; set; }

    /// <summary>Keeps owner and group.</summary>
    [Parameter(HelpMessage = "Keeps owner and group, which takes root: to servers by name, from servers by number.")]
    public SwitchParameter PreserveOwner { get; set; }

    /// <summary>Works as root on the servers.</summary>
    [Parameter(HelpMessage = "Works as root on the servers, by sudo.")]
    public SwitchParameter AsRoot { get; set; }

    private protected override ServerReference[]? SelectedServers => ParameterSetName == FromSet ? FromServer : Server;

    private CopyOptions Options => new() { Force = Force, Delete = Delete, PreserveOwner = PreserveOwner, AsRoot = AsRoot };

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var servers = await GetServersAsync(cancellationToken);
        if (servers.Count == 0) return;
        bool isFrom = ParameterSetName == FromSet;
        var context = new CopyContext(Activity, new CopyProgress(Activity, TimeProvider.System) { Title = isFrom ? "Copying from servers" : "Copying to servers" }, TimeProvider.System);
        if (isFrom) await FetchAsync(servers, context, cancellationToken);
        else await SendAsync(servers, context, cancellationToken);
        context.Progress.Complete();
    }

    private async Task SendAsync(IReadOnlyList<Server> servers, CopyContext context, CancellationToken cancellationToken)
    {
        foreach (string path in await InvokeAsync(() => Path.Select(GetUnresolvedProviderPathFromPSPath).ToList()))
        {
            string local = System.IO.Path.TrimEndingDirectorySeparator(path);
            var source = LocalTree.Read(local, error => Activity.Error(ServersErrors.ItemNotRead(error)), cancellationToken);
            if (source.Root is null)
            {
                await WriteErrorAsync(ServersErrors.LocalSourceNotFound(path));
                continue;
            }
            string destination = Path.Length > 1 ? $"{Destination.TrimEnd('/')}/{System.IO.Path.GetFileName(local)}" : Destination;
            await ForEachServerAsync(servers, async (server, shell, token) =>
                await RunAsync(await new ItemCopier(shell, Options, context).SendAsync(local, source, destination, token), $"{server.Name}:{destination}", token), cancellationToken);
        }
    }

    private async Task FetchAsync(IReadOnlyList<Server> servers, CopyContext context, CancellationToken cancellationToken)
    {
        string local = await InvokeAsync(() => GetUnresolvedProviderPathFromPSPath(Destination));
        if (Destination.EndsWith('/') || Destination.EndsWith('\\')) local = System.IO.Path.TrimEndingDirectorySeparator(local) + System.IO.Path.DirectorySeparatorChar;
        await ForEachServerAsync(servers, async (server, shell, token) =>
        {
            foreach (string path in Path)
            {
                string destination = servers.Count > 1 ? System.IO.Path.Join(local, FolderOf(server)) : local;
                if (Path.Length > 1) destination = System.IO.Path.Join(destination, path.TrimEnd('/').Split('/')[^1]);
                else if (servers.Count > 1) destination += System.IO.Path.DirectorySeparatorChar;
                await RunAsync(await new ItemCopier(shell, Options, context).FetchAsync(path, destination, token), destination, token);
            }
        }, cancellationToken);
    }

    /// <summary>A server's name as a folder's: what was given as an address may have characters that no folder has.</summary>
    private static string FolderOf(Server server) => string.Join('_', server.Name.Split([.. System.IO.Path.GetInvalidFileNameChars(), ':']));

    private async Task RunAsync(CopyJob job, string target, CancellationToken cancellationToken)
    {
        var decision = await DecideAsync(target, $"Copy {string.Join(", ", Path)}");
        if (decision == ChangeDecision.Refuse) return;
        if (decision == ChangeDecision.Plan)
        {
            foreach (var step in await job.DescribeAsync(cancellationToken)) await WriteObjectAsync(step);
            return;
        }
        if (Delete && !await ConfirmDeletionAsync(target, async () => (await job.DescribeAsync(cancellationToken)).Count(step => step.Action == ServerCopyAction.Delete))) return;
        await WriteObjectAsync(await job.Run(cancellationToken));
    }
}
