using ProdOps.LoadBalancing.Operating;

namespace ProdOps.LoadBalancing;

internal static partial class LoadBalancingErrors
{
    public static ProdOpsException PoolNotFound(string balancer, string pool, string? near) => new(
        "BackendPoolNotFound", ErrorKind.NotFound,
        $"The balancer '{balancer}' has no pool '{Shown(pool)}'.{(near is null ? "" : $" Did you mean '{near}'?")}",
        "Get-LoadBalancer lists the pools of each balancer.") { Target = pool };

    public static ProdOpsException ServerNotFound(string balancer, string pool, string name, string? near) => new(
        "BackendServerNotFound", ErrorKind.NotFound,
        $"On the balancer '{balancer}' the pool '{Shown(pool)}' has no server '{Shown(name)}'.{(near is null ? "" : $" Did you mean '{near}'?")}",
        "Get-BackendServer lists the servers of each pool.") { Target = name };

    public static ProdOpsException ServerNowhere(string name, string? pool, string? near) => new(
        "BackendServerNotFound", ErrorKind.NotFound,
        $"No balancer that was asked has a server '{Shown(name)}'{(pool is null ? "" : $" in the pool '{Shown(pool)}'")}.{(near is null ? "" : $" Did you mean '{near}'?")}",
        "Get-BackendServer lists the servers of each pool.") { Target = name };

    public static ProdOpsException PoolNeeded(string name) => new(
        "BackendPoolNeeded", ErrorKind.InvalidArgument,
        $"Which pool '{Shown(name)}' is to join has to be said.",
        "Name it by -Pool, or an entry of the environment by -LoadBalancer.") { Target = name };

    public static ProdOpsException EndpointInvalid(string address) => new(
        "BackendAddressInvalid", ErrorKind.InvalidArgument,
        $"'{Shown(address)}' is no IP address with a port.",
        "Give e.g. 10.77.0.13:8080 or [2001:db8::13]:8080: a balancer does not look up names while it runs.") { Target = address };

    public static ProdOpsException NothingToSet(BackendMember member) => new(
        "BackendNothingToSet", ErrorKind.InvalidArgument,
        $"What of '{member}' is to be changed has to be said.",
        "Give -Weight or -Address.") { Target = member.Name };

    public static ProdOpsException NameInvalid(string name) => new(
        "BackendNameInvalid", ErrorKind.InvalidArgument,
        $"'{Shown(name)}' cannot be the name of a pool or a server: a balancer's configuration has letters, digits, '-', '_', '.' and ':' in names.",
        "Get-BackendServer lists the names there are.") { Target = name };

    public static ProdOpsException AddressInvalid(string address) => new(
        "BackendAddressInvalid", ErrorKind.InvalidArgument,
        $"'{Shown(address)}' is no IP address.",
        "Give an address such as 10.77.0.13, for IPv6 without brackets: a balancer does not look up names while it runs.") { Target = address };

    public static ProdOpsException ServerExists(string balancer, BackendMember member) => new(
        "BackendServerExists", ErrorKind.AlreadyExists,
        $"On the balancer '{balancer}' the pool '{member.Pool}' has a server '{member.Name}' already.",
        "Set-BackendServer changes its address and weight.") { Target = member.Name };

    public static ProdOpsException DynamicServerCookie(string balancer, BackendMember member) => new(
        "BackendServerNeedsCookie", ErrorKind.NotSupported,
        $"The pool '{member.Pool}' keeps clients at their server by a cookie, which HAProxy on '{balancer}' cannot give to a server that is added while it runs.",
        "Add the server to the configuration and reload (Publish-LoadBalancer).") { Target = member.Name };

    public static ProdOpsException DynamicServerOption(string balancer, BackendMember member, string option) => new(
        "BackendServerNeedsReload", ErrorKind.NotSupported,
        $"HAProxy on '{balancer}' cannot give '{option}', which the servers of the pool '{member.Pool}' have, to one that is added while it runs.",
        "Add the server to the configuration and reload (Publish-LoadBalancer); HAProxy 2.6 and later can check such a server.") { Target = member.Name };
}
