using ProdOps.LoadBalancing.HAProxy;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Tests.TestTools;

internal static class Opening
{
    /// <summary>The balancer that a real HAProxy of this machine is.</summary>
    public static HAProxyBalancer Open(this RealHAProxy haproxy, string server = "lb1") =>
        new(new LocalShell(server), new HAProxyBalancerOptions { Socket = haproxy.Socket, ConfigurationPath = haproxy.Configuration }, TimeProvider.System);
}
