using ProdOps.Servers.Inventory.Data;

namespace ProdOps.Servers.Inventory;

internal static partial class EnvironmentProblems
{
    public static EnvironmentProblem LoadBalancerNameInvalid(SourcePosition position, string name) => new(
        "LoadBalancerNameInvalid", position, $"'{name}' is no name for a load balancer.", "It becomes one in a configuration: letters without accents, digits, dots, dashes and underscores, 64 at most, and not 'prodops…', which names what ProdOps itself needs there.");

    public static EnvironmentProblem LoadBalancerServerName(SourcePosition position, string name, string server) => new(
        "LoadBalancerServerName", position, $"The load balancer '{name}' has the server '{server}' in its pool, whose name cannot stand in a configuration.", "Give the server a name of letters without accents, digits, dots, dashes and underscores.");

    public static EnvironmentProblem LoadBalancerServerUnknown(SourcePosition position, string name, string server, string? near) => new(
        "LoadBalancerServerUnknown", position, $"The load balancer '{name}' names '{server}', which none of its servers is called." + (near is null ? "" : $" Did you mean '{near}'?"),
        near is null ? "Name a server of this environment, role:NAME or group:NAME." : $"Write '{near}'.");

    public static EnvironmentProblem LoadBalancerEmpty(SourcePosition position, string name, string key) => new(
        "LoadBalancerEmpty", position, $"The load balancer '{name}' has no {(key == "Pool" ? "server behind it" : "balancer")}.", $"Add {key} = 'server1', 'server2', or role:NAME.");

    public static EnvironmentProblem LoadBalancerTlsIncomplete(SourcePosition position, string name) => new(
        "LoadBalancerTlsIncomplete", position, $"The load balancer '{name}' has a TlsPort and no certificate.", "Add Certificate = '/etc/haproxy/certs/NAME.pem', or remove TlsPort.");

    public static EnvironmentProblem LoadBalancerCookieImpossible(SourcePosition position, string name, string why) => new(
        "LoadBalancerCookieImpossible", position, $"The load balancer '{name}' cannot keep clients at their servers by a cookie: {why}.", "Remove StickyCookie; Balance = 'Source' keeps a client's address at its server.");

    public static EnvironmentProblem LoadBalancerModeImpossible(SourcePosition position, string name) => new(
        "LoadBalancerModeImpossible", position, $"The load balancer '{name}' balances TCP with nginx, which ProdOps does not set up.", "Write Kind = 'HAProxy', or Managed = $false for a configuration of your own.");

    public static EnvironmentProblem LoadBalancerMinimumTooHigh(SourcePosition position, string name, int minimum, int servers) => new(
        "LoadBalancerMinimumTooHigh", position, $"The load balancer '{name}' has {servers} servers, of which {minimum} must stay in service: none can ever be taken out.", "Lower MinimumHealthy, or add servers to the pool.") { IsWarning = true };

    public static EnvironmentProblem LoadBalancerLineLeaves(SourcePosition position, string name, string line) => new(
        "LoadBalancerLineLeaves", position, $"The load balancer '{name}' has a line that does not stay in its place: {line}", "Lines for one part of the configuration cannot begin or end another; for a whole configuration of your own write Managed = $false.");

    public static EnvironmentProblem LoadBalancerKeyUnused(SourcePosition position, string key, string needs) => new(
        "LoadBalancerKeyUnused", position, $"'{key}' has no effect without {needs}.", $"Remove {key}, or add {needs}.") { IsWarning = true };

    public static EnvironmentProblem LoadBalancerPortTaken(SourcePosition position, string name, string server, int port, string other) => new(
        "LoadBalancerPortTaken", position, $"Port {port} of '{server}' is wanted twice: by the load balancer '{name}' and by " + (other == name ? "itself." : $"'{other}'."), "Give one of them another port.");

    public static EnvironmentProblem LoadBalancerAddressTaken(SourcePosition position, string name, string address, string server) => new(
        "LoadBalancerAddressTaken", position, $"The virtual address {address} of the load balancer '{name}' is the own address of '{server}'.", "A virtual address belongs to no server: take a free one of the same network.");

    public static EnvironmentProblem LoadBalancerAddressElsewhere(SourcePosition position, string name, string address) => new(
        "LoadBalancerAddressElsewhere", position, $"The virtual address {address} of the load balancer '{name}' does not look as if it were of a network of its balancers.", "Test-ProdOpsEnvironment -Connect asks the balancers for their networks.") { IsWarning = true };

    public static EnvironmentProblem LoadBalancerAddressTwice(SourcePosition position, string name) => new(
        "LoadBalancerAddressTwice", position, $"The load balancer '{name}' has both a virtual and a floating address.", "Keep the one that the network has: VirtualAddress with VRRP, FloatingAddress in a cloud.");

    public static EnvironmentProblem LoadBalancerAlone(SourcePosition position, string name, string key, string server) => new(
        "LoadBalancerAlone", position, $"The load balancer '{name}' has an address that moves and only '{server}' to hold it.", $"Add a second balancer to Servers, or remove {key}.") { IsWarning = true };

    public static EnvironmentProblem LoadBalancerMachineMissing(SourcePosition position, string name, string server) => new(
        "LoadBalancerMachineMissing", position, $"The floating address of the load balancer '{name}' does not say which machine '{server}' is.", $"Add {server} = 'NUMBER' to Machines.");

    public static EnvironmentProblem LoadBalancerRouterTaken(SourcePosition position, string name, int number, string other) => new(
        "LoadBalancerRouterTaken", position, $"The load balancers '{name}' and '{other}' have different virtual addresses and the same virtual router {number}.", "Give one of them another VirtualRouter.");

    public static EnvironmentProblem LoadBalancersDiffer(SourcePosition position, string name, string other, string key) => new(
        "LoadBalancersDiffer", position, $"The load balancers '{name}' and '{other}' share a balancer and differ in {key}.", $"Write the same {key} for both.");
}
