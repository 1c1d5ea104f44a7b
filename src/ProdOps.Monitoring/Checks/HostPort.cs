using System.Globalization;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Checks;

/// <summary>A host, a port, or both, as a check's target names them: <c>db1</c>, <c>5432</c>, <c>db1:5432</c>, <c>[2001:db8::1]:5432</c>.</summary>
/// <param name="Host">The host; <see langword="null"/> where none is named.</param>
/// <param name="Port">The port; <see langword="null"/> where none is named.</param>
internal readonly record struct HostPort(string? Host, int? Port)
{
    /// <summary>Reads it; nothing at all names neither.</summary>
    public static bool TryParse(string text, out HostPort target)
    {
        target = default;
        text = text.Trim();
        if (text.Length == 0) return true;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port))
        {
            target = new(null, port);
            return port is > 0 and <= 65535;
        }

        if (!HostReference.TryParse(text, out var host) || host.User is not null) return false;
        target = new(host.Host, host.Port);
        return true;
    }
}
