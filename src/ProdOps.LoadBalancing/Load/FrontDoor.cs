using static System.FormattableString;

namespace ProdOps.LoadBalancing.Load;

/// <summary>Where an entry is asked: as its clients do it, or past the balancer.</summary>
internal static class FrontDoor
{
    /// <summary>The addresses that clients connect to: the one that moves, else each balancer's own.</summary>
    /// <exception cref="ProdOpsException">It does not balance HTTP.</exception>
    public static IReadOnlyList<Uri> Of(LoadBalancerDefinition entry, ProdOpsEnvironment environment, string? path)
    {
        if (entry.Mode == LoadBalancerMode.Tcp) throw LoadBalancingErrors.LoadTestNotHttp(entry.Name);
        string? moving = entry.VirtualAddress ?? entry.FloatingAddress?.Address;
        var hosts = moving is not null ? [moving] : entry.Servers.Select(server => AddressOf(environment, server));
        bool tls = entry.RedirectToTls && entry.TlsPort is not null;
        return [.. hosts.Select(host => UrlOf(tls ? "https" : "http", host, tls ? entry.TlsPort!.Value : entry.Port, path ?? entry.Check ?? "/"))];
    }

    /// <summary>A server of the pool itself.</summary>
    public static Uri Of(LoadBalancerDefinition entry, ProdOpsEnvironment environment, string server, string? path) =>
        UrlOf("http", AddressOf(environment, server), entry.PoolPort, path ?? entry.Check ?? "/");

    private static string AddressOf(ProdOpsEnvironment environment, string server) =>
        environment.Servers.FirstOrDefault(known => known.Name.Equals(server, StringComparison.OrdinalIgnoreCase))?.Address is { Length: > 0 } address ? address : server;

    /// <exception cref="ProdOpsException">The path is none.</exception>
    private static Uri UrlOf(string scheme, string host, int port, string path)
    {
        if (!path.StartsWith('/') || path.Any(c => c is <= ' ' or '\u007f')) throw LoadBalancingErrors.LoadTestPathInvalid(path);
        return new Uri(Invariant($"{scheme}://{(host.Contains(':') ? $"[{host}]" : host)}:{port}{path}"));
    }
}
