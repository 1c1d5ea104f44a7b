using static System.FormattableString;

namespace ProdOps.Monitoring.Checks.Redis;

/// <summary>What a Redis server tells of itself means. It remembers a counter from one look to the next.</summary>
internal sealed class RedisJudge
{
    private static readonly Limits MemoryPercent = new(85, 95), SilenceSeconds = new(30, 300);

    private double? _rejected;

    /// <summary>The results, each with an instance of its own, and the metrics with the first of them.</summary>
    public IReadOnlyList<HealthCheckResult> Judge(RedisInfo info, CheckSubject subject, HealthCheckResult blank)
    {
        var results = new List<HealthCheckResult> { Memory(info, blank) };
        if (Replication(info, blank) is { } replication) results.Add(replication);
        if (Connections(info, blank) is { } connections) results.Add(connections);
        if (Saving(info, blank) is { } saving) results.Add(saving);
        results[0] = results[0] with { Metrics = Metrics(info, subject, blank.Time) };
        return results;
    }

    private static HealthCheckResult Memory(RedisInfo info, HealthCheckResult blank)
    {
        blank = blank with { Instance = "memory" };
        if (info.Number("used_memory") is not { } used) return blank with { Message = "it does not tell how much memory it uses" };
        string size = ByteSize.Format((long)used);
        if (info.Number("maxmemory") is not > 0) return blank with { State = HealthState.OK, Message = $"{size}, without a limit" };
        double percent = Percent(info)!.Value;
        // A cache is full as long as it lives: it gives up what is oldest.
        bool evicts = info.Text("maxmemory_policy") is { } policy && policy != "noeviction";
        return blank with
        {
            State = evicts ? HealthState.OK : MemoryPercent.OfHigh(percent),
            Value = percent,
            Unit = "%",
            Warning = evicts ? "" : ">= 85 %",
            Critical = evicts ? "" : ">= 95 %",
            Message = Invariant($"{size}, {percent:0.#} % of what it may have; when it is full it {(evicts ? "gives up what is oldest" : "refuses to write")}"),
        };
    }

    private static HealthCheckResult? Replication(RedisInfo info, HealthCheckResult blank)
    {
        if (info.Text("role") != "slave") return null;
        blank = blank with { Instance = "replication", Unit = "s", Warning = ">= 30 s", Critical = ">= 300 s" };
        string primary = $"{info.Text("master_host")}:{info.Text("master_port")}";
        if (info.Text("master_link_status") != "up")
        {
            string since = info.Number("master_link_down_since_seconds") is { } down and >= 0 ? $" for {HealthThreshold.Format(down, "s")}" : "";
            return blank with { State = HealthState.Critical, Message = $"it has not reached its primary {primary}{since}" };
        }

        // A primary pings its replicas every ten seconds.
        if (info.Number("master_last_io_seconds_ago") is not { } silence || silence < 0) return blank with { State = HealthState.OK, Message = $"it follows {primary}" };
        return blank with { State = SilenceSeconds.OfHigh(silence), Value = silence, Message = $"it heard from its primary {primary} {HealthThreshold.Format(silence, "s")} ago" };
    }

    private HealthCheckResult? Connections(RedisInfo info, HealthCheckResult blank)
    {
        if (info.Number("rejected_connections") is not { } rejected) return null;
        // After a restart it counts from zero.
        double since = _rejected is { } before ? rejected >= before ? rejected - before : rejected : 0;
        _rejected = rejected;
        string used = info.Number("connected_clients") is { } clients ? Invariant($"{clients} clients") + (info.Number("maxclients") is { } most ? Invariant($" of {most}") : "") : "";
        return blank with
        {
            Instance = "connections",
            State = since > 0 ? HealthState.Warning : HealthState.OK,
            Value = since,
            Warning = "> 0",
            Message = since > 0 ? Invariant($"{since} turned away since the last look; {used}") : used.Length > 0 ? used : "none turned away",
        };
    }

    private static HealthCheckResult? Saving(RedisInfo info, HealthCheckResult blank)
    {
        bool snapshot = info.Text("rdb_last_bgsave_status") == "err", log = info.Text("aof_last_write_status") == "err";
        if (!snapshot && !log) return null;
        return blank with { Instance = "saving", State = HealthState.Critical, Message = $"its last {(snapshot ? "snapshot" : "write to its log")} failed: its disk may be full, and it may refuse to write" };
    }

    private static IReadOnlyList<MetricSample> Metrics(RedisInfo info, CheckSubject subject, DateTimeOffset time)
    {
        (string Metric, double? Value)[] values =
        [
            ("redis.clients", info.Number("connected_clients")), ("redis.memory", info.Number("used_memory")), ("redis.memory.used", Percent(info)),
            ("redis.rejected", info.Number("rejected_connections")), ("redis.replication.silence", info.Number("master_last_io_seconds_ago") is >= 0 and var ago ? ago : null),
        ];
        return [.. values.Where(value => value.Value is not null).Select(value => subject.Sample(value.Metric, value.Value!.Value, time))];
    }

    private static double? Percent(RedisInfo info) => info.Number("used_memory") is { } used && info.Number("maxmemory") is > 0 and var most ? 100 * used / most : null;
}
