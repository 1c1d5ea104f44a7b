using System.Globalization;

namespace ProdOps.LoadBalancing;

internal static partial class LoadBalancingErrors
{
    public static ProdOpsException NoMovingAddress(string loadBalancer) => new(
        "LoadBalancerNoMovingAddress", ErrorKind.InvalidOperation,
        $"'{loadBalancer}' has no address that moves between two balancers.",
        "Give the entry two Servers, and VirtualAddress (keepalived) or FloatingAddress (a cloud's).") { Target = loadBalancer };

    public static ProdOpsException SwitchHolderUnclear(string loadBalancer, string address, IReadOnlyList<string> holders) => new(
        "LoadBalancerHolderUnclear", ErrorKind.InvalidOperation,
        holders.Count == 0 ? $"No balancer of '{loadBalancer}' has {address}: there is nowhere to move it from." : $"{string.Join(" and ", holders)} of '{loadBalancer}' both have {address}.",
        "See by Get-LoadBalancer what is wrong with the pair, and by 'journalctl -u keepalived' on the balancers why.") { Target = loadBalancer };

    public static ProdOpsException SwitchNotReady(string loadBalancer, string to, IReadOnlyList<string> problems) => new(
        "LoadBalancerNotReady", ErrorKind.InvalidOperation,
        $"{to} of '{loadBalancer}' cannot take over: {string.Join("; ", problems)}.",
        "Mend that first; -Force moves the address although the pools or revisions differ.") { Target = to };

    public static ProdOpsException SwitchTargetUnknown(string loadBalancer, string to, IReadOnlyList<string> servers) => new(
        "LoadBalancerTargetNotFound", ErrorKind.NotFound, $"'{loadBalancer}' has no balancer '{to}'.", $"Its balancers are {string.Join(", ", servers)}.") { Target = to };

    public static ProdOpsException SwitchAddressSilent(string loadBalancer, string address, string why) => new(
        "LoadBalancerAddressSilent", ErrorKind.ResourceUnavailable,
        $"{address} of '{loadBalancer}' does not answer this machine{(why.Length > 0 ? $" ({why})" : "")}: that it moved could not be proved.",
        "Run it where clients reach the address, or leave the proof out by -NoProbe.") { Target = loadBalancer };

    public static ProdOpsException SwitchNotArrived(string address, string to, TimeSpan limit) => new(
        "LoadBalancerAddressNotArrived", ErrorKind.Timeout,
        string.Create(CultureInfo.InvariantCulture, $"{address} was not on {to}, and there alone, within {limit.TotalSeconds:0} s."),
        "See by 'journalctl -u keepalived' on both balancers what they heard of each other.") { Target = to };

    public static ProdOpsException SwitchNotAnswered(string address, string to, string why, TimeSpan limit) => new(
        "LoadBalancerAddressNotAnswering", ErrorKind.Timeout,
        string.Create(CultureInfo.InvariantCulture, $"{address} is on {to}, and did not answer well within {limit.TotalSeconds:0} s{(why.Length > 0 ? $" ({why})" : "")}."),
        "See whether the balancer there listens on all addresses, and whether the network has heard that the address moved.") { Target = to };

    public static ProdOpsException SwitchFailed(string loadBalancer, string address, string from, string to, string why, string outcome, Exception cause) => new(
        "LoadBalancerSwitchFailed", ErrorKind.InvalidOperation,
        $"Moving {address} of '{loadBalancer}' from {from} to {to} failed: {why} {char.ToUpperInvariant(outcome[0])}{outcome[1..]}",
        "Get-LoadBalancer says what is wrong with the pair.", cause) { Target = loadBalancer };

    public static ProdOpsException PriorityTooHigh(string to, int priority, int other, int highest) => new(
        "LoadBalancerPriorityTooHigh", ErrorKind.InvalidOperation,
        string.Create(CultureInfo.InvariantCulture, $"The priority of {to}, {priority}, cannot be raised above the other's, {other}: {highest} is the highest."),
        "Give the pair lower priorities: 150 and 100.") { Target = to };
}
