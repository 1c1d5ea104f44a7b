using System.Management.Automation;
using System.Net;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Floating;
using ProdOps.LoadBalancing.Operating;
using ProdOps.LoadBalancing.Switching;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Moves the virtual or floating address of a pair to the other balancer, and proves that it moved.</summary>
[Cmdlet(VerbsCommon.Switch, "LoadBalancer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(LoadBalancerSwitch))]
public sealed class SwitchLoadBalancer : BalancerCmdlet
{
    /// <summary>The environment's entry.</summary>
    [Parameter(Position = 0, HelpMessage = "The environment's entry of LoadBalancers whose address is moved. Default: the only one.")]
    [ArgumentCompleter(typeof(LoadBalancerCompleter))]
    [ValidateNotNullOrEmpty]
    [ValidateCount(1, 1)]
    public override string[]? LoadBalancer { get; set; }

    /// <summary>The balancer that gets the address.</summary>
    [Parameter(HelpMessage = "The balancer that gets the address. Default: the first other one of the entry.")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? To { get; set; }

    /// <summary>The entry says which servers these are.</summary>
    public override ServerReference[]? Server { get; set; }

    /// <summary>How long it may take.</summary>
    [Parameter(HelpMessage = "How many seconds the address may take to arrive and to answer; then it is moved back. Default: 30.")]
    [ValidateRange(1, 3600)]
    public int TimeoutSec { get; set; } = 30;

    /// <summary>Do not ask the address.</summary>
    [Parameter(HelpMessage = "Do not ask the address while it moves: where this machine cannot reach it. No gap is measured then.")]
    public SwitchParameter NoProbe { get; set; }

    /// <summary>Move it all the same.</summary>
    [Parameter(HelpMessage = "Move it although the pools or the revisions of the two balancers differ.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var units = await FindUnitsAsync(LoadBalancer ?? [], []);
        // That there is none of the name has been said.
        if (units.Count == 0) return;
        if (units is not [{ Entry: { } entry } unit]) throw LoadBalancingErrors.EntryNotNamed();
        var mover = await MoverOfAsync(entry, unit.Members);
        var holders = await mover.ReadHoldersAsync(cancellationToken);
        if (holders is not [var from]) throw LoadBalancingErrors.SwitchHolderUnclear(entry.Name, mover.Address, holders);
        string to = To is null
            ? entry.Servers.FirstOrDefault(server => !server.Equals(from, StringComparison.OrdinalIgnoreCase)) ?? throw LoadBalancingErrors.NoMovingAddress(entry.Name)
            : entry.Servers.FirstOrDefault(server => server.Equals(To, StringComparison.OrdinalIgnoreCase)) ?? throw LoadBalancingErrors.SwitchTargetUnknown(entry.Name, To, entry.Servers);
        if (to.Equals(from, StringComparison.OrdinalIgnoreCase))
        {
            Activity.Verbose($"{mover.Address} is on {to} already.");
            return;
        }

        var problems = new List<string>(await mover.PrepareAsync(from, to, cancellationToken));
        if (!Force) problems.AddRange(await CompareAsync(entry, MemberOf(unit, from), MemberOf(unit, to), cancellationToken));
        if (problems.Count > 0) throw LoadBalancingErrors.SwitchNotReady(entry.Name, to, problems);
        if (!await ShouldProcessAsync($"{mover.Address} of '{entry.Name}'", $"Move from {from} to {to} {mover.Method}")) return;
        await using var probe = NoProbe ? null : new AddressProbe(TargetOf(entry, mover.Address), TimeProvider.System);
        var moved = await new AddressSwitch(entry.Name, mover, TimeProvider.System, Activity) { Limit = TimeSpan.FromSeconds(TimeoutSec) }.RunAsync(from, to, probe, cancellationToken);
        await WriteObjectAsync(moved);
        var environment = await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment).TryLoad());
        await EvidenceKeeper.KeepAsync(Activity, folder => folder.Switches, moved.Time, environment?.Name ?? "", moved, cancellationToken);
    }

    private async Task<IAddressMover> MoverOfAsync(LoadBalancerDefinition entry, IReadOnlyList<BalancerMember> members)
    {
        if (entry.VirtualAddress is { } text && IPAddress.TryParse(text, out var address)) return new VirtualAddressMover(address, entry.Servers, (name, token) => OpenAsync(members.First(member => member.Server.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Server, token));
        if (entry.FloatingAddress is not { } floating) throw LoadBalancingErrors.NoMovingAddress(entry.Name);
        var vault = await InvokeAsync(() => new SessionVault(this));
        return new FloatingAddressMover(floating, FloatingAddresses.Create(floating, reference => SecretSource.From(reference, vault), TimeProvider.System, Activity));
    }

    private static BalancerMember MemberOf(BalancerUnit unit, string server) => unit.Members.First(member => member.Server.Name.Equals(server, StringComparison.OrdinalIgnoreCase));

    private async Task<IReadOnlyList<string>> CompareAsync(LoadBalancerDefinition entry, BalancerMember from, BalancerMember to, CancellationToken cancellationToken)
    {
        var (active, target) = (await OpenAsync(from, cancellationToken), await OpenAsync(to, cancellationToken));
        var both = await Task.WhenAll(active.ReadAsync(cancellationToken), target.ReadAsync(cancellationToken));
        return SwitchReadiness.ProblemsOf(both[0], both[1], entry.PoolName());
    }

    private static AddressProbeTarget TargetOf(LoadBalancerDefinition entry, string address) =>
        new(IPAddress.Parse(address), entry.Port, entry.Mode == LoadBalancerMode.Http ? entry.Check ?? "/" : null, entry.CheckHost ?? entry.Name);
}
