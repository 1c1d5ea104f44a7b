using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Servers;
using ProdOps.LoadBalancing;

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
        for (int i = 0; i < plans.Count; i++)
        {
            var plan = plans[i];
            var decision = plan.IsNothing ? ChangeDecision.Plan : await DecideAsync(plan.Site.Server, $"Publish {plan.Publication.Revision} ({string.Join("; ", plan.Publication.Changes)})");
            if (decision == ChangeDecision.Refuse) continue;
            try
            {
                var done = decision == ChangeDecision.Plan ? plan.Publication : await PublishAsync(publisher, plan, cancellationToken);
                await KeepAsync(done, cancellationToken);
                await WriteObjectAsync(done);
            }
            catch (ProdOpsException error)
            {
                // What fails on the standby would fail on the active one, too.
                string[] left = [.. plans.Skip(i + 1).Select(one => one.Site.Server)];
                throw left.Length == 0 ? error : LoadBalancingErrors.PublishStopped(error, left);
            }
        }
    }

    /// <summary>What balancers serve by is evidence; what the files hold is not kept with it.</summary>
    private async Task KeepAsync(LoadBalancerPublication done, CancellationToken cancellationToken)
    {
        if (done.Status == LoadBalancerPublicationStatus.Planned) return;
        var environment = await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment).TryLoad());
        await EvidenceKeeper.KeepAsync(Activity, folder => folder.Publications, TimeProvider.System.GetUtcNow(), environment?.Name ?? "", done with { Files = [], Time = done.Time == default ? TimeProvider.System.GetUtcNow() : done.Time }, cancellationToken);
    }
}
