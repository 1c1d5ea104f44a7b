using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Recovery;
using ProdOps.Recovery.Capture;
using ProdOps.Recovery.Planning;
using ProdOps.Recovery.Plans;
using ProdOps.Recovery.Topology;
using ProdOps.Servers;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Looks at living servers and writes their recovery plans.</summary>
[Cmdlet(VerbsCommon.New, "RecoveryPlan", SupportsShouldProcess = true)]
[OutputType(typeof(RecoveryPlan))]
public sealed class NewRecoveryPlan : ServerCmdlet
{
    /// <inheritdoc/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Servers of the environment: names, wildcards, role:App, group:blue, or server objects. Each gets a plan.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <summary>What has happened when the plan is needed.</summary>
    [Parameter(HelpMessage = "What has happened when the plan is needed. Default: ServerLost, the server is built anew.")]
    public RecoveryScenario Scenario { get; set; }

    /// <summary>The plan's name.</summary>
    [Parameter(HelpMessage = "The plan's name. Default: the server's, and for another scenario than ServerLost the scenario's behind it.")]
    [ValidatePattern("^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    public string? Name { get; set; }

    /// <summary>Replace a plan that is there.</summary>
    [Parameter(HelpMessage = "Replace a plan that is there already.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (!ScenarioPlanner.CanPlan(Scenario)) throw RecoveryErrors.ScenarioOfNoServer(Scenario);
        var environment = (await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))).Load() ?? throw ServersErrors.NoEnvironment();
        var servers = await GetServersAsync(cancellationToken);
        if (Name is not null && servers.Count > 1) throw RecoveryErrors.PlanNameOfMany(Name, servers.Count);
        var maker = new PlanMaker(new CaptureReader(TimeProvider.System), environment);
        var wanted = new List<Server>();
        foreach (var server in servers)
        {
            // Looking at a server first and then saying no would be a waste of somebody's time.
            string path = PlanFiles.PathOf(environment, NameOf(server));
            if (!environment.Servers.Contains(server)) await WriteErrorAsync(RecoveryErrors.ServerOfNoEnvironment(server.Name, environment.Path));
            else if (Scenario == RecoveryScenario.RepositoryLost && RepositoryHosts.On(environment, server.Name).Count == 0)
                await WriteErrorAsync(RecoveryErrors.RepositoryElsewhere(server.Name, [.. environment.Repositories.Select(repository => $"'{repository.Name}' is {(RepositoryHosts.Of(environment, repository) is { } host ? $"on {host}" : "on no server of it")}")]));
            else if (!Force && File.Exists(path)) await WriteErrorAsync(RecoveryErrors.PlanExists(NameOf(server), path));
            else wanted.Add(server);
        }

        await ForEachServerAsync(wanted, async (server, shell, token) =>
        {
            var planned = await maker.MakeAsync(server, shell, Scenario, NameOf(server), Activity, token);
            switch (await DecideAsync(PlanFiles.PathOf(environment, planned.Plan.Name), "Write the recovery plan"))
            {
                case ChangeDecision.Plan:
                    await WriteObjectAsync(planned.Plan);
                    break;
                case ChangeDecision.Act:
                    await WriteObjectAsync(await maker.WriteAsync(planned, Force, Activity, token));
                    break;
            }
        }, cancellationToken);
    }

    private string NameOf(Server server) => Name ?? PlanMaker.NameFor(server, Scenario);
}
