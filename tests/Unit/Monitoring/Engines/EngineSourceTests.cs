using System.Diagnostics;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Exporting;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Engines;

/// <summary>What was exported to an engine is read back from it as the store has it.</summary>
public sealed class EngineSourceTests : IDisposable
{
    private static readonly MetricFunction[] Functions = Enum.GetValues<MetricFunction>();

    private readonly TemporaryFolder _folder = new();
    private readonly MetricStore _store;
    private readonly List<SeriesRow> _series;
    private readonly DateTimeOffset _from, _to;

    public EngineSourceTests()
    {
        _store = MetricStore.Open(_folder["metrics.db"], TimeProvider.System, SilentActivity.Instance);
        // The last quarter of an hour is empty, and so is an hour in the middle.
        _to = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().AddMinutes(-15).ToUnixTimeMilliseconds());
        _from = _to.AddHours(-5);
        for (var time = _from; time < _to; time = time.AddSeconds(37))
        {
            if (time > _from.AddHours(2) && time < _from.AddHours(3)) continue;
            double i = (time - _from).TotalSeconds;
            _store.Append(
            [
                Sample("web1", "disk.used", "/", "%", 70 + (i / 1000), time),
                Sample("web1", "disk.used", "/var \"x\"\\\nü", "%", 100.0 / 3 + (i % 7), time),
                Sample("db1", "disk.used", "/", "%", 1 + (i % 11), time),
                Sample("db1", "disk.free", "/", "B", 1234567890123 - (i * 4096), time),
                Sample("db1", "load.1", null, "", 0.01 * (i % 100), time),
                Sample("db1", "certificate.days", "db1:443", "", 12.345678 - (i / 86400), time),
                Sample("db1", "Plugin: 'time' (ms)", "a b", "", i, time),
                Sample("db1", "plugin_time_ms", null, "", -i, time),
                Sample("db1", "disk.used.percent", null, "", 5, time),
                Sample("db1", "sensor", "x", "mV", i / 3, time),
            ]);
        }

        _series = _store.Series([], [], []);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [UnpackedFact("victoria-metrics")]
    public async Task What_VictoriaMetrics_imported_is_read_back_equal()
    {
        using var engine = await EngineProcess.StartVictoriaMetricsAsync();
        await engine.ImportAsync(MetricText.VictoriaMetrics(ExportSource.Of(new StoreSource(_store), _series, Query(MetricResolution.Raw), default)));
        await CheckAsync(engine);
    }

    [UnpackedFact("prometheus", "promtool")]
    public async Task What_Prometheus_was_given_as_blocks_is_read_back_equal()
    {
        await File.WriteAllLinesAsync(_folder["history.om"], OpenMetricsText.Lines(ExportSource.Of(new StoreSource(_store), _series, Query(MetricResolution.Raw), default), SampleTime.Seconds, SilentActivity.Instance));
        using var engine = await EngineProcess.StartPrometheusAsync();
        engine.Stop();
        using (var promtool = Process.Start(new ProcessStartInfo(UnpackedTool.Promtool.Program!, ["tsdb", "create-blocks-from", "openmetrics", _folder["history.om"], engine.DataPath]) { RedirectStandardOutput = true })!)
        {
            await promtool.StandardOutput.ReadToEndAsync();
            await promtool.WaitForExitAsync();
            Assert.Equal(0, promtool.ExitCode);
        }

        await engine.StartAsync();
        await CheckAsync(engine);
    }

    private async Task CheckAsync(EngineProcess engine)
    {
        using var http = new EngineHttp(new EngineOptions { Url = engine.Url });
        IMetricSource source = new EngineSource(new EngineQueries(http, SilentActivity.Instance), TimeProvider.System), store = new StoreSource(_store);
        var found = await source.SeriesAsync([], [], [], _from, _to, default);
        Assert.Equal(_series.Select(row => row with { Id = 0 }), found);
        Assert.Equal(["db1", "web1"], (await source.SeriesAsync(["WEB?", "db1"], ["disk.used"], ["/"], _from, _to, default)).Select(row => row.Server));
        Assert.Empty(await source.SeriesAsync(["web1"], ["load.*"], [], _from, _to, default));

        Assert.Equal(await store.QueryAsync(_series, Query(MetricResolution.Raw), default).ToListAsync(), await source.QueryAsync(found, Query(MetricResolution.Raw), default).ToListAsync());
        foreach (var resolution in (MetricResolution[])[MetricResolution.FiveMinutes, MetricResolution.Hour])
        {
            foreach (var function in Functions)
            {
                var query = Query(resolution) with { Function = function };
                var (wanted, read) = (await store.QueryAsync(_series, query, default).ToListAsync(), await source.QueryAsync(found, query, default).ToListAsync());
                Assert.Equal(wanted.Select(sample => sample with { Value = 0 }), read.Select(sample => sample with { Value = 0 }));
                Assert.All(wanted.Zip(read), pair => Assert.Equal(pair.First.Value, pair.Second.Value, 1e-6 + (1e-9 * Math.Abs(pair.First.Value))));
            }
        }

        var series = await SeriesReader.ReadAsync(source, found, Query(MetricResolution.FiveMinutes), default).ToListAsync();
        Assert.Equal((await SeriesReader.ReadAsync(store, _series, Query(MetricResolution.FiveMinutes), default).ToListAsync()).Select(Summary), series.Select(Summary));
        // An hour without a sample is a gap, and nothing is made up in it.
        Assert.DoesNotContain(series[0].Samples, sample => sample.Time > _from.AddHours(2).AddMinutes(5) && sample.Time < _from.AddHours(3).AddMinutes(-5));

        Assert.Equal(await store.LatestAsync(_series, _from, _to, default), await source.LatestAsync(found, _from, _to.AddHours(1), default));
        Assert.Equal(await store.LatestAsync(_series, _from, _to, default), await source.LatestAsync(found, _from.AddDays(-7), TimeProvider.System.GetUtcNow().AddHours(1), default));
        Assert.Empty(await source.LatestAsync(found, _to, _to.AddHours(1), default));

        // More than Prometheus gives at once, and more than is read of one answer.
        var query2 = new EngineQuery(new EngineQueries(http, SilentActivity.Instance), "prodops_disk_used_percent{server=\"db1\",mount=\"/\"}", "%", null);
        var one = Assert.Single(await query2.ReadAsync(_from, _to, TimeSpan.FromSeconds(1), default));
        Assert.Equal(("db1", "disk.used", "/", "%"), (one.Server, one.Name, one.Instance, one.Unit));
        Assert.InRange(one.Samples.Count, 14_000, 18_000);
        using var narrow = new EngineHttp(new EngineOptions { Url = engine.Url, LongestAnswer = 64 * 1024 });
        var parts = new EngineSource(new EngineQueries(narrow, SilentActivity.Instance), TimeProvider.System);
        Assert.Equal(await store.QueryAsync(_series, Query(MetricResolution.Raw), default).ToListAsync(), await parts.QueryAsync(found, Query(MetricResolution.Raw), default).ToListAsync());
        Assert.Equal(one.Samples, Assert.Single(await new EngineQuery(new EngineQueries(narrow, SilentActivity.Instance), "prodops_disk_used_percent{server=\"db1\",mount=\"/\"}", "%", null).ReadAsync(_from, _to, TimeSpan.FromSeconds(1), default)).Samples);

        var refused = await Assert.ThrowsAsync<ProdOpsException>(() => new EngineQuery(new EngineQueries(http, SilentActivity.Instance), "rate(", "", null).ReadAsync(_from, _to, TimeSpan.FromMinutes(1), default));
        Assert.Equal("MetricEngineRefused", refused.ErrorId);
    }

    private static object Summary(MetricSeries series) => (series.ToString(), series.Unit, series.Count, series.Current, series.Minimum, series.Maximum, Math.Round(series.Average, 2), series.Samples.Count);

    private MetricQuery Query(MetricResolution resolution) => new() { From = _from, To = _to, Resolution = resolution };

    private static MetricSample Sample(string server, string name, string? instance, string unit, double value, DateTimeOffset time) => new() { Server = server, Name = name, Instance = instance, Unit = unit, Value = value, Time = time };
}
