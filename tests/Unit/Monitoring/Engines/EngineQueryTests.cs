using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Engines;

/// <summary>Queries of the admin's own over what others have measured.</summary>
public sealed class EngineQueryTests
{
    [UnpackedFact("prometheus", "prometheus-node-exporter")]
    public async Task What_Prometheus_scrapes_of_node_exporter_is_asked_for_in_its_own_language()
    {
        using var exporter = await PrivateServer.StartAsync(UnpackedTool.NodeExporter.Program!,
            port => [$"--web.listen-address=127.0.0.1:{port}", "--collector.disable-defaults", "--collector.cpu", "--collector.loadavg"], AnswersAsync);
        using var engine = await EngineProcess.StartPrometheusAsync($"127.0.0.1:{exporter.Port}");
        using var http = new EngineHttp(new EngineOptions { Url = engine.Url });
        var queries = new EngineQueries(http, SilentActivity.Instance);
        var environment = new ProdOpsEnvironment { Path = "environment.psd1", Name = "shop", Servers = [new Server { Name = "web1", Address = "127.0.0.1" }] };
        var rate = new EngineQuery(queries, "rate(node_cpu_seconds_total{mode=\"idle\"}[10s])", "%", environment);
        IReadOnlyList<MetricSeries> found = [];
        // Two scrapes must have been.
        for (var begun = TimeProvider.System.GetTimestamp(); found.Count == 0 && TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(60); await Task.Delay(200))
        {
            var now = TimeProvider.System.GetUtcNow();
            found = await rate.ReadAsync(now.AddMinutes(-1), now, TimeSpan.FromSeconds(1), default);
        }

        Assert.Equal(Environment.ProcessorCount, found.Count);
        Assert.All(found, series =>
        {
            Assert.Equal(("web1", "rate(node_cpu_seconds_total{mode=\"idle\"}[10s])", "%"), (series.Server, series.Name, series.Unit));
            Assert.Matches("^cpu=[0-9]+ job=prodops mode=idle$", series.Instance);
            Assert.InRange(series.Average, 0, 1.5);
        });
        var load = Assert.Single(await new EngineQuery(queries, "node_load1", "", null).AtAsync(TimeProvider.System.GetUtcNow(), default));
        Assert.Equal(($"127.0.0.1:{exporter.Port}", "node_load1", "job=prodops"), (load.Server, load.Name, load.Instance));
    }

    [Fact]
    public async Task A_step_that_is_too_short_or_a_time_that_is_too_long_is_refused_before_anything_is_asked()
    {
        using var http = new EngineHttp(new EngineOptions { Url = new Uri("http://127.0.0.1:1") });
        var query = new EngineQuery(new EngineQueries(http, SilentActivity.Instance), "up", "", null);
        var now = TimeProvider.System.GetUtcNow();
        Assert.Equal("MetricStepInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => query.ReadAsync(now.AddHours(-1), now, TimeSpan.FromMilliseconds(10), default))).ErrorId);
        Assert.Equal("MetricStepInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => query.ReadAsync(now.AddYears(-1), now, TimeSpan.FromSeconds(1), default))).ErrorId);
    }

    [Fact]
    public async Task Gaps_stay_gaps_and_an_answer_in_parts_is_one_series()
    {
        int asked = 0;
        await using var server = new TextServer(_ => TextServer.Http("200 OK",
            Part(1767225600 + (11_000 * asked++))));
        using var http = new EngineHttp(new EngineOptions { Url = new Uri($"http://127.0.0.1:{server.Port}") });
        var environment = new ProdOpsEnvironment { Path = "environment.psd1", Name = "shop", Servers = [new Server { Name = "web1", Address = "::1" }] };
        var from = DateTimeOffset.FromUnixTimeSeconds(1767225600);
        var series = Assert.Single(await new EngineQuery(new EngineQueries(http, SilentActivity.Instance), "x", "", environment).ReadAsync(from, from.AddSeconds(20_000), TimeSpan.FromSeconds(1), default));
        Assert.Equal(("web1", 4, 2.0, 2), (series.Server, (int)series.Count, series.Average, server.Requests.Count));
        Assert.Contains("start=1767225600.000&end=1767236599.000&step=1.000", server.Requests.First(), StringComparison.Ordinal);
        Assert.Contains("start=1767236600.000&end=1767245599.999&step=1.000", server.Requests.Last(), StringComparison.Ordinal);
    }

    private static string Part(long start) =>
        $$$"""{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"x","instance":"[::1]:9100"},"values":[[{{{start}}},"1"],[{{{start + 10}}},"NaN"],[{{{start + 20}}},"3"]]}]}}""";

    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new System.Net.Sockets.TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
