using System.Management.Automation;
using ProdOps.LoadBalancing.Operating;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Removes servers from pools on all balancers while they run.</summary>
[Cmdlet(VerbsCommon.Remove, "BackendServer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BackendServerChange))]
public sealed class RemoveBackendServer : BackendChangeCmdlet
{
    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How many seconds to wait until its connections are closed. Default: 60.")]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 60;

    private protected override string Action => "Remove";

    private protected override Task<BackendServerChange> ChangeAsync(BalancerGroup group, BackendMember member, CancellationToken cancellationToken) =>
        group.RemoveAsync(member, new BackendChangeOptions { AllowPartial = AllowPartial, Timeout = TimeSpan.FromSeconds(TimeoutSec) }, Activity, cancellationToken);
}
