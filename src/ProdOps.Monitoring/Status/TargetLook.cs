using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Checks.Http;
using ProdOps.Servers.Inventory.Schema;
using static System.FormattableString;

namespace ProdOps.Monitoring.Status;

/// <summary>Looks at what is named by an address instead of a server: <c>https://…</c>, <c>tcp://host:port</c>, <c>ping://host</c>.</summary>
internal static class TargetLook
{
    /// <summary>Whether a name is such an address.</summary>
    public static bool IsTarget(string name) => name.Contains("://", StringComparison.Ordinal);

    /// <summary>Looks.</summary>
    /// <exception cref="ProdOpsException">It is no address, or not of a kind that can be checked.</exception>
    public static async Task<ServerHealth> LookAsync(string address, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var (host, check) = CheckOf(address, timeout, time);
        long begun = time.GetTimestamp();
        var now = time.GetUtcNow();
        var results = await check.RunAsync(cancellationToken).ConfigureAwait(false);
        return ServerLook.WithChecks(new ServerHealth { Server = host, Time = now, Duration = time.GetElapsedTime(begun), Metrics = [.. results.SelectMany(result => result.Metrics)] }, results);
    }

    /// <summary>What looks, and at which host.</summary>
    /// <exception cref="ProdOpsException">It is no address, or not of a kind that can be checked.</exception>
    public static (string Host, IHealthCheck Check) CheckOf(string address, TimeSpan timeout, TimeProvider time)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || AddressKinds.HostOf(uri) is not { Length: > 0 } host) throw MonitoringErrors.TargetInvalid(address);
        return uri.Scheme switch
        {
            "http" or "https" => (host, new HttpCheck(HttpCheck.SubjectOf(uri), new HttpCheckOptions { Url = uri, Timeout = timeout }, time)),
            "tcp" when uri.Port > 0 => (host, new TcpCheck(new CheckSubject(host, "tcp", Invariant($"{host}:{uri.Port}")), host, uri.Port, new TcpCheckOptions { Timeout = timeout }, time)),
            "ping" => (host, new PingCheck(new CheckSubject(host, "ping", host), host, new PingCheckOptions { Timeout = timeout < TimeSpan.FromSeconds(2) ? timeout : TimeSpan.FromSeconds(2) }, time)),
            _ => throw MonitoringErrors.TargetInvalid(address),
        };
    }
}
