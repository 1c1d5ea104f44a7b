using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory;

/// <summary>Which host a check is of, where its definition names no server.</summary>
internal static class HealthCheckHosts
{
    /// <summary>What stands for the address of the server whose check it is, in a target and in an address.</summary>
    public const string ServerPlaceholder = "{server}";

    /// <summary>The host that a check looks at, or the server that it runs on; <see langword="null"/> if it names neither.</summary>
    public static string? Of(HealthCheckDefinition check) => check.Kind switch
    {
        HealthCheckKind.Http => Uri.TryCreate(check.Target, UriKind.Absolute, out var asked) ? Nonempty(AddressKinds.HostOf(asked)) : null,
        HealthCheckKind.Tcp or HealthCheckKind.Ping or HealthCheckKind.Ssh or HealthCheckKind.Redis => HostIn(check.Kind == HealthCheckKind.Redis ? WithoutRedisScheme(check.Target) : check.Target) ?? NotAPath(check.Address),
        HealthCheckKind.Plugin or HealthCheckKind.Script => Nonempty(check.RunOn),
        HealthCheckKind.PostgreSql or HealthCheckKind.MariaDb => NotAPath(check.Address) ?? Nonempty(check.RunOn),
        HealthCheckKind.HAProxy => (NotAPath(check.Address) is { } page && Uri.TryCreate(page, UriKind.Absolute, out var url) ? Nonempty(AddressKinds.HostOf(url)) : null) ?? Nonempty(check.RunOn),
        HealthCheckKind.Snmp => NotAPath(check.Address),
        _ => null,
    };

    /// <summary>The host and port of a Redis server that may be written as a URL.</summary>
    public static string WithoutRedisScheme(string target)
    {
        foreach (string scheme in (string[])["rediss://", "redis://"])
            if (target.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) return target[scheme.Length..].TrimEnd('/');
        return target;
    }

    private static string? HostIn(string target) => !target.All(char.IsAsciiDigit) && HostReference.TryParse(target, out var host) ? host.Host : null;

    private static string? NotAPath(string? address) => address is null || address.StartsWith('/') || address.Contains(ServerPlaceholder, StringComparison.Ordinal) ? null : address;

    private static string? Nonempty(string text) => text.Length > 0 ? text : null;
}
