using System.Globalization;
using System.Net;

namespace ProdOps.Servers.Ssh.Config;

/// <summary>A server to go through, as ProxyJump names it. What it does not say is looked up for that host.</summary>
internal sealed record SshJumpHost(string? User, string Host, int? Port)
{
    /// <summary>A comma-separated list, first to last. Empty for <c>none</c>; <see langword="null"/> where a part is no host.</summary>
    public static IReadOnlyList<SshJumpHost>? ParseList(string text)
    {
        int comment = text.IndexOf('#');
        if (comment >= 0) text = text[..comment];
        text = text.TrimEnd(' ', '\t', '\r', '\n');
        if (SshValue.IsNone(text)) return [];
        var hosts = new List<SshJumpHost>();
        foreach (string part in text.Split(','))
        {
            if (Parse(part) is not { } host) return null;
            hosts.Add(host);
        }

        return hosts;
    }

    /// <summary><c>user@host:port</c>, with brackets around an IPv6 address, or an <c>ssh://</c> URI.</summary>
    public static SshJumpHost? Parse(string text)
    {
        bool uri = text.StartsWith("ssh://", StringComparison.Ordinal);
        if (uri) text = text[6..];
        string? user = null;
        int at = uri ? text.IndexOf('@') : text.LastIndexOf('@');
        if (at >= 0)
        {
            user = text[..at];
            if (uri && user.IndexOf(';') is var parameters and >= 0) user = user[..parameters];
            if (user.Length == 0) return null;
            if (uri) user = Uri.UnescapeDataString(user);
            text = text[(at + 1)..];
        }

        if (Split(text, uri) is not { } parts || !IsHost(parts.Host)) return null;
        if (parts.Port is null or "") return new(user, parts.Host, null);
        return SshValue.Port(parts.Port) is { } port ? new(user, parts.Host, port) : null;
    }

    public override string ToString()
    {
        string host = Host.Contains(':') ? $"[{Host}]" : Host;
        return (User is null ? "" : User + "@") + host + (Port is { } port ? ":" + port.ToString(CultureInfo.InvariantCulture) : "");
    }

    private static (string Host, string? Port)? Split(string text, bool uri)
    {
        string host;
        if (text is ['[', ..])
        {
            int close = text.IndexOf(']');
            if (close < 0 || (close + 1 < text.Length && text[close + 1] is not (':' or '/'))) return null;
            host = text[1..close];
            text = text[(close + 1)..];
        }
        else
        {
            int end = text.AsSpan().IndexOfAny(':', '/');
            if (end < 0) return (text, null);
            host = text[..end];
            text = text[end..];
        }

        if (text.Length == 0) return (host, null);
        string after = text[1..];
        // A URI may end in a slash and must not go on behind it.
        if (uri && text[0] == '/') return after.Length == 0 ? (host, null) : null;
        if (uri && after.EndsWith('/')) after = after[..^1];
        return (host, after);
    }

    /// <summary>What can be in a host's name or address; quotes and blanks come from ssh_config lines that OpenSSH does not unquote.</summary>
    private static bool IsHost(string host) =>
        host.Length > 0 && host[0] != '-' && !host.AsSpan().ContainsAny(" \t\"'`$\\;&<>|(){},/@") && (!host.Contains(':') || IPAddress.TryParse(host, out _));
}
