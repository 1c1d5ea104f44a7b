using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Operating;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Adds servers to pools on all balancers while they run, with the pool's checks, and puts them into service when these pass.</summary>
[Cmdlet(VerbsCommon.Add, "BackendServer", SupportsShouldProcess = true)]
[OutputType(typeof(BackendServerChange))]
public sealed class AddBackendServer : BackendChangeCmdlet
{
    /// <inheritdoc/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The new server's name in the pool.")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override string[] Name { get; set; } = [];

    /// <summary>Where it listens.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "Its address and port, e.g. 10.77.0.14:8080 or [2001:db8::14]:8080.")]
    [ValidateNotNullOrEmpty]
    public string Address { get; set; } = "";

    /// <summary>The weight.</summary>
    [Parameter(HelpMessage = "Its share of the requests beside the others': 1 to 256. Default: 100.")]
    [ValidateRange(1, 256)]
    public int Weight { get; set; } = 100;

    /// <summary>Leave it in maintenance.</summary>
    [Parameter(HelpMessage = "Leave it in maintenance, for Enable-BackendServer to put it into service.")]
    public SwitchParameter Disabled { get; set; }

    /// <summary>How long checks may take.</summary>
    [Parameter(HelpMessage = "How many seconds its checks may take to pass. Default: 60.")]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 60;

    private protected override string Action => $"Add {Address}";

    private protected override Task<IReadOnlyList<BackendMember>> FindMembersAsync(BalancerGroup group, string name, string? pool, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<BackendMember>>(pool is null ? throw LoadBalancingErrors.PoolNeeded(name) : [new BackendMember(pool, name)]);

    private protected override async Task<BackendServerChange> ChangeAsync(BalancerGroup group, BackendMember member, CancellationToken cancellationToken)
    {
        if (!BackendEndpoint.TryParse(Address, out var endpoint)) throw LoadBalancingErrors.EndpointInvalid(Address);
        var options = new EnableOptions { AllowPartial = AllowPartial, Timeout = TimeSpan.FromSeconds(TimeoutSec) };
        var added = await group.AddAsync(member, endpoint, Weight, options, Activity, cancellationToken);
        if (Disabled) return added;
        var enabled = await group.EnableAsync(member, options, Activity, cancellationToken);
        return enabled with { From = null, Action = added.Action, IsPersistent = false, Duration = added.Duration + enabled.Duration };
    }
}
