using System.Management.Automation;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Operating;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Takes servers out of their pools on all balancers: no new clients, wait until the rest has ended, maintenance.</summary>
[Cmdlet(VerbsLifecycle.Disable, "BackendServer", SupportsShouldProcess = true)]
[OutputType(typeof(BackendServerChange))]
public sealed class DisableBackendServer : BackendChangeCmdlet
{
    /// <summary>Leave it draining.</summary>
    [Parameter(HelpMessage = "Leave it draining instead of in maintenance: no new clients, checks go on, and whoever is bound to it by a cookie stays. Waits only with -Wait.")]
    public SwitchParameter Drain { get; set; }

    /// <summary>Wait until it has finished.</summary>
    [Parameter(HelpMessage = "With -Drain: wait until its last request or connection has ended. Without -Drain this is so in any case.")]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How many seconds to wait for its requests to end. 0: take it out at once. Default: 60.")]
    [ValidateRange(0, 86400)]
    public int TimeoutSec { get; set; } = 60;

    /// <summary>What becomes of what has not ended then.</summary>
    [Parameter(HelpMessage = "What to do when time is over: Fail (it goes on draining, and that is an error), PutBack (as it was, and that is an error), Shutdown (end what is left), Continue (maintenance, what is left may end by itself). Default: Fail; with -Force Shutdown.")]
    public DrainTimeoutAction OnTimeout { get; set; }

    /// <summary>Do it in any case.</summary>
    [Parameter(HelpMessage = "Do it although too few servers are left in the pool, and end what has not ended in time.")]
    public SwitchParameter Force { get; set; }

    /// <summary>How many others must take requests.</summary>
    [Parameter(HelpMessage = "How many other servers of the pool must take requests. Default: the entry's MinimumHealthy, else 1.")]
    [ValidateRange(1, 10000)]
    public int MinimumHealthy { get; set; }

    /// <summary>Announce nothing.</summary>
    [Parameter(HelpMessage = "Announce no downtime to monitoring. Default: one is set for the server until Enable-BackendServer, where a monitor's store is found.")]
    public SwitchParameter NoDowntime { get; set; }

    private protected override string Action => Drain ? "Drain" : "Drain and take out of service";

    private protected override async Task<BackendServerChange> ChangeAsync(BalancerGroup group, BackendMember member, CancellationToken cancellationToken)
    {
        var downtimes = NoDowntime ? null : await BackendDowntimes.FindAsync(this, Environment, Activity);
        // Before it is taken out, or a check could be quicker.
        long? downtime = downtimes is null ? null : await downtimes.BeginAsync(group, member, cancellationToken);
        try
        {
            return await group.DisableAsync(member, new DisableOptions
            {
                DrainOnly = Drain,
                Wait = TimeoutSec > 0 && (Wait || !Drain),
                Timeout = TimeSpan.FromSeconds(TimeoutSec),
                OnTimeout = Force && !MyInvocation.BoundParameters.ContainsKey(nameof(OnTimeout)) ? DrainTimeoutAction.Shutdown : OnTimeout,
                Force = Force,
                AllowPartial = AllowPartial,
                MinimumHealthy = MinimumHealthy > 0 ? MinimumHealthy : group.Entry?.MinimumHealthy ?? 1,
            }, Activity, cancellationToken);
        }
        catch (Exception exception) when (downtime is { } number && exception is not ProdOpsException { ErrorId: LoadBalancingErrors.ServerBusyId })
        {
            await downtimes!.EndAsync(number);
            throw;
        }
    }
}
