using System.Text;

namespace ProdOps.Servers.Connections;

/// <summary>What a HTTP client says to a proxy (RFC 9110, 11.7.2), as far as a <see cref="JumpRelay"/> wants to know.</summary>
internal static class ProxyRequest
{
    /// <summary>A longer one is none of ours.</summary>
    public const int MaximumLength = 4096;

    /// <summary>Whether its end has come: an empty line.</summary>
    public static bool IsComplete(ReadOnlySpan<byte> request) => request.IndexOf("\r\n\r\n"u8) >= 0;

    /// <summary>What stands in the first Proxy-Authorization, or <see langword="null"/> where there is none.</summary>
    public static string? Authorization(ReadOnlySpan<byte> request)
    {
        foreach (string line in Encoding.ASCII.GetString(request).Split("\r\n"))
        {
            int colon = line.IndexOf(':');
            if (colon > 0 && line.AsSpan(0, colon).Equals("Proxy-Authorization", StringComparison.OrdinalIgnoreCase)) return line[(colon + 1)..].Trim();
        }

        return null;
    }
}
