using System.Net;
using System.Net.Sockets;
using System.Text;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Running.Outlets;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Tests.Engines;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Running.Outlets;

/// <summary>What scrapers find.</summary>
public sealed class MetricsEndpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MetricStore _store;

    public MetricsEndpointTests() => _store = MetricStore.Open(_folder["metrics.db"], TimeProvider.System, SilentActivity.Instance);

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [UnpackedFact("prometheus")]
    public async Task What_Prometheus_scrapes_is_read_back_equal_with_the_times_of_ours()
    {
        int port = PrivateServer.FreePort();
        using var outlets = Outlets(new OutletOptions { Listen = new IPEndPoint(IPAddress.Loopback, port) });
        using var stop = new CancellationTokenSource();
        var running = Task.WhenAll(outlets.Start(stop.Token));
        using var engine = await EngineProcess.StartPrometheusAsync($"127.0.0.1:{port}");
        using var http = new EngineHttp(new EngineOptions { Url = engine.Url });
        var source = new EngineSource(new EngineQueries(http, SilentActivity.Instance), TimeProvider.System);
        var begun = TimeProvider.System.GetUtcNow();
        var taken = new List<MetricSample>();
        IReadOnlyList<MetricSample> read = [];
        // As a monitor does: a round now and then, until Prometheus has several of them.
        while (read.Select(sample => sample.Time).Distinct().Count() < 3)
        {
            var now = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
            Assert.True(now - begun < TimeSpan.FromSeconds(90), "Prometheus does not scrape.");
            MetricSample[] round = [Sample("cpu.busy", null, "%", now.Second, now), Sample("disk.used", "/ü \"\\", "%", 12.345, now), Sample("plugin x", null, "", 3, now), Sample("certificate.days", "a:443", "", 12.5, now)];
            outlets.Take(round);
            taken.AddRange(round);
            await Task.Delay(1500);
            var series = await source.SeriesAsync([], [], [], begun.AddMinutes(-1), now.AddMinutes(1), default);
            read = await source.QueryAsync(series, new MetricQuery { From = begun.AddMinutes(-1), To = now.AddMinutes(1), Resolution = MetricResolution.Raw }, default).ToListAsync();
        }

        Assert.All(read, sample => Assert.Contains(sample, taken));
        Assert.Equal(4, read.Select(sample => sample.Name).Distinct().Count());
        Assert.Equal(read.Count, read.Distinct().Count());
        await EndAsync(running, stop);
    }

    [Fact]
    public async Task Requests_good_and_hostile_get_an_answer_or_an_end()
    {
        var endpoint = new MetricsEndpoint(new IPEndPoint(IPAddress.Loopback, 0), isOpen => isOpen ? ["open"] : ["plain"], TimeProvider.System, SilentActivity.Instance);
        using var stop = new CancellationTokenSource();
        var running = endpoint.RunAsync(stop.Token);
        for (var begun = TimeProvider.System.GetTimestamp(); endpoint.Bound is null && TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(30);) await Task.Delay(10);
        int port = endpoint.Bound!.Port;
        Assert.EndsWith("\r\n\r\nplain\n", await AskAsync(port, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
        Assert.Contains("version=0.0.4", await AskAsync(port, "GET /metrics?a=b HTTP/1.0\r\n\r\n"), StringComparison.Ordinal);
        string open = await AskAsync(port, "GET /metrics HTTP/1.1\r\naccept: application/openmetrics-text;version=1.0.0,*/*;q=0.1\r\n\r\n");
        Assert.Contains("Content-Type: application/openmetrics-text; version=1.0.0", open, StringComparison.Ordinal);
        Assert.EndsWith("open\n", open, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", await AskAsync(port, "HEAD /metrics HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404", await AskAsync(port, "GET / HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 405", await AskAsync(port, "POST /metrics HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await AskAsync(port, "\u0016\u0003\u0001\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await AskAsync(port, "GET /metrics HTTP/1.1\r\nX: " + new string('x', 20_000)), StringComparison.Ordinal);
        var random = new Random(1);
        for (int i = 0; i < 50; i++) await AskAsync(port, string.Concat(Enumerable.Range(0, random.Next(1, 200)).Select(_ => (char)random.Next(1, 255))) + "\r\n\r\n");
        // Those that say nothing do not keep the others out for ever, and what comes after them is answered.
        Assert.EndsWith("plain\n", await AskAsync(port, "GET /metrics HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        await EndAsync(running, stop);
    }

    [Fact]
    public async Task A_port_that_somebody_else_has_is_a_trouble_and_not_the_end()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var endpoint = new MetricsEndpoint((IPEndPoint)other.LocalEndpoint, _ => [], TimeProvider.System, SilentActivity.Instance);
        using var stop = new CancellationTokenSource();
        var running = endpoint.RunAsync(stop.Token);
        for (var begun = TimeProvider.System.GetTimestamp(); endpoint.Trouble is null && TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(30);) await Task.Delay(10);
        Assert.Contains("Nobody can scrape", endpoint.Trouble, StringComparison.Ordinal);
        Assert.False(running.IsCompleted);
        await EndAsync(running, stop);
    }

    [Fact]
    public async Task The_textfile_is_there_while_the_monitor_works_and_goes_with_it()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var outlets = new MonitorOutlets(new OutletOptions { TextFile = _folder["prodops.prom"] }, _store, TimeSpan.FromSeconds(30), time, SilentActivity.Instance);
        using var stop = new CancellationTokenSource();
        var running = Assert.Single(outlets.Start(stop.Token));
        outlets.Take([Sample("cpu.busy", null, "%", 12.3456, time.GetUtcNow()), Sample("load.1", null, "", 1, time.GetUtcNow().AddMinutes(-20)), Sample("load.5", null, "", double.NaN, time.GetUtcNow())]);
        time.Advance(TimeSpan.FromSeconds(31));
        for (var begun = TimeProvider.System.GetTimestamp(); !File.Exists(_folder["prodops.prom"]) && TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(30);) await Task.Delay(10);
        Assert.Equal(["prodops_cpu_busy_percent{server=\"web1\"} 12.346"], File.ReadAllLines(_folder["prodops.prom"]).Where(line => line[0] != '#'));
        await EndAsync(running, stop);
        Assert.False(File.Exists(_folder["prodops.prom"]));
    }

    private static MetricSample Sample(string name, string? instance, string unit, double value, DateTimeOffset time) => new() { Server = "web1", Name = name, Instance = instance, Unit = unit, Value = value, Time = time };

    private static async Task EndAsync(Task running, CancellationTokenSource stop)
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task<string> AskAsync(int port, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        client.Client.Shutdown(SocketShutdown.Send);
        using var read = new MemoryStream();
        try
        {
            await stream.CopyToAsync(read);
        }
        catch (IOException)
        {
            // What it did not read of a request that is too long may reset the line behind the answer.
        }

        return Encoding.UTF8.GetString(read.ToArray());
    }

    private MonitorOutlets Outlets(OutletOptions options) => new(options, _store, TimeSpan.FromSeconds(1), TimeProvider.System, SilentActivity.Instance);
}
