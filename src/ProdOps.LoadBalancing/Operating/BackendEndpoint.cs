using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ProdOps.LoadBalancing.Operating;

/// <summary>Where a server of a pool listens.</summary>
/// <param name="Address">Its IP address, without brackets.</param>
/// <param name="Port">Its port.</param>
internal readonly record struct BackendEndpoint(string Address, int Port)
{
    /// <summary>Reads <c>10.77.0.13:8080</c>, <c>[2001:db8::1]:8080</c>.</summary>
    public static bool TryParse(string text, out BackendEndpoint endpoint)
    {
        endpoint = default;
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0) return false;
        string host = text[..colon];
        bool brackets = host.StartsWith('[') && host.EndsWith(']');
        if (!IPAddress.TryParse(brackets ? host[1..^1] : host, out var ip) || brackets != (ip.AddressFamily == AddressFamily.InterNetworkV6)) return false;
        endpoint = new BackendEndpoint(ip.ToString(), port);
        return true;
    }

    public override string ToString() => Address.Contains(':') ? string.Create(CultureInfo.InvariantCulture, $"[{Address}]:{Port}") : string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}");
}
