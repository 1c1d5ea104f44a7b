using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Failover;
using ProdOps.LoadBalancing.Load;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Failover: something is stopped on purpose, and what clients notice is measured.</summary>
public sealed partial class TestLoadBalancer
{
    private const string FailoverSet = "Failover";

    // Each request has a connection of its own, as new clients have, and a time-out of a second: none waits for an address that is gone.
    private const double ProbeRate = 50;
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Stop something and measure.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FailoverSet, HelpMessage = "Stops a part on purpose, counts the requests that fail and the time without an answer, and starts it again.")]
    public SwitchParameter Failover { get; set; }

    /// <summary>What is stopped.</summary>
    [Parameter(ParameterSetName = FailoverSet, HelpMessage = "What is stopped: the Balancer or Keepalived of the balancer that holds the address, or a BackendServer of the pool. Default: Balancer.")]
    public FailoverTarget Stop { get; set; } = FailoverTarget.Balancer;

    /// <summary>The server of the pool.</summary>
    [Parameter(ParameterSetName = FailoverSet, HelpMessage = "The server that it is stopped on. Default: the balancer that holds the address, or the last server of the pool.")]
    [ArgumentCompleter(typeof(Completers.ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? On { get; set; }

    /// <summary>The service that is stopped.</summary>
    [Parameter(ParameterSetName = FailoverSet, HelpMessage = "The service of a BackendServer, as systemd calls it. Default: the one that the environment names as its Services.")]
    [ValidatePattern(@"^[A-Za-z0-9:_.@\\-]+$")]
    public string? Service { get; set; }

    /// <summary>How long requests may fail.</summary>
    [Parameter(ParameterSetName = FailoverSet, HelpMessage = "How many seconds requests may fail until nothing has taken over; then it is started again. Default: 30.")]
    [ValidateRange(1, 600)]
    public int LimitSec { get; set; } = 30;

    private async Task TestFailoverAsync(LoadBalancerDefinition entry, ProdOpsEnvironment environment, CancellationToken cancellationToken)
    {
        var choice = new FailoverChoice(entry, (name, token) => OpenAsync(environment, name, token));
        string server = On ?? entry.Pool[^1], service = Service ?? "";
        IServerShell shell;
        if (Stop == FailoverTarget.BackendServer)
        {
            service = Service ?? (new ServerResolver(environment).Resolve(server) is [{ Services: [var only] }] ? only : throw LoadBalancingErrors.FailoverServiceMissing(server));
            shell = await choice.BackendAsync(server, service, cancellationToken);
        }
        else (shell, service) = await choice.BalancerAsync(Stop, On, cancellationToken);

        if (!await ShouldProcessAsync($"{service} on {shell.Name}", $"Stop under requests to '{entry.Name}', and start again")) return;
        var load = (await LoadOptionsAsync(FrontDoor.Of(entry, environment, Path)[0], entry)) with
        {
            Rate = ProbeRate, Connections = (int)(ProbeRate * ProbeTimeout.TotalSeconds * 2), Timeout = ProbeTimeout, Close = true, Requests = long.MaxValue, Method = "GET",
        };
        var plan = new FailoverPlan { Entry = entry, Stopped = Stop, Server = shell, Service = service, Load = load, Limit = TimeSpan.FromSeconds(LimitSec) };
        var result = await new FailoverTest(plan, TimeProvider.System, Activity).RunAsync(cancellationToken);
        await EvidenceKeeper.KeepAsync(Activity, folder => folder.Failovers, result.Time, environment.Name, result, cancellationToken);
        await WriteObjectAsync(result);
    }

    private async Task<IServerShell> OpenAsync(ProdOpsEnvironment environment, string name, CancellationToken cancellationToken) =>
        await OpenAsync(new ServerResolver(environment).Resolve(name) is [var server] ? server : throw LoadBalancingErrors.FailoverServerUnknown(name, name, []), cancellationToken);
}
