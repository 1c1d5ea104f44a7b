using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.LoadBalancing.Operating;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Puts servers back into their pools on all balancers, after checks that are newer than the command.</summary>
[Cmdlet(VerbsLifecycle.Enable, "BackendServer", SupportsShouldProcess = true)]
[OutputType(typeof(BackendServerChange))]
public sealed class EnableBackendServer : BackendChangeCmdlet
{
    /// <summary>How long checks may take.</summary>
    [Parameter(HelpMessage = "How many seconds its checks may take to pass. Default: 60.")]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 60;

    /// <summary>How long its weight takes to become whole.</summary>
    [Parameter(HelpMessage = "How long its weight takes from a tenth to the whole, e.g. 30s. Default: the whole at once.")]
    [Duration]
    public TimeSpan Ramp { get; set; }

    /// <summary>Without a check.</summary>
    [Parameter(HelpMessage = "Put it back at once, unchecked: it gets requests before its first check.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Leave the downtime.</summary>
    [Parameter(HelpMessage = "Leave the downtime that Disable-BackendServer announced to monitoring.")]
    public SwitchParameter NoDowntime { get; set; }

    private protected override string Action => Force ? "Put back unchecked" : "Check and put back";

    private protected override async Task<BackendServerChange> ChangeAsync(BalancerGroup group, BackendMember member, CancellationToken cancellationToken)
    {
        var options = new EnableOptions { Timeout = TimeSpan.FromSeconds(TimeoutSec), Ramp = Ramp, Force = Force, AllowPartial = AllowPartial };
        var change = await group.EnableAsync(member, options, Activity, cancellationToken);
        if (!NoDowntime && await BackendDowntimes.FindAsync(this, Environment, Activity) is { } downtimes) await downtimes.EndAsync(group, member, cancellationToken);
        return change;
    }
}
