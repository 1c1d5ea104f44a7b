using System.Globalization;
using ProdOps.LoadBalancing.HAProxy.Replies;
using ProdOps.LoadBalancing.Operating;
using ProdOps.Servers.HAProxy;
using static System.FormattableString;

namespace ProdOps.LoadBalancing.HAProxy;

/// <summary>What HAProxy's figures come to: its pools, what it may run out of, and what is wrong.</summary>
internal sealed class HAProxyOverview(HAProxyInfo info, HAProxyTable table)
{
    private static readonly TimeSpan OldWorkerTime = TimeSpan.FromHours(1);

    private readonly ILookup<string, HAProxyRow> _servers = table.Rows.Where(row => row.IsServer).ToLookup(row => row.Proxy, StringComparer.Ordinal);

    private IEnumerable<HAProxyRow> Backends => table.Rows.Where(row => row.IsBackend && _servers.Contains(row.Proxy));

    /// <summary>Requests a second over all frontends of HTTP.</summary>
    public double? RequestRate
    {
        get
        {
            long[] rates = [.. table.Rows.Where(row => row.IsFrontend).Select(row => row.Number("req_rate")).OfType<long>()];
            return rates.Length > 0 ? rates.Sum() : null;
        }
    }

    public IReadOnlyList<BackendPool> Pools(Func<string, string?> entryOf) =>
    [
        .. Backends.Select(row => new BackendPool
        {
            Name = row.Proxy,
            LoadBalancer = entryOf(row.Proxy),
            Up = _servers[row.Proxy].Count(HAProxyServers.Takes),
            Servers = _servers[row.Proxy].Count(),
            Sessions = row.Number("scur") ?? 0,
            Queue = Queue(row),
            Total = row.Number("stot") ?? 0,
            ServerErrors = row.Number("hrsp_5xx") ?? 0,
            Redispatches = row.Number("wredis") ?? 0,
            QueueTime = Milliseconds(row, "qtime"),
            ConnectTime = Milliseconds(row, "ctime"),
            ResponseTime = Milliseconds(row, "rtime"),
        }),
    ];

    /// <summary>The nearest first.</summary>
    /// <param name="openFiles">How many files the process has open, if known.</param>
    public IReadOnlyList<LoadBalancerLimit> Limits(int? openFiles)
    {
        var limits = new List<LoadBalancerLimit?>
        {
            Of("maxconn", info.Number("CurrConns"), info.Number("Maxconn")),
            Of("TLS connections", info.Number("CurrSslConns"), info.Number("MaxSslConns")),
            Of("connection rate", info.Number("ConnRate"), info.Number("ConnRateLimit")),
            Of("session rate", info.Number("SessRate"), info.Number("SessRateLimit")),
            Of("TLS rate", info.Number("SslRate"), info.Number("SslRateLimit")),
            Of("open files", openFiles, info.Number("Ulimit-n")),
            Of("memory", info.Number("PoolUsed_bytes"), info.Number("Memmax_bytes")),
            Of("cpu", info.Number("Idle_pct") is { } idle ? 100 - idle : null, 100),
        };
        foreach (var row in table.Rows.Where(row => row.IsFrontend))
        {
            limits.Add(Of($"frontend {row.Proxy}: maxconn", row.Number("scur"), row.Number("slim")));
            limits.Add(Of($"frontend {row.Proxy}: session rate", row.Number("rate"), row.Number("rate_lim")));
        }

        foreach (var row in Backends)
        {
            // A pool is full when all servers that take requests are; then the queue grows.
            var taking = _servers[row.Proxy].Where(HAProxyServers.Takes).ToList();
            if (taking.Count > 0 && taking.TrueForAll(server => server.Number("slim") > 0))
                limits.Add(Of($"pool {row.Proxy}: maxconn", taking.Sum(server => server.Number("scur") ?? 0), taking.Sum(server => server.Number("slim") ?? 0)));
            limits.Add(Of($"pool {row.Proxy}: queue", Queue(row), QueueLimit(taking)));
        }

        return [.. limits.OfType<LoadBalancerLimit>().OrderByDescending(limit => limit.Share)];

        static LoadBalancerLimit? Of(string name, double? used, double? limit) => used is { } some && limit is > 0 ? new LoadBalancerLimit { Name = name, Used = some, Limit = limit.Value } : null;
    }

    /// <summary>What is wrong, the worst first.</summary>
    /// <param name="entries">The environment's entries.</param>
    /// <param name="processes">What the master says, where it does.</param>
    public IEnumerable<string> Problems(IReadOnlyList<LoadBalancerDefinition> entries, HAProxyProcesses? processes)
    {
        foreach (var entry in entries.Where(entry => !Backends.Any(row => row.Proxy == entry.PoolName()))) yield return $"there is no pool '{entry.PoolName()}', which the entry '{entry.Name}' is about";
        var pools = Backends.Select(row => (row.Proxy, Taking: _servers[row.Proxy].Count(HAProxyServers.Takes), All: _servers[row.Proxy].ToList(), Queue: Queue(row))).ToList();
        foreach (var pool in pools.Where(pool => pool.Taking == 0)) yield return $"pool {pool.Proxy}: no server takes requests";
        foreach (var pool in pools)
            if (pool.Taking > 0 && entries.FirstOrDefault(entry => entry.PoolName() == pool.Proxy) is { } entry && pool.Taking < entry.MinimumHealthy)
                yield return Invariant($"pool {pool.Proxy}: {pool.Taking} servers take requests, and {entry.MinimumHealthy} should at least");
        if (processes is { Failed: > 0 } failed) yield return Invariant($"the last {(failed.Failed == 1 ? "reload has" : $"{failed.Failed} reloads have")} failed: the configuration on disk is not the one in use");
        foreach (var pool in pools.Where(pool => pool.Queue > 0)) yield return Invariant($"pool {pool.Proxy}: {pool.Queue} requests wait for a server");
        foreach (var pool in pools.Where(pool => pool.Taking > 0))
        {
            string[] down = [.. pool.All.Where(row => row.Status.StartsWith("DOWN", StringComparison.Ordinal)).Select(row => row.Name)];
            if (down.Length > 0) yield return $"pool {pool.Proxy}: {Names(down)} down";
        }

        foreach (var frontend in table.Rows.Where(row => row.IsFrontend && row.Status == "FULL")) yield return $"frontend {frontend.Proxy} takes no more connections";
        if (processes is not null && processes.OldWorkers.Where(worker => worker.Uptime > OldWorkerTime).ToList() is { Count: > 0 } old)
            yield return Invariant($"{old.Count} processes of before the last reload still serve old connections");
        if (info.Number("Stopping") > 0) yield return "the process is about to end";
    }

    private static long? QueueLimit(List<HAProxyRow> taking) => taking.Count > 0 && taking.TrueForAll(server => server.Number("qlimit") > 0) ? taking.Sum(server => server.Number("qlimit") ?? 0) : null;

    // Those that wait for one server stand at the server, those that wait for any at the pool.
    private long Queue(HAProxyRow backend) => (backend.Number("qcur") ?? 0) + _servers[backend.Proxy].Sum(server => server.Number("qcur") ?? 0);

    private static TimeSpan? Milliseconds(HAProxyRow row, string column) => row.Number("stot") > 0 && row.Number(column) is { } value ? HAProxyTime.OfMilliseconds(value) : null;

    private static string Names(string[] names) => names.Length switch
    {
        1 => $"{names[0]} is",
        <= 5 => $"{string.Join(", ", names[..^1])} and {names[^1]} are",
        _ => string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names[..5])} and {names.Length - 5} more are"),
    };
}
