using System.Management.Automation;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Operating;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Changes the weight or the address of servers of pools on all balancers.</summary>
[Cmdlet(VerbsCommon.Set, "BackendServer", SupportsShouldProcess = true)]
[OutputType(typeof(BackendServerChange))]
public sealed class SetBackendServer : BackendChangeCmdlet
{
    /// <summary>The weight.</summary>
    [Parameter(HelpMessage = "Its share of the requests beside the others': 0 to 256. 0 sends no new clients there.")]
    [ValidateRange(0, 256)]
    public int Weight { get; set; }

    /// <summary>The address and port.</summary>
    [Parameter(HelpMessage = "Its new address and port, e.g. 10.77.0.13:8080 or [2001:db8::13]:8080. It must be out of service.")]
    [ValidateNotNullOrEmpty]
    public string? Address { get; set; }

    /// <summary>Do it in any case.</summary>
    [Parameter(HelpMessage = "Change the address of a server that is in service, and give weight 0 to the last one.")]
    public SwitchParameter Force { get; set; }

    /// <summary>How many others must take requests.</summary>
    [Parameter(HelpMessage = "With weight 0: how many other servers of the pool must take requests. Default: the entry's MinimumHealthy, else 1.")]
    [ValidateRange(1, 10000)]
    public int MinimumHealthy { get; set; }

    private bool HasWeight => MyInvocation.BoundParameters.ContainsKey(nameof(Weight));

    private protected override string Action => string.Join(" and ", new[] { HasWeight ? $"Set weight {Weight.ToString(System.Globalization.CultureInfo.InvariantCulture)}" : null, Address is null ? null : $"Set address {Address}" }.OfType<string>());

    private protected override Task<BackendServerChange> ChangeAsync(BalancerGroup group, BackendMember member, CancellationToken cancellationToken)
    {
        BackendEndpoint? endpoint = Address is null ? null : BackendEndpoint.TryParse(Address, out var parsed) ? parsed : throw LoadBalancingErrors.EndpointInvalid(Address);
        if (endpoint is null && !HasWeight) throw LoadBalancingErrors.NothingToSet(member);
        var options = new BackendChangeOptions { Force = Force, AllowPartial = AllowPartial, MinimumHealthy = MinimumHealthy > 0 ? MinimumHealthy : group.Entry?.MinimumHealthy ?? 1 };
        return group.SetAsync(member, HasWeight ? Weight : null, endpoint, options, Activity, cancellationToken);
    }
}
