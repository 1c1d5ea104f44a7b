using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Recovery.Capture;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Captures what servers are made of, or reads captures back from files.</summary>
[Cmdlet(VerbsCommon.Get, "ServerConfiguration", DefaultParameterSetName = ServerSet)]
[OutputType(typeof(ServerConfiguration))]
public sealed class GetServerConfiguration : ServerCmdlet
{
    private const string ServerSet = "Server", PathSet = "Path";

    /// <inheritdoc/>
    [Parameter(Position = 0, ParameterSetName = ServerSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Servers: names, wildcards, role:App, group:blue, user@host:port, or server objects. Default: this machine.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <summary>Captures to read instead.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet, HelpMessage = "Files that -Destination wrote: they are read, and no server is asked.")]
    [ArgumentCompleter(typeof(CaptureFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Where to keep the captures.</summary>
    [Parameter(ParameterSetName = ServerSet, HelpMessage = "Keep each capture as JSON, too: a folder, or for one server a file that ends with .json.")]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == PathSet)
        {
            foreach (string file in await InvokeAsync(() => Path.Select(GetUnresolvedProviderPathFromPSPath).ToList()))
            {
                try
                {
                    await WriteObjectAsync(await ConfigurationJson.LoadAsync(file, cancellationToken));
                }
                catch (ProdOpsException error)
                {
                    await WriteErrorAsync(error);
                }
            }

            return;
        }

        var servers = await GetServersAsync(cancellationToken);
        var (destination, environment) = await InvokeAsync(() => (Destination is null ? null : GetUnresolvedProviderPathFromPSPath(Destination), SessionEnvironment.Of(SessionState, Environment).TryLoad()));
        if (destination is not null && servers.Count > 1 && destination.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) throw ProdOps.Recovery.RecoveryErrors.CaptureNeedsFolder(Destination!, servers.Count);
        var reader = new CaptureReader(TimeProvider.System);
        await ForEachServerAsync(servers, async (server, shell, token) =>
        {
            var capture = await reader.ReadAsync(shell, BackedUp.Of(environment, server), Activity, token);
            if (destination is not null) Activity.Verbose($"{server.Name}: kept in {await ConfigurationJson.SaveAsync(destination, capture, token)}");
            await WriteObjectAsync(capture);
        }, cancellationToken);
    }
}
