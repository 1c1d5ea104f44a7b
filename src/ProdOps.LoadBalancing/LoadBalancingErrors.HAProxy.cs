namespace ProdOps.LoadBalancing;

internal static partial class LoadBalancingErrors
{
    public static ProdOpsException HAProxyRefused(string server, string what, string said) => new(
        "HAProxyRefused", ErrorKind.InvalidOperation,
        $"HAProxy on server '{server}' does not let {what}: {Said(said)}",
        "The runtime commands are explained in HAProxy's Management Guide, section 9.3.") { Target = server };

    public static ProdOpsException HAProxyLevel(string server, string socket) => new(
        "HAProxyLevelTooLow", ErrorKind.PermissionDenied,
        $"HAProxy on server '{server}' lets nobody change anything on '{socket}': its level is not admin.",
        "Write 'stats socket … level admin' in its global section and reload it, or name another socket by Socket in the environment.") { Target = server };

    public static ProdOpsException HAProxyTooOld(string server, string version, string command) => new(
        "HAProxyTooOld", ErrorKind.NotSupported,
        $"HAProxy {version} on server '{server}' does not know '{command}'.",
        "It came with HAProxy 2.4 to 2.6: change the configuration and reload instead (Publish-LoadBalancer), or update HAProxy.") { Target = server };

    public static ProdOpsException NotHAProxy(string server, string socket) => new(
        "HAProxyNotUnderstood", ErrorKind.InvalidData,
        $"What answers on '{socket}' of server '{server}' does not speak as HAProxy does.",
        "Name HAProxy's admin socket by Socket in the environment; its configuration has it as 'stats socket'.") { Target = server };
}
