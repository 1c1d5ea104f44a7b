using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store;

namespace ProdOps.Recovery.Topology;

/// <summary>Reads from the history of metrics how much pools did at their busiest, and how far replicas were behind.</summary>
/// <param name="source">Where the history is.</param>
/// <param name="from">From when on.</param>
/// <param name="to">Until when.</param>
internal sealed class LoadReader(IMetricSource source, DateTimeOffset from, DateTimeOffset to)
{
    private static readonly string[] LagMetrics = ["postgresql.replication.lag", "mariadb.replication.lag", "redis.replication.silence"];

    // Averages of 5 minutes: a peak of seconds is what queues are for.
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    /// <summary>The busiest five minutes of each pool. One of which nothing was measured has none.</summary>
    public async Task<IReadOnlyDictionary<string, PoolPeak>> PeaksAsync(ProdOpsEnvironment environment, CancellationToken cancellationToken)
    {
        var peaks = new Dictionary<string, PoolPeak>(StringComparer.OrdinalIgnoreCase);
        foreach (var balancer in environment.LoadBalancers.Where(balancer => balancer.Pool.Count > 1))
        {
            if (await PeakAsync(balancer.Pool, cancellationToken).ConfigureAwait(false) is { } peak) peaks[balancer.Name] = peak;
        }

        return peaks;
    }

    /// <summary>The largest lag of each server that is anybody's replica.</summary>
    public async Task<IReadOnlyList<MetricSample>> LagsAsync(CancellationToken cancellationToken)
    {
        var series = await source.SeriesAsync([], LagMetrics, [], from, to, cancellationToken).ConfigureAwait(false);
        if (series.Count == 0) return [];
        var largest = new Dictionary<string, MetricSample>(StringComparer.OrdinalIgnoreCase);
        await foreach (var sample in source.QueryAsync(series, Query(MetricFunction.Maximum), cancellationToken).ConfigureAwait(false))
        {
            if (!largest.TryGetValue(sample.Server, out var known) || sample.Value > known.Value) largest[sample.Server] = sample;
        }

        return [.. largest.Values.OrderBy(sample => sample.Server, StringComparer.OrdinalIgnoreCase)];
    }

    private async Task<PoolPeak?> PeakAsync(IReadOnlyList<string> pool, CancellationToken cancellationToken)
    {
        var series = await source.SeriesAsync(pool, ["cpu.busy"], [], from, to, cancellationToken).ConfigureAwait(false);
        // Of half of a pool nothing can be said of the whole.
        if (series.Select(one => one.Server).Distinct(StringComparer.OrdinalIgnoreCase).Count() < pool.Count) return null;
        PoolPeak? peak = null;
        var present = new Dictionary<string, (double Sum, int Count, MetricSample Last)>(StringComparer.OrdinalIgnoreCase);
        long slot = long.MinValue;
        await foreach (var sample in source.QueryAsync(series, Query(MetricFunction.Average), cancellationToken).ConfigureAwait(false))
        {
            long its = sample.Time.UtcTicks / Step.Ticks;
            if (its != slot) Close();
            slot = its;
            var known = present.GetValueOrDefault(sample.Server);
            present[sample.Server] = (known.Sum + sample.Value, known.Count + 1, sample);
        }

        Close();
        return peak;

        void Close()
        {
            var samples = present.Values.Select(server => server.Last with { Value = server.Sum / server.Count }).ToList();
            present.Clear();
            double servers = samples.Sum(sample => sample.Value) / 100;
            if (samples.Count > 0 && (peak is null || servers > peak.Servers)) peak = new PoolPeak(servers, samples[0].Time, samples);
        }
    }

    private MetricQuery Query(MetricFunction function) => new() { From = from, To = to, Resolution = MetricResolution.FiveMinutes, Function = function };
}
