using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.LoadBalancing.Operating;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Sends real requests at a fixed rate and counts how they end; looks whether servers can take each other's place; stops a part and measures who notices.</summary>
[Cmdlet(VerbsDiagnostic.Test, "LoadBalancer", DefaultParameterSetName = NameSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(LoadTestResult), ParameterSetName = [NameSet, UrlSet])]
[OutputType(typeof(LoadBalancerFinding), ParameterSetName = [ReadinessSet])]
[OutputType(typeof(FailoverTestResult), ParameterSetName = [FailoverSet])]
public sealed partial class TestLoadBalancer : ServerCmdlet
{
    private const string NameSet = "Load", UrlSet = "Url";
    private const string EntryHelp = "The environment's entry of LoadBalancers that is asked as its clients do it. Default: the only one.";
    private const string PathHelp = "The path to ask, with a query if it needs one. Default: the entry's Check, else /; with -Readiness /.";

    /// <summary>The environment's entry.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet, HelpMessage = EntryHelp)]
    [Parameter(Position = 0, ParameterSetName = ReadinessSet, HelpMessage = EntryHelp)]
    [Parameter(Position = 0, ParameterSetName = FailoverSet, HelpMessage = EntryHelp)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(LoadBalancerCompleter))]
    [ValidateNotNullOrEmpty]
    public string? LoadBalancer { get; set; }

    /// <summary>What is asked of the entry.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = PathHelp)]
    [Parameter(ParameterSetName = ReadinessSet, HelpMessage = PathHelp)]
    [Parameter(ParameterSetName = FailoverSet, HelpMessage = PathHelp)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The address to ask.</summary>
    [Parameter(Mandatory = true, ParameterSetName = UrlSet, HelpMessage = "The address to ask: http://10.77.0.100/item.")]
    [ValidateNotNull]
    public Uri? Url { get; set; }

    /// <summary>The servers whose logs have the requests' ids.</summary>
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "The servers that -IdLog is on: names, wildcards, role:App, group:blue, user@host:port, or server objects.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == UrlSet)
        {
            await TestUrlAsync(Url!, null, "", cancellationToken);
            return;
        }

        var environment = LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment)));
        var entry = LoadBalancerEntries.Find(environment, LoadBalancer);
        if (Readiness) await TestReadinessAsync(entry, environment!, cancellationToken);
        else if (Failover) await TestFailoverAsync(entry, environment!, cancellationToken);
        else await TestEntryAsync(entry, environment!, cancellationToken);
    }
}
