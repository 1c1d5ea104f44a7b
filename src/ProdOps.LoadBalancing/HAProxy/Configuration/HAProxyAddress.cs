using System.Globalization;

namespace ProdOps.LoadBalancing.HAProxy.Configuration;

/// <summary>Reads addresses of HAProxy's configuration (Configuration Manual, section 11): with a family before an <c>@</c>, with options behind commas.</summary>
internal static class HAProxyAddress
{
    private static readonly string[] Networks = ["ipv4@", "ipv6@", "ip@", "tcp4@", "tcp6@", "tcp@", "stream+ipv4@", "stream+ipv6@"];

    /// <summary>An admin socket as the server itself reaches it: a full path, or <c>host:port</c>.</summary>
    /// <returns><see langword="null"/> for what only HAProxy itself can make out: an inherited descriptor, an abstract socket, a variable.</returns>
    public static string? Reachable(string address)
    {
        int comma = address.IndexOf(',');
        string text = comma >= 0 ? address[..comma] : address;
        if (text.Contains('$') || text.Any(char.IsControl)) return null;
        foreach (string family in (string[])["unix@", "unix-stream@", "stream+unix@"])
            if (text.StartsWith(family, StringComparison.Ordinal)) text = text[family.Length..];
        if (text.StartsWith('/')) return text.Length > 1 ? text : null;
        foreach (string family in Networks)
            if (text.StartsWith(family, StringComparison.Ordinal)) text = text[family.Length..];
        if (text.Contains('@')) return null;
        int colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0) return null;
        string host = text[..colon];
        return host is "" or "*" or "0.0.0.0" ? $"127.0.0.1:{port}" : host is "::" or "[::]" ? $"[::1]:{port}" : $"{host}:{port}";
    }
}
