using System.Globalization;
using System.Text;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Engines;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Tests.Store;

namespace ProdOps.Logging.Tests.Engines;

/// <summary>What is Loki's alone, with a real one: what it refuses, drops and cuts off.</summary>
public sealed class LokiServerTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("prodops-engine-state-").FullName;
    private readonly string _server = $"loki-{Guid.NewGuid():N}";
    private readonly RecordingActivity _activity = new();
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    [EngineFact(EngineServer.LokiVariable, "loki")]
    public async Task No_line_is_lost_that_Loki_refuses_drops_or_does_not_give_at_once()
    {
        await using var server = await EngineServer.LokiAsync();
        using var engine = Open(server.Url);
        await Lines_of_one_moment_come_back_whole_Async(engine);
        await What_is_sent_again_is_there_once_Async(engine, server.Url);
        await Late_lines_are_kept_and_too_old_ones_are_told_Async(engine);
    }

    // More of one moment than Loki gives at once, and not all the same.
    private async Task Lines_of_one_moment_come_back_whole_Async(OpenEngine engine)
    {
        var lines = Enumerable.Range(0, 7000).Select(static i => string.Create(CultureInfo.InvariantCulture, $"no time {i % 4000}")).ToList();
        await engine.Sink.AppendAsync(Batch("moment", lines, "plain"), default);
        Assert.Equal(lines, await ShownAsync(engine, "moment", lines.Count));
        Assert.Equal(lines.Count, await engine.Search.CountAsync(Of("moment"), default));
        Assert.Equal(lines.TakeLast(3), await FoundAsync(engine, Of("moment") with { Newest = 3 }));
    }

    private async Task What_is_sent_again_is_there_once_Async(OpenEngine engine, Uri url)
    {
        var lines = Enumerable.Range(0, 300).Select(i => $"{_now.AddSeconds(-i / 150 - 5):yyyy-MM-dd'T'HH:mm:ss'Z'} equal").Reverse().ToList();
        await engine.Sink.AppendAsync(Batch("twice", lines[..100], "plain") with { Checkpoint = "100" }, default);
        await engine.Sink.AppendAsync(Batch("twice", lines[100..], "plain"), default);
        // As after a crash before the checkpoint of the second batch, which is cut otherwise this time.
        using (var again = Open(url))
        {
            Assert.Equal("100", await again.Sink.GetCheckpointAsync(new LogStream(_server, "twice"), default));
            await again.Sink.AppendAsync(Batch("twice", lines[100..], "plain"), default);
        }

        Assert.Equal(lines, await ShownAsync(engine, "twice", lines.Count));
        Assert.Equal(lines.Count, await engine.Search.CountAsync(Of("twice"), default));
    }

    private async Task Late_lines_are_kept_and_too_old_ones_are_told_Async(OpenEngine engine)
    {
        string[] fresh = [At(TimeSpan.FromMinutes(1))], late = [At(TimeSpan.FromHours(5)), At(TimeSpan.FromHours(4.5)), At(TimeSpan.FromHours(3)), At(TimeSpan.FromMinutes(2))];
        await engine.Sink.AppendAsync(Batch("late", fresh, "plain"), default);
        await engine.Sink.AppendAsync(Batch("late", late, "plain"), default);
        Assert.Empty(_activity.Warnings);
        await engine.Sink.AppendAsync(Batch("late", [At(TimeSpan.FromDays(30)), At(TimeSpan.FromHours(2)), new string('x', 300_000)], "plain"), default);
        Assert.Contains(_activity.Warnings, static warning => warning.StartsWith("1 lines", StringComparison.Ordinal) && warning.Contains("older than Loki takes", StringComparison.Ordinal));
        Assert.Contains(_activity.Warnings, static warning => warning.Contains("without their end", StringComparison.Ordinal));
        var shown = await ShownAsync(engine, "late", 7);
        Assert.Equal([.. late[..3], At(TimeSpan.FromHours(2))], shown.Where(static line => line.StartsWith("20", StringComparison.Ordinal)).SkipLast(2));
        Assert.EndsWith(" [cut]", Assert.Single(shown, static line => line.StartsWith('x')), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);

    private string At(TimeSpan ago) => $"{_now - ago:yyyy-MM-dd'T'HH:mm:ss'Z'} at its time";

    private OpenEngine Open(Uri url) => LogEngines.Open(new EngineOptions { Kind = LogEngine.Loki, Url = url, StateFolder = _state }, _activity);

    private LogBatch Batch(string source, IEnumerable<string> lines, string format) =>
        new(new LogStream(_server, source), Encoding.UTF8.GetBytes(string.Concat(lines.Select(static line => line + "\n")))) { ReceivedTime = _now, Format = format };

    private LogQuery Of(string source) => new() { Servers = [_server], Sources = [source] };

    private async Task<List<string>> ShownAsync(OpenEngine engine, string source, int count)
    {
        for (int attempt = 0; ; attempt++)
        {
            var found = await FoundAsync(engine, Of(source));
            if (found.Count >= count || attempt == 20) return found;
            await Task.Delay(100);
        }
    }

    private static async Task<List<string>> FoundAsync(OpenEngine engine, LogQuery query)
    {
        var found = new List<string>();
        await foreach (var batch in engine.Search.SearchAsync(query, default)) found.AddRange(batch.Select(static entry => entry.Raw));
        return found;
    }
}
