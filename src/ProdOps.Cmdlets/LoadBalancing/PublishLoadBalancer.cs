using System.Management.Automation;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Renders balancers' configurations from the environment and has the balancers serve by them, or puts back what was there.</summary>
[Cmdlet(VerbsData.Publish, "LoadBalancer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(LoadBalancerPublication))]
public sealed class PublishLoadBalancer : PublishingCmdlet
{
    /// <summary>Change those balancers that can be reached.</summary>
    [Parameter(HelpMessage = "Change the balancers that can be reached when others cannot. Default: then none is changed.")]
    public SwitchParameter AllowPartial { get; set; }

    /// <summary>Replace files that ProdOps did not write.</summary>
    [Parameter(HelpMessage = "Replace a configuration that ProdOps did not write. It is kept as a revision.")]
    public SwitchParameter Force { get; set; }

    /// <summary>How long the new configuration may take to serve as the former did.</summary>
    [Parameter(HelpMessage = "How many seconds the new configuration may take to serve as the former did, before that is put back. Default: 20.")]
    [ValidateRange(1, 3600)]
    public int TimeoutSec { get; set; } = 20;

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var sites = await FindSitesAsync();
        var publisher = Publisher(Options(Force, AllowPartial) with { Timeout = TimeSpan.FromSeconds(TimeoutSec) });
        var plans = await publisher.PlanAsync(sites, cancellationToken);
        await PublishAsync(publisher, plans, static plan => $"Publish {plan.Publication.Revision}", cancellationToken);
    }
}
