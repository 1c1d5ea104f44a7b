using System.Net;

namespace ProdOps.Servers.Inventory;

/// <summary>The numbers of virtual routers (VRID, RFC 5798 section 5.2.3).</summary>
internal static class VirtualRouters
{
    /// <summary>The number that an entry's virtual address has: the given one, else the address's last byte, which is another for each address of a small network.</summary>
    public static int NumberOf(LoadBalancerDefinition definition) =>
        definition.VirtualRouter ?? (IPAddress.TryParse(definition.VirtualAddress, out var address) ? Math.Max(1, (int)address.GetAddressBytes()[^1]) : 1);
}
