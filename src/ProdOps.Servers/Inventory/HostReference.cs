using System.Globalization;

namespace ProdOps.Servers.Inventory;

/// <summary>A host as it is named at a prompt: <c>host</c>, <c>user@host:port</c>, <c>user@[2001:db8::1]:22</c>, <c>ssh://user@host:port</c>.</summary>
/// <param name="Host">Host name or address, without brackets.</param>
/// <param name="User">The user, if named.</param>
/// <param name="Port">The port, if named.</param>
internal readonly record struct HostReference(string Host, string? User = null, int? Port = null)
{
    private const string Scheme = "ssh://";

    /// <summary>Reads a host's name. What could be taken for an option, or breaks a line, is none.</summary>
    public static bool TryParse(string text, out HostReference reference)
    {
        reference = default;
        if (text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) text = text[Scheme.Length..].TrimEnd('/');
        // A user's name may hold an @ (user@domain@host), a host's cannot.
        int at = text.LastIndexOf('@');
        string? user = at < 0 ? null : text[..at];
        if (user is not null && !IsUser(user)) return false;
        var rest = text.AsSpan(at + 1);
        var host = rest;
        int? port = null;
        if (rest.StartsWith('['))
        {
            int end = rest.IndexOf(']');
            if (end < 0) return false;
            host = rest[1..end];
            if (!IsAddress6(host) || !TryReadPort(rest[(end + 1)..], out port)) return false;
        }
        else if (rest.IndexOf(':') is var colon and >= 0 && rest[(colon + 1)..].IndexOf(':') < 0)
        {
            host = rest[..colon];
            if (!TryReadPort(rest[colon..], out port)) return false;
        }

        // Two colons and no brackets: an IPv6 address without a port.
        if (host.Contains(':') ? !IsAddress6(host) : !IsHost(host)) return false;
        reference = new(host.ToString(), user, port);
        return true;
    }

    /// <summary>True for what a host can be called: a name, an IPv4 address, or an IPv6 address without brackets.</summary>
    public static bool IsHostOrAddress(string text) => text.Contains(':') ? IsAddress6(text) : IsHost(text);

    /// <summary>The host, with the port where it is not the usual one, so that two servers of one host have two names.</summary>
    public string DisplayName => Port is null or 22 ? Host : Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static bool TryReadPort(ReadOnlySpan<char> text, out int? port)
    {
        port = null;
        if (text.IsEmpty) return true;
        if (text[0] != ':' || !int.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > 65535) return false;
        port = number;
        return true;
    }

    private static bool IsUser(string user) => user.Length > 0 && user[0] != '-' && !user.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '/' or ':');

    private static bool IsHost(ReadOnlySpan<char> host)
    {
        if (host.IsEmpty || host.Length > 253 || host[0] is '-' or '.') return false;
        foreach (char c in host)
        {
            if (!char.IsLetterOrDigit(c) && c is not ('-' or '.' or '_')) return false;
        }

        return true;
    }

    private static bool IsAddress6(ReadOnlySpan<char> host)
    {
        // The zone of a link-local address (RFC 4007, section 11) is an interface's name.
        int zone = host.IndexOf('%');
        if (zone >= 0)
        {
            if (!IsHost(host[(zone + 1)..])) return false;
            host = host[..zone];
        }

        return host.Contains(':') && System.Net.IPAddress.TryParse(host, out _);
    }
}
