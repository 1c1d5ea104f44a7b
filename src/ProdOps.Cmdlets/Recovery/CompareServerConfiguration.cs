using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Recovery;
using ProdOps.Recovery.Capture;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Shows how servers differ from one another, or from themselves at another time.</summary>
[Cmdlet(VerbsData.Compare, "ServerConfiguration", DefaultParameterSetName = ServerSet)]
[OutputType(typeof(ServerConfigurationDifference))]
public sealed class CompareServerConfiguration : ServerCmdlet
{
    private const string ServerSet = "Server", CaptureSet = "Capture";
    private readonly List<ServerConfiguration> _captures = [];

    // Not by property name: a capture has a property of this name.
    /// <inheritdoc/>
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = ServerSet, ValueFromPipeline = true,
        HelpMessage = "Servers to capture now and compare: names, wildcards, role:App, group:blue, user@host:port, or server objects.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <summary>Captures to compare.</summary>
    [Parameter(Mandatory = true, ParameterSetName = CaptureSet, ValueFromPipeline = true, HelpMessage = "Captures of Get-ServerConfiguration to compare.")]
    [ValidateNotNullOrEmpty]
    public ServerConfiguration[] InputObject { get; set; } = [];

    /// <summary>The server that the others are compared with.</summary>
    [Parameter(HelpMessage = "The server that the others are compared with. Default: the first.")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ReferenceServer { get; set; }

    /// <summary>A capture that all are compared with.</summary>
    [Parameter(HelpMessage = "A file of Get-ServerConfiguration -Destination that all are compared with: what it was then.")]
    [ArgumentCompleter(typeof(CaptureFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ReferencePath { get; set; }

    /// <summary>Only these kinds.</summary>
    [Parameter(HelpMessage = "Only these kinds of things. Default: all.")]
    public ServerConfigurationKind[] Kind { get; set; } = [];

    /// <summary>Tells what must differ between two servers, too.</summary>
    [Parameter(HelpMessage = "Tells what differs by its nature, too: addresses, host keys, what is of the moment.")]
    public SwitchParameter IncludeExpected { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName != CaptureSet) return base.ProcessAsync(cancellationToken);
        _captures.AddRange(InputObject);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (ReferencePath is not null) _captures.Insert(0, await ConfigurationJson.LoadAsync(await InvokeAsync(() => GetUnresolvedProviderPathFromPSPath(ReferencePath)), cancellationToken));
        if (ParameterSetName == ServerSet) await CaptureAsync(cancellationToken);
        if (_captures.Count < 2) throw RecoveryErrors.NothingToCompare(_captures.Count);
        var reference = ReferenceServer is null ? _captures[0] : _captures.Find(capture => capture.Server.Equals(ReferenceServer, StringComparison.OrdinalIgnoreCase)) ?? throw ProdOps.Servers.ServersErrors.ReferenceServerMissing(ReferenceServer);
        foreach (var capture in _captures)
        {
            if (ReferenceEquals(capture, reference)) continue;
            foreach (var difference in ConfigurationComparer.Compare(reference, capture))
                if ((IncludeExpected || !difference.IsExpected) && (Kind.Length == 0 || Kind.Contains(difference.Kind))) await WriteObjectAsync(difference);
        }
    }

    /// <summary>Captures the servers side by side, in the order in which they were named.</summary>
    private async Task CaptureAsync(CancellationToken cancellationToken)
    {
        var servers = await GetServersAsync(cancellationToken);
        var captures = new ServerConfiguration?[servers.Count];
        var places = servers.Select((server, index) => (server, index)).ToDictionary(pair => pair.server, pair => pair.index);
        var reader = new CaptureReader(TimeProvider.System);
        await ForEachServerAsync(servers, async (server, shell, token) => captures[places[server]] = await reader.ReadAsync(shell, BackedUp.Nothing, Activity, token), cancellationToken);
        _captures.AddRange(captures.OfType<ServerConfiguration>());
    }
}
