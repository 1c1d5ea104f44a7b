using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Running.Outlets;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Tests.Engines;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Running.Outlets;

/// <summary>Samples get to VictoriaMetrics, each once, whatever is away meanwhile.</summary>
public sealed class EngineSinkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DateTimeOffset _start = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().AddMinutes(-30).ToUnixTimeMilliseconds());
    private MetricStore _store;
    private int _kept;

    public EngineSinkTests() => _store = Open();

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [UnpackedFact("victoria-metrics")]
    public async Task An_engine_that_is_away_for_a_while_is_caught_up_and_has_each_sample_once()
    {
        using var engine = await EngineProcess.StartVictoriaMetricsAsync();
        var options = new EngineOptions { Url = engine.Url };
        using (var sink = Sink(options))
        {
            Keep(100);
            await RunUntilAsync(sink, () => sink.IsIdle);
            Assert.Null(sink.Trouble);
            await engine.FlushAsync();
            engine.Stop();
            await RunUntilAsync(sink, () => sink.Trouble is not null, () => Keep(100));
            Assert.Contains("cannot be reached", sink.Trouble, StringComparison.Ordinal);
            await engine.StartAsync();
            await RunUntilAsync(sink, () => sink.Trouble is null && sink.IsIdle);
        }

        await CheckAsync(engine, options);
    }

    [UnpackedFact("victoria-metrics")]
    public async Task What_was_taken_before_a_crash_is_not_sent_twice_and_what_was_not_is_sent()
    {
        using var engine = await EngineProcess.StartVictoriaMetricsAsync();
        var options = new EngineOptions { Url = engine.Url };
        using (Sink(options)) Keep(50);
        // It had sent them, and was killed before it could write that down; then more was measured.
        var before = _store.Unsent.Read(0, int.MaxValue, _ => { })!.Value;
        await engine.ImportAsync(ProdOps.Monitoring.Exporting.MetricText.VictoriaMetrics(ProdOps.Monitoring.Exporting.ExportSource.Of(before.Samples)));
        Keep(50);
        _store.Dispose();
        _store = Open();
        using (var sink = Sink(options)) await RunUntilAsync(sink, () => sink.IsIdle);
        await CheckAsync(engine, options);
    }

    [UnpackedFact("victoria-metrics")]
    public async Task An_engine_that_dies_and_is_back_before_anybody_noticed_gets_again_what_it_had_not_on_its_disk()
    {
        using var engine = await EngineProcess.StartVictoriaMetricsAsync();
        var options = new EngineOptions { Url = engine.Url };
        using var sink = Sink(options);
        using var stop = new CancellationTokenSource();
        Keep(100);
        var running = sink.RunAsync(stop.Token);
        await UntilAsync(() => Task.FromResult(sink.IsIdle));
        // Nobody makes it write what it has taken, and nobody asks it for anything until it is back.
        engine.Stop();
        await engine.StartAsync();
        Keep(10);
        await UntilAsync(async () => await CountAsync(engine, options) == 2 * _kept);
        await EndAsync(running, stop);
        await CheckAsync(engine, options);
    }

    [Fact]
    public async Task An_engine_that_was_started_again_while_nothing_was_sent_gets_what_it_may_not_have_before_that_is_forgotten()
    {
        int imports = 0;
        bool isThere = false;
        var time = new FakeTimeProvider(_start);
        var started = _start.AddHours(-1);
        // Each answer ends the connection, as some proxies do it.
        await using var server = new TextServer(request =>
        {
            if (request.StartsWith("POST /api/v1/import", StringComparison.Ordinal)) (imports, isThere) = (imports + 1, true);
            return TextServer.Http("200 OK", request.StartsWith("GET /metrics", StringComparison.Ordinal) ? $"vm_app_version 1\nvm_app_uptime_seconds {(int)(time.GetUtcNow() - started).TotalSeconds}\n"
                : request.StartsWith("GET /api/v1/export", StringComparison.Ordinal) && isThere ? Exported() : "");
        });
        using var sink = new EngineSink(_store, new EngineOptions { Url = new Uri($"http://127.0.0.1:{server.Port}") }, TimeSpan.FromSeconds(1), time, SilentActivity.Instance);
        using var stop = new CancellationTokenSource();
        var running = sink.RunAsync(stop.Token);
        Keep(3);
        await UntilAsync(() => GoOn(Volatile.Read(ref imports) == 1 && sink.IsIdle));
        (started, isThere) = (time.GetUtcNow(), false);
        await UntilAsync(() => GoOn(Volatile.Read(ref imports) == 2));
        Assert.NotNull(_store.Unsent.Read(0, int.MaxValue, _ => { }));
        await UntilAsync(() => GoOn(_store.Unsent.Read(0, int.MaxValue, _ => { }) is null));
        await EndAsync(running, stop);
        Assert.Equal(2, imports);

        Task<bool> GoOn(bool isDone)
        {
            if (!isDone) time.Advance(TimeSpan.FromMilliseconds(500));
            return Task.FromResult(isDone);
        }
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_asked_after_before_the_same_is_sent_again()
    {
        int imports = 0;
        bool isThere = false;
        await using var server = new TextServer(request =>
        {
            if (request.StartsWith("POST /api/v1/import", StringComparison.Ordinal))
            {
                isThere = true;
                // Taken, and the line is cut.
                return ++imports == 1 ? "HTTP/1.1 204" : TextServer.Http("204 No Content", "");
            }

            return request.StartsWith("GET /api/v1/export", StringComparison.Ordinal) && isThere
                ? TextServer.Http("200 OK", Exported()) : TextServer.Http("200 OK", "");
        });
        using var sink = Sink(new EngineOptions { Url = new Uri($"http://127.0.0.1:{server.Port}") });
        Keep(3);
        await RunUntilAsync(sink, () => sink.IsIdle);
        Assert.Equal(1, imports);
        Assert.Null(sink.Trouble);
    }

    [Theory]
    [InlineData("401 Unauthorized", "wants a login")]
    [InlineData("400 Bad Request", "refuses")]
    [InlineData("500 Internal Server Error", "cannot answer now")]
    public async Task What_is_refused_waits(string status, string trouble)
    {
        await using var server = new TextServer(_ => TextServer.Http(status, "no"));
        using var sink = Sink(new EngineOptions { Url = new Uri($"http://127.0.0.1:{server.Port}") });
        Keep(3);
        await RunUntilAsync(sink, () => sink.Trouble is not null);
        Assert.Contains(trouble, sink.Trouble, StringComparison.Ordinal);
        Assert.Equal(All(), _store.Unsent.Read(0, int.MaxValue, _ => { })!.Value.Samples);
    }

    [Fact]
    public void What_waits_is_bounded_survives_and_is_in_order()
    {
        _store.Unsent.Keep();
        Keep(500);
        Assert.Equal(All(), _store.Unsent.Read(0, int.MaxValue, _ => { })!.Value.Samples);
        Assert.Equal(All().Take(10), _store.Unsent.Read(0, 10, _ => { })!.Value.Samples);
        _store.Dispose();
        _store = Open();
        Assert.Equal(500, _store.Unsent.Keep());
        _store.Unsent.MaxBytes = 2000;
        Keep(1);
        Assert.InRange(_store.Unsent.Lost, 700, 999);
        var left = _store.Unsent.Read(0, int.MaxValue, _ => { })!.Value.Samples;
        Assert.Equal(All().Skip((int)_store.Unsent.Lost), left);
    }

    [Fact]
    public void A_batch_that_is_damaged_is_told_and_the_others_are_read()
    {
        _store.Unsent.Keep();
        Keep(3);
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder["metrics.db"]};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE unsent SET data = x'ffffffffffffffffffff' WHERE id = 2";
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        var damaged = new List<long>();
        var unsent = _store.Unsent.Read(0, int.MaxValue, damaged.Add)!.Value;
        Assert.Equal([2], damaged);
        Assert.Equal((3, 4), (unsent.Last, unsent.Samples.Count));
    }

    internal static async Task RunUntilAsync(EngineSink sink, Func<bool> until, Action? meanwhile = null)
    {
        using var stop = new CancellationTokenSource();
        var running = sink.RunAsync(stop.Token);
        meanwhile?.Invoke();
        for (var begun = TimeProvider.System.GetTimestamp(); !until(); await Task.Delay(20))
        {
            Assert.False(running.IsFaulted, running.Exception?.ToString());
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(90), sink.Trouble);
        }

        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>What an engine that has all of it says.</summary>
    private string Exported() => string.Concat(ProdOps.Monitoring.Exporting.MetricText.VictoriaMetrics(ProdOps.Monitoring.Exporting.ExportSource.Of(All())).Select(line => line + "\n"));

    private static async Task EndAsync(Task running, CancellationTokenSource stop)
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task UntilAsync(Func<Task<bool>> until)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); !await until(); await Task.Delay(20)) Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(90));
    }

    /// <summary>How many samples of ours it has, each as often as it has it.</summary>
    private async Task<int> CountAsync(EngineProcess engine, EngineOptions options)
    {
        await engine.FlushAsync();
        using var http = new EngineHttp(options);
        return (await new EngineQueries(http, SilentActivity.Instance).AtAsync("{__name__=~\"prodops_.+\"}[1h]", _start.AddMinutes(20).ToUnixTimeMilliseconds(), default)).Sum(static one => one.Points.Count);
    }

    private async Task CheckAsync(EngineProcess engine, EngineOptions options)
    {
        await engine.FlushAsync();
        using var http = new EngineHttp(options);
        var queries = new EngineQueries(http, SilentActivity.Instance);
        var source = new EngineSource(queries, TimeProvider.System);
        var (from, to) = (_start.AddMinutes(-1), _start.AddMinutes(20));
        var series = await source.SeriesAsync([], [], [], from, to, default);
        var query = new MetricQuery { From = from, To = to, Resolution = MetricResolution.Raw };
        Assert.Equal(All().OrderBy(sample => sample.Time).ThenBy(sample => sample.Name, StringComparer.Ordinal), await source.QueryAsync(series, query, default).ToListAsync());
        // Each once: reading does not hide that.
        Assert.Equal(2 * _kept, await CountAsync(engine, options));
    }

    private EngineSink Sink(EngineOptions options) => new(_store, options, TimeSpan.FromSeconds(1), TimeProvider.System, SilentActivity.Instance);

    private MetricStore Open() => MetricStore.Open(_folder["metrics.db"], TimeProvider.System, SilentActivity.Instance);

    private void Keep(int rounds)
    {
        for (int i = 0; i < rounds; i++) _store.Append([.. Round(_kept++)]);
    }

    private List<MetricSample> All() => [.. Enumerable.Range(0, _kept).SelectMany(Round)];

    private IEnumerable<MetricSample> Round(int number) =>
    [
        new() { Server = "web1", Name = "cpu.busy", Unit = "%", Value = number % 100, Time = _start.AddSeconds(number) },
        new() { Server = "web1", Name = "disk.used", Instance = "/ \"x\"", Unit = "%", Value = number / 1000.0, Time = _start.AddSeconds(number) },
    ];
}
