using ProdOps.Servers;

namespace ProdOps.Cmdlets.Servers;

/// <summary>Servers that are named directly, as OpenSSH takes them.</summary>
internal static class ServerNames
{
    /// <summary>The machine that ProdOps runs on.</summary>
    public static Server ThisMachine { get; } = new() { Name = "localhost", IsLocal = true };

    /// <summary>The server that <c>[user@]host[:port]</c> names; an IPv6 address with a port has brackets.</summary>
    public static Server Parse(string text)
    {
        if (text == ThisMachine.Name) return ThisMachine;
        int at = text.LastIndexOf('@');
        string host = text[(at + 1)..];
        int? port = null;
        int colon = host.LastIndexOf(':');
        bool bracketed = host.StartsWith('[');
        if (colon >= 0 && (bracketed ? host[colon - 1] == ']' : host.IndexOf(':') == colon))
        {
            if (!ushort.TryParse(host.AsSpan(colon + 1), out ushort number) || number == 0) throw ServersErrors.ServerNameInvalid(text);
            port = number;
            host = host[..colon];
        }

        if (bracketed) host = host.Trim('[', ']');
        if (host.Length == 0 || at == 0 || host.Any(char.IsWhiteSpace) || host.StartsWith('-')) throw ServersErrors.ServerNameInvalid(text);
        return new Server { Name = text, Address = host, Ssh = new SshOptions { User = at > 0 ? text[..at] : null, Port = port } };
    }
}
