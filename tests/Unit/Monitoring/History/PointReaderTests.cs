using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Store.Chunks;
using ProdOps.Monitoring.Tests.Store;

namespace ProdOps.Monitoring.Tests.History;

/// <summary>Many series are read together: each reading looks through all samples that are not in chunks yet.</summary>
public sealed class PointReaderTests : IDisposable
{
    private static readonly MetricQuery Query = new() { From = StoreCase.Start, To = StoreCase.Start.AddHours(1) };

    private readonly StoreCase _case = new();

    public void Dispose() => _case.Dispose();

    [Fact]
    public async Task Each_series_has_the_points_that_it_has_when_it_is_read_alone_and_all_are_read_at_once()
    {
        for (int minute = 0; minute < 5; minute++) _case.Store.Append([.. Enumerable.Range(0, 300).Where(server => server % 7 != 0).Select(server => StoreCase.Sample(StoreCase.Start.AddMinutes(minute), server + minute / 10.0, $"s{server:000}"))]);
        _case.Store.Append([.. Enumerable.Range(0, 300).Select(server => StoreCase.Sample(StoreCase.Start.AddHours(-2), 1, $"s{server:000}"))]);
        var source = new CountedSource(_case.Store);
        var series = _case.Store.Series([], ["cpu.busy"], []);
        var read = await PointReader.ReadAsync(source, series, Query, default).ToListAsync();
        Assert.Equal(1, source.Readings);
        Assert.Equal(series, read.Select(static one => one.Series));
        foreach (var (one, points) in read) Assert.Equal(_case.Store.Query([one], Query, default).Select(static sample => new Point(sample.Time.ToUnixTimeMilliseconds(), sample.Value)), points);
        Assert.Equal(43, read.Count(static one => one.Points.Count == 0));
        Assert.Equal(300 - 43, await SeriesReader.ReadAsync(source, series, Query, default).CountAsync());
        Assert.Equal(2, source.Readings);
    }

    [Theory]
    [InlineData(1, MetricResolution.Auto, null, 11111)]
    [InlineData(24, MetricResolution.Auto, null, 462)]
    [InlineData(24 * 7, MetricResolution.Auto, null, 1984)]
    [InlineData(24 * 7, MetricResolution.Auto, 2, 16384)]
    [InlineData(24 * 7, MetricResolution.Auto, 24 * 8, 1984)]
    [InlineData(24 * 7, MetricResolution.Raw, null, 66)]
    [InlineData(24 * 700, MetricResolution.Raw, null, 64)]
    [InlineData(24 * 700, MetricResolution.Hour, null, 238)]
    [InlineData(24 * 700, MetricResolution.Hour, 2, 238)]
    public void The_longer_the_time_and_the_finer_the_values_the_fewer_series_are_held(int hours, MetricResolution resolution, int? ofWhich, int series)
    {
        var end = StoreCase.Start.AddHours(hours);
        Assert.Equal(series, PointReader.SeriesAtOnce(new MetricQuery { From = StoreCase.Start, To = end, Resolution = resolution }, 4_000_000, ofWhich is { } kept ? end.AddHours(-kept) : null));
    }

    [Fact]
    public void Series_are_the_same_whether_SQLite_chooses_them_or_patterns_do()
    {
        var random = new Random(81);
        string[] servers = [.. Enumerable.Range(0, 40).Select(static server => $"s{server}")], metrics = ["cpu.busy", "CPU.idle", "disk.used", "load.1"];
        _case.Store.Append([.. servers.SelectMany(server => metrics.Select(metric => StoreCase.Sample(StoreCase.Start, 1, server, metric)))]);
        var all = _case.Store.Series([], [], []);
        Assert.Equal(160, all.Count);
        for (int i = 0; i < 100; i++)
        {
            string[] wantedServers = Pick(servers, ["S1*", "nobody", "s[2-3]?"], 25), wantedMetrics = Pick(metrics, ["cpu.*", "Disk.Used", "none"], 3);
            Assert.Equal(
                all.Where(row => Fits(wantedServers, row.Server) && Fits(wantedMetrics, row.Metric)),
                _case.Store.Series(wantedServers, wantedMetrics, []));
        }

        string[] Pick(string[] names, string[] others, int most) => [.. Enumerable.Range(0, random.Next(most)).Select(_ => random.Next(8) == 0 ? others[random.Next(others.Length)] : names[random.Next(names.Length)].ToUpperInvariant())];

        static bool Fits(string[] patterns, string name) => patterns.Length == 0 || patterns.Any(pattern => ProdOps.Servers.Inventory.NamePattern.IsMatch(pattern, name));
    }

    private sealed class CountedSource(MetricStore store) : IMetricSource
    {
        private readonly StoreSource _source = new(store);

        public int Readings { get; private set; }

        public Task<IReadOnlyList<SeriesRow>> SeriesAsync(IReadOnlyList<string> servers, IReadOnlyList<string> metrics, IReadOnlyList<string> instances, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
            _source.SeriesAsync(servers, metrics, instances, from, to, cancellationToken);

        public IAsyncEnumerable<MetricSample> QueryAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<(int Series, Rollup Rollup)> RollupsAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken)
        {
            Readings++;
            return _source.RollupsAsync(series, query, cancellationToken);
        }

        public IAsyncEnumerable<(int Series, List<Point> Points)> PointsAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken)
        {
            Readings++;
            return _source.PointsAsync(series, query, cancellationToken);
        }

        public Task<IReadOnlyList<MetricSample>> LatestAsync(IReadOnlyList<SeriesRow> series, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ProdOpsException NotFound(string what, DateTimeOffset from, DateTimeOffset to) => throw new NotSupportedException();
    }
}
