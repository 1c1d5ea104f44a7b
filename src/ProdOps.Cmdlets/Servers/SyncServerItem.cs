using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Operating;
using ProdOps.LoadBalancing.Readiness;
using ProdOps.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Files.Syncing;

namespace ProdOps.Cmdlets.Servers;

/// <summary>Makes files and folders of servers the same as another server's, by rsync.</summary>
[Cmdlet(VerbsData.Sync, "ServerItem", SupportsShouldProcess = true, DefaultParameterSetName = SourceSet)]
[OutputType(typeof(ServerSyncResult), typeof(ServerSyncStep))]
public sealed class SyncServerItem : ServerCmdlet
{
    private const string SourceSet = "Source", PoolSet = "LoadBalancer";

    /// <summary>The files and folders.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = SourceSet, HelpMessage = "Files and folders that are to be the same, by the same path on all; a relative path begins in the login user's home folder.")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The server that is right.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SourceSet, HelpMessage = "The server whose files are right: a name, user@host:port, or a server object. It is never changed.")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNull]
    public ServerReference? Source { get; set; }

    /// <summary>The servers to be made the same.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SourceSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Servers to be made the same: names, wildcards, role:App, group:blue, user@host:port, or server objects. The source is passed over.")]
    [Alias("ToServer", "ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <summary>The load balancer whose shared data is synchronised.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PoolSet, HelpMessage = "The environment's entry of LoadBalancers: what it names as SharedData by rsync is made the same on the servers of its pool.")]
    [ArgumentCompleter(typeof(LoadBalancerCompleter))]
    [ValidateNotNullOrEmpty]
    public string? LoadBalancer { get; set; }

    /// <summary>Deletes what the source lacks.</summary>
    [Parameter(HelpMessage = "Deletes on the servers what the source lacks, after all else. Asks first, unless -Confirm:$false. An empty source is refused.")]
    public SwitchParameter Delete { get; set; }

    /// <summary>Patterns of what is left out.</summary>
    [Parameter(HelpMessage = "What is left out, as patterns of rsync: *.tmp, cache/, /only/from/the/top. It is neither sent nor deleted.")]
    [ValidateNotNullOrEmpty]
    public string[] Exclude { get; set; } = [];

    /// <summary>Believes size and time.</summary>
    [Parameter(HelpMessage = "Takes a file of the same size and time for the same, instead of reading all files of both sides.")]
    public SwitchParameter Quick { get; set; }

    /// <summary>Compares afterwards.</summary>
    [Parameter(HelpMessage = "Compares both sides afterwards by SHA-256, without rsync, as Compare-ServerItem does.")]
    public SwitchParameter Verify { get; set; }

    /// <summary>Compresses on the way.</summary>
    [Parameter(HelpMessage = "Lets rsync compress what it sends: for slow lines.")]
    public SwitchParameter Compress { get; set; }

    /// <summary>Bytes in a second, for each server.</summary>
    [Parameter(HelpMessage = "How many bytes are sent in a second at most, to each server: 2MB. Default: no limit.")]
    [ValidateRange(1024L, 1L << 40)]
    public long BandwidthLimit { get; set; }

    /// <summary>Works as root.</summary>
    [Parameter(HelpMessage = "Works as root on the servers, by sudo: needed to read all and to set owners.")]
    public SwitchParameter AsRoot { get; set; }

    /// <summary>How many servers are worked on at the same time.</summary>
    [Parameter(HelpMessage = "How many servers are made the same at the same time; the source reads its files for each. Default: 4.")]
    [ValidateRange(1, 1024)]
    public override int ThrottleLimit { get; set; } = 4;

    private SyncOptions Options => new()
    {
        Delete = Delete,
        Exclude = Exclude,
        Quick = Quick,
        Verify = Verify,
        Compress = Compress,
        AsRoot = AsRoot,
        BandwidthLimit = BandwidthLimit > 0 ? BandwidthLimit : null,
    };

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (LoadBalancer is not null)
        {
            await SyncPoolAsync(cancellationToken);
            return;
        }

        var servers = await GetServersAsync(cancellationToken);
        if (servers.Count == 0) return;
        var environment = LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment)));
        var sources = await ServerAccess.ResolveAsync([Source!], environment, error => throw error);
        if (sources is not [var source]) throw ServersErrors.SyncOneSource($"{Source}", sources.Count);
        foreach (string path in Path) await SyncAsync(source, servers, path, cancellationToken);
    }

    /// <summary>What each server of a pool has a copy of, from the server that it is copied from.</summary>
    private async Task SyncPoolAsync(CancellationToken cancellationToken)
    {
        var environment = LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment)));
        var entry = LoadBalancerEntries.Find(environment, LoadBalancer);
        var copied = entry.SharedData.Where(data => data.Method == SharedDataMethod.Rsync).ToList();
        if (copied.Count == 0) throw LoadBalancingErrors.NoSharedData(entry.Name);
        var servers = await ServerAccess.ResolveAsync(entry.Pool.Select(name => new ServerReference(name)), environment, WriteErrorAsync);
        foreach (var data in copied)
        {
            var source = (await ServerAccess.ResolveAsync([new ServerReference(ReadinessProbe.ReferenceOf(entry, data)!)], environment, error => throw error))[0];
            await SyncAsync(source, servers, data.Path, cancellationToken);
        }
    }

    private async Task SyncAsync(Server source, IReadOnlyList<Server> servers, string path, CancellationToken cancellationToken)
    {
        ItemSyncer syncer;
        try
        {
            syncer = await ItemSyncer.OpenAsync(await OpenAsync(source, cancellationToken), path, Options, Activity, TimeProvider.System, cancellationToken);
        }
        catch (ProdOpsException error)
        {
            // Another path may be well.
            await WriteErrorAsync(error);
            return;
        }

        var targets = servers.Where(server => !server.Name.Equals(source.Name, StringComparison.OrdinalIgnoreCase)).ToList();
        await ForEachServerAsync(targets, (server, shell, token) => SyncAsync(syncer, source, shell, token), cancellationToken);
    }

    private async Task SyncAsync(ItemSyncer syncer, Server source, IServerShell shell, CancellationToken cancellationToken)
    {
        string target = $"{shell.Name}:{syncer.Path}";
        var decision = await DecideAsync(target, $"Synchronise from {source.Name}");
        if (decision == ChangeDecision.Refuse) return;
        if (decision == ChangeDecision.Plan)
        {
            await WriteAllAsync(await syncer.PlanAsync(shell, cancellationToken));
            return;
        }

        if (Delete && !await ConfirmDeletionAsync(target, async () => (await syncer.PlanAsync(shell, cancellationToken)).Count(step => step.Action == ServerCopyAction.Delete))) return;
        var outcome = await syncer.SyncAsync(shell, cancellationToken);
        await WriteObjectAsync(outcome.Result);
        if (outcome.Error is { } error) await WriteErrorAsync(error);
    }
}
