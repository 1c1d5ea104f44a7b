using System.Globalization;
using ProdOps.Servers.HAProxy;
using ProdOps.Servers.Inventory;
using static System.FormattableString;

namespace ProdOps.Monitoring.Checks.HAProxy;

/// <summary>What HAProxy's table means: a result for each backend that has servers. A server that somebody took out counts for nothing.</summary>
internal static class HAProxyJudge
{
    private const int MostNamed = 5;

    /// <param name="table">The table.</param>
    /// <param name="pool">Which backends: a name, with wildcards if need be; empty for all.</param>
    /// <param name="subject">What the results are called.</param>
    /// <param name="blank">A result that says nothing yet.</param>
    public static IReadOnlyList<HealthCheckResult> Judge(HAProxyTable table, string pool, CheckSubject subject, HealthCheckResult blank)
    {
        var servers = table.Rows.Where(row => row.IsServer).ToLookup(row => row.Proxy, StringComparer.Ordinal);
        HealthCheckResult[] results =
        [
            .. table.Rows.Where(row => row.IsBackend && servers.Contains(row.Proxy) && (pool.Length == 0 || NamePattern.IsMatch(pool, row.Proxy)))
                .Select(row => Judge(row, [.. servers[row.Proxy]], subject, blank)),
        ];
        if (results.Length > 0) return results;
        return [blank with { Message = pool.Length == 0 ? "it has no backend with servers" : $"it has no backend '{pool}' with servers" }];
    }

    private static HealthCheckResult Judge(HAProxyRow backend, HAProxyRow[] all, CheckSubject subject, HealthCheckResult blank)
    {
        var counted = all.Where(server => !server.Status.StartsWith("MAINT", StringComparison.Ordinal)).ToList();
        var down = counted.Where(server => !IsUp(server)).ToList();
        int up = counted.Count - down.Count;
        // Servers for an emergency are counted apart: with none of the others left there is one.
        bool onlyBackups = up > 0 && backend["act"] == "0" && backend.Number("bck") > 0 && counted.Exists(server => server["bck"] == "0");
        var state = up == 0 ? HealthState.Critical : down.Count > 0 || onlyBackups ? HealthState.Warning : HealthState.OK;
        double percent = counted.Count > 0 ? 100.0 * up / counted.Count : 0;
        string taken = all.Length > counted.Count ? Invariant($", {all.Length - counted.Count} in maintenance") : "";
        return blank with
        {
            Instance = backend.Proxy,
            State = state,
            Value = Math.Round(percent, 1),
            Unit = "%",
            Message = Invariant($"{up} of {counted.Count} servers up{taken}{(onlyBackups ? ", of them none but backups" : "")}{Names(down)}"),
            Metrics =
            [
                subject.Sample("haproxy.down", down.Count, blank.Time, backend.Proxy), subject.Sample("haproxy.up", up, blank.Time, backend.Proxy),
                .. Optional("haproxy.queue", "qcur"), .. Optional("haproxy.sessions", "scur"),
            ],
        };

        IEnumerable<MetricSample> Optional(string metric, string column) => backend.Number(column) is { } value ? [subject.Sample(metric, value, blank.Time, backend.Proxy)] : [];
    }

    // "UP 1/3" is about to go down and still carries load, "DOWN 1/2" is about to come up and does not yet; DRAIN finishes what it has, and NOLB takes known clients only.
    private static bool IsUp(HAProxyRow server) => server.Status.StartsWith("UP", StringComparison.Ordinal) || server.Status is "no check" or "NOLB" || server.Status.StartsWith("DRAIN", StringComparison.Ordinal);

    private static string Names(List<HAProxyRow> down)
    {
        if (down.Count == 0) return "";
        var named = down.Take(MostNamed).Select(server =>
        {
            string why = string.Join(' ', new[] { server["check_status"].TrimStart('*', ' '), server["last_chk"] }.Where(text => text.Length > 0));
            string since = server.Number("lastchg") is { } seconds ? $" since {HealthThreshold.Format(seconds, "s")}" : "";
            return $"{server.Name} is {server.Status.ToLowerInvariant()}{since}{(why.Length > 0 ? $" ({why})" : "")}";
        });
        return $"; {string.Join(", ", named)}{(down.Count > MostNamed ? $" and {(down.Count - MostNamed).ToString(CultureInfo.InvariantCulture)} more" : "")}";
    }
}
