using System.Buffers;
using System.Net;
using ProdOps.Servers.Inventory.Data;

namespace ProdOps.Servers.Inventory.Schema;

/// <summary>
/// The kinds of values that a balancer's configuration is written from. What HAProxy, nginx or keepalived could read as anything but a part of one word
/// (blanks, quotes, semicolons, braces, line ends) is refused here, so that no value can leave its place in a line.
/// </summary>
internal static class BalancerKinds
{
    private static readonly SearchValues<char> OfPaths = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./@+=,:");
    private static readonly SearchValues<char> OfUrls = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./@+=,:~!*()&?%");
    private static readonly SearchValues<char> OfTokens = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

    public static ValueKind<int?> Port { get; } = Kinds.Integer(1, 65535);

    /// <summary>A literal IP address.</summary>
    public static ValueKind<string> Address { get; } = Checked("IP address", "an IP address in quotes", static text => IPAddress.TryParse(text, out var address) && address.ScopeIdOrNone() == 0 && text.Equals(address.ToString(), StringComparison.OrdinalIgnoreCase),
        "Write an IP address, such as '10.0.0.100'; a name cannot move between balancers.");

    /// <summary>A file's full path on the balancers.</summary>
    public static ValueKind<string> ServerPath { get; } = Checked("full path on the balancers", "a full path in quotes",
        static text => text.Length is > 1 and <= 4096 && text[0] == '/' && text[^1] != '/' && !text.AsSpan().ContainsAnyExcept(OfPaths), "Write the full path of a file there, without blanks, quotes and the like: '/etc/haproxy/certs/shop.pem'.");

    /// <summary>A full path on the servers of a pool, which only ever stands in a shell's quotes.</summary>
    public static ValueKind<string> SharedPath { get; } = Checked("full path on the servers", "a full path in quotes", static text => text.Length > 1 && text[0] == '/', "Write the full path: it begins with /.");

    /// <summary>What a request of HTTP asks for.</summary>
    public static ValueKind<string> RequestPath { get; } = Checked("path: `'/health'`", "a path in quotes",
        static text => text.Length <= 2048 && text[0] == '/' && !text.AsSpan().ContainsAnyExcept(OfUrls), "Write the path that is asked for, such as '/health'; other characters than those of URLs are written as %20.");

    /// <summary>The value of a Host header.</summary>
    public static ValueKind<string> HostHeader { get; } = Checked("host name", "a host's name in quotes",
        static text => text.Length <= 253 && !text.AsSpan().ContainsAnyExcept(OfTokens) && char.IsAsciiLetterOrDigit(text[0]), "Write a host's name, such as 'shop.example.org'.");

    public static ValueKind<string> CookieName { get; } = Checked("name", "a cookie's name in quotes",
        static text => text.Length <= 64 && !text.AsSpan().ContainsAnyExcept(OfTokens), "A cookie's name has letters, digits, dots, dashes and underscores.");

    /// <summary>A network interface as the kernel takes its name.</summary>
    public static ValueKind<string> Interface { get; } = Checked("network interface: `'eth0'`", "the name of a network interface in quotes",
        static text => text.Length <= 15 && !text.AsSpan().ContainsAnyExcept(OfTokens) && text is not ("." or ".."), "Write the interface as ip link shows it: 'eth0', 'ens3'.");

    /// <summary>A name that can be one in a balancer's configuration.</summary>
    public static ValueKind<string> PoolName { get; } = Checked("name", "a name in quotes", IsConfigurationName, "A name has letters without accents, digits, dots, dashes and underscores.");

    /// <summary>A line, or several, that stand in a configuration as they are.</summary>
    public static ValueKind<IReadOnlyList<Located<string>>> Lines { get; } = new("line, or a list of lines", static (node, context) =>
        Kinds.ReadLocated(node, context, "a line in quotes, or several with commas between them", static text => text.Trim().Length > 0 && text[^1] != '\\' ? null : "Write a whole line."));

    /// <summary>A duration within limits.</summary>
    public static ValueKind<TimeSpan?> Lasting(TimeSpan least, TimeSpan most)
    {
        var lasting = HealthKinds.Lasting(least);
        return new(lasting.Name, (node, context) => lasting.Read(node, context) is not { } time ? null : time <= most ? time
            : Kinds.Invalid<TimeSpan?>(node, context, (string)((DataScalar)node).Value!, $"Write {HealthThreshold.Format(most.TotalSeconds, "s")} or less."));
    }

    /// <summary>Texts by names of servers.</summary>
    public static ValueKind<IReadOnlyDictionary<string, string>> Machines { get; } = new("table: `@{ lb1 = '123' }`", static (node, context) =>
    {
        if (node is not DataTable table) return Kinds.WrongType<IReadOnlyDictionary<string, string>>(node, context, "a table of the balancers: @{ lb1 = '123' }");
        var machines = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in table.Entries)
        {
            var below = context.Below(entry.Name);
            if (HealthKinds.Answer.Read(entry.Value, below) is not { } text) continue;
            if (text.Length <= 64 && !text.AsSpan().ContainsAnyExcept(OfTokens)) machines[entry.Name] = text;
            else Kinds.Invalid(entry.Value, below, text, "Write the machine's number as the provider shows it.");
        }

        return machines;
    });

    /// <summary>True for what HAProxy and nginx take for a proxy's or a server's name.</summary>
    public static bool IsConfigurationName(string text) => text.Length is > 0 and <= 64 && char.IsAsciiLetterOrDigit(text[0]) && !text.AsSpan().ContainsAnyExcept(OfTokens);

    private static ValueKind<string> Checked(string name, string expected, Func<string, bool> rule, string correction) => new(name, (node, context) =>
        Kinds.ReadText(node, context, expected) is not { } text ? null : rule(text) ? text : Kinds.Invalid(node, context, text, correction));

    // Only IPv6 has scopes, and asking IPv4 for one throws.
    private static long ScopeIdOrNone(this IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}
