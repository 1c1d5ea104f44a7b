namespace ProdOps.LoadBalancing;

internal static partial class LoadBalancingErrors
{
    public static ProdOpsException EntryNotNamed() => new(
        "LoadBalancerNotNamed", ErrorKind.InvalidArgument,
        "It takes one entry of the environment's LoadBalancers, and it is not clear which.",
        "Name it: -LoadBalancer web. Without an environment, balancers and their pool are named: -Server lb1, lb2 -Pool web.");

    public static ProdOpsException RollingPoolMissing() => new(
        "RollingUpdatePoolMissing", ErrorKind.InvalidArgument,
        "Which pool of the balancers is to be updated is not said.",
        "Name it: -Pool web. Get-BackendServer lists the pools.");
}
