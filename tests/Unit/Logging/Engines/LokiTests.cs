using System.Globalization;
using System.Text;
using System.Text.Json;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Conditions;
using ProdOps.Logging.Engines;
using ProdOps.Logging.Engines.Loki;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Tests.Store;

namespace ProdOps.Logging.Tests.Engines;

/// <summary>What is asked of Loki, and what is made of its answers; the answers are those of Loki 3.4.</summary>
public sealed class LokiTests : IDisposable
{
    private const string Empty = """{"status":"success","data":{"resultType":"streams","result":[],"stats":{}}}""";

    private static readonly DateTimeOffset Begin = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private readonly string _state = Directory.CreateTempSubdirectory("prodops-engine-state-").FullName;
    private readonly RecordingActivity _activity = new();
    private readonly EngineRecording _loki = new();
    private readonly OpenEngine _engine;

    public LokiTests() => _engine = LogEngines.Open(new EngineOptions
    {
        Kind = LogEngine.Loki, Url = _loki.Url, StateFolder = _state, FirstDelay = TimeSpan.FromMilliseconds(5), PollPause = TimeSpan.FromMilliseconds(5), Tenant = "shop",
    }, _activity);

    [Fact]
    public async Task Equal_lines_of_one_moment_are_sent_a_nanosecond_apart_and_the_checkpoint_is_kept_when_they_are_acknowledged()
    {
        var stream = new LogStream("web1", "app");
        var batch = new LogBatch(stream, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("again\n", 100)) + "other\n")) { ReceivedTime = Begin, Format = "plain", Checkpoint = "here" };
        _loki.Answers(429, "Ingestion rate limit exceeded for user shop (limit: 4194304 bytes/sec)");
        _loki.Answers(500, "at least 1 live replicas required, could only find 0");
        _loki.Answers(204, "");
        await _engine.Sink.AppendAsync(batch, default);
        Assert.Equal("here", await _engine.Sink.GetCheckpointAsync(stream, default));
        Assert.Equal(3, _loki.Asked.Count);
        var (path, body, tenant) = _loki.Asked[^1];
        Assert.Equal(("/loki/api/v1/push", "shop"), (path, tenant));
        using var json = JsonDocument.Parse(body);
        var sent = json.RootElement.GetProperty("streams")[0];
        Assert.Equal("""{"server":"web1","source":"app","service_name":"app"}""", sent.GetProperty("stream").GetRawText());
        var values = sent.GetProperty("values").EnumerateArray().Select(static value => (Time: long.Parse(value[0].GetString()!, CultureInfo.InvariantCulture), Line: value[1].GetString()!, More: value[2])).ToList();
        Assert.Equal(101, values.Select(static value => (value.Time, value.Line)).Distinct().Count());
        Assert.All(values, static value => Assert.Equal(Begin.UtcTicks, LokiLine.TicksOf(value.Time)));
        Assert.All(values, static value => Assert.NotEqual(0, value.Time % 100));
        var marked = Assert.Single(values, static value => value.More.TryGetProperty("prodops_marked", out _));
        Assert.Equal("again", EqualLines.Unmark(marked.Line));
        // Those that follow in the same moment take the nanoseconds that are left.
        _loki.Answers(204, "");
        await _engine.Sink.AppendAsync(batch with { Lines = "again\n"u8.ToArray() }, default);
        using var next = JsonDocument.Parse(_loki.Asked[^1].Body);
        var value = next.RootElement.GetProperty("streams")[0].GetProperty("values")[0];
        Assert.Equal("again", EqualLines.Unmark(value[1].GetString()!));
        Assert.DoesNotContain((long.Parse(value[0].GetString()!, CultureInfo.InvariantCulture), value[1].GetString()!), values.Select(static each => (each.Time, each.Line)));
        Assert.Empty(_activity.Warnings);
    }

    [Fact]
    public async Task What_comes_too_late_for_its_stream_is_sent_to_streams_of_its_hours()
    {
        _loki.Answers(400, """
            entry with timestamp 2026-11-26 10:10:00.000000001 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: 2026-11-26T10:10:00Z, oldest acceptable timestamp is: 2026-11-26T12:59:06Z',
            entry with timestamp 2026-11-26 11:10:00.000000001 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: 2026-11-26T11:10:00Z, oldest acceptable timestamp is: 2026-11-26T12:59:06Z',
            user 'fake', total ignored: 2 out of 3 for stream: {server="web1", service_name="app", source="app"}
            """);
        _loki.Answers(204, "");
        _loki.Answers(204, "");
        await _engine.Sink.AppendAsync(new LogBatch(new LogStream("web1", "app"), "2026-11-26T13:10:00Z c\n2026-11-26T10:10:00Z a\n2026-11-26T11:10:00Z b\n"u8.ToArray()) { ReceivedTime = Begin.AddHours(2), Format = "plain" }, default);
        Assert.Equal(["", "2026-11-26T10", "2026-11-26T11"], _loki.Asked.Select(static asked => LateOf(asked.Body)));
        Assert.Contains("00Z b", _loki.Asked[2].Body, StringComparison.Ordinal);
        Assert.Empty(_activity.Warnings);
    }

    [Fact]
    public async Task What_Loki_will_never_take_is_told_and_the_rest_goes_on()
    {
        _loki.Answers(400, "1 errors like: entry for stream '{server=\"web1\", service_name=\"app\", source=\"app\"}' has timestamp too old: 2026-10-27T13:59:06Z, oldest acceptable timestamp is: 2026-11-19T13:59:06Z");
        await _engine.Sink.AppendAsync(new LogBatch(new LogStream("web1", "app"), "2026-10-27T13:59:06Z a\n2026-11-26T11:10:00Z b\n"u8.ToArray()) { ReceivedTime = Begin, Format = "plain", Checkpoint = "on" }, default);
        Assert.StartsWith("1 lines of web1/app are older than Loki takes", Assert.Single(_activity.Warnings), StringComparison.Ordinal);
        Assert.Equal("on", await _engine.Sink.GetCheckpointAsync(new LogStream("web1", "app"), default));

        _loki.Answers(400, "Max entry size '2048' bytes exceeded for stream '{server=\"web1\"}' while adding an entry with length '3000' bytes");
        _loki.Answers(204, "");
        await _engine.Sink.AppendAsync(new LogBatch(new LogStream("web1", "app"), Encoding.UTF8.GetBytes($"short\n{new string('é', 1500)}\n")) { ReceivedTime = Begin, Format = "plain" }, default);
        Assert.Contains("without their end", _activity.Warnings[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("short", _loki.Asked[^1].Body, StringComparison.Ordinal);
        Assert.Contains("é [cut]", _loki.Asked[^1].Body, StringComparison.Ordinal);

        _loki.Answers(400, "entry for stream '{server=\"web1\"}' has timestamp too new: 2026-11-27T13:59:06Z");
        var error = await Assert.ThrowsAnyAsync<ProdOpsException>(() => _engine.Sink.AppendAsync(new LogBatch(new LogStream("web1", "app"), "2026-11-27T13:59:06Z x\n"u8.ToArray()) { ReceivedTime = Begin.AddDays(1), Format = "plain", Checkpoint = "no" }, default));
        Assert.Equal("LogEngineRefused", error.ErrorId);
        Assert.Equal("on", await _engine.Sink.GetCheckpointAsync(new LogStream("web1", "app"), default));
    }

    [Fact]
    public async Task Pages_follow_one_another_without_a_line_lost_or_twice()
    {
        _loki.Answers(400, "max entries limit per query exceeded, limit > max_entries_limit_per_query (5000 > 2)");
        _loki.Answers(200, Lines((1, "a", 1), (2, "b", 2)));
        _loki.Answers(400, "the query time range exceeds the limit (query length: 960h0m0s, limit: 30d1h)");
        _loki.Answers(200, Lines((2, "b", 2), (2, "c", 3)));
        // The moment has more lines than are given at once: those that came first, and those that came later, and of them again.
        _loki.Answers(200, Lines((2, "b", 2), (2, "c", 3)));
        _loki.Answers(200, Lines((2, "b", 2)));
        _loki.Answers(200, Lines((2, "c", 3), (2, "d", 4)));
        _loki.Answers(200, Lines((2, "c", 3)));
        _loki.Answers(200, Lines((2, "d", 4)));
        _loki.Answers(200, Empty);
        _loki.Answers(200, Lines((9, "e", 5)));
        var found = new List<string>();
        await foreach (var batch in _engine.Search.SearchAsync(new LogQuery { Servers = ["web*"], After = Begin, Before = Begin.AddMinutes(1) }, default)) found.AddRange(batch.Select(static entry => entry.Raw));
        Assert.Equal(["a", "b", "c", "d", "e"], found);
        Assert.Contains("{server=~\".+\", server=~\"(?:^[Ww][Ee][Bb](?s:.*)$)\"}", _loki.Asked[0].Body, StringComparison.Ordinal);
        Assert.Contains("prodops_received>2) and prodops_received<=3", _loki.Asked[7].Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Patterns_are_filters_of_lines_and_what_cannot_be_said_lets_more_through()
    {
        string Said(LogQuery query) => LokiQuery.Of(query) is var said ? said.With(said.Labels.Possible)["{server=~\".+\"}".Length..].Trim() : "";
        Assert.Equal("|~ \"(?:(?i)Warn)|(?:(?i)a\\\\.b)\"", Said(new LogQuery { Patterns = ["Warn", "a.b"] }));
        Assert.Equal("!= \"a\\\\b\"", Said(new LogQuery { Patterns = ["a\\b"], CaseSensitive = true, Not = true }));
        Assert.Equal("|~ \"[0-9]+ ms\" | ((level=~\"emergency|alert|critical|error\" or prodops_format=\"\") or prodops_marked!=\"\")",
            Said(new LogQuery { Patterns = ["[0-9]+ ms"], IsRegex = true, CaseSensitive = true, Level = LogLevel.Error }));
        Assert.Equal("| (server=~\"(?:^[Dd][Bb]1$)\" and source=~\"(?:^[Aa][Pp][Pp]$)\")", Said(new LogQuery { Streams = [new StreamNames(["db1"], ["app"])] }));
        // A negated expression that is said too widely would leave lines out.
        Assert.Equal("", Said(new LogQuery { Patterns = ["\\bword\\b"], IsRegex = true, Not = true }));
        Assert.False(LokiQuery.Of(new LogQuery { Patterns = ["\\bword\\b"], IsRegex = true }).IsExact);
        var where = new NoneOf(new AnyOf([new Comparison("Level", LogOperator.Equal, LogLevel.Error, false), new Comparison("Status", LogOperator.Equal, 500L, false)]));
        Assert.Equal("| (level!~\"error\" or prodops_format=\"\")", Said(new LogQuery { Where = where }));
    }

    [Fact]
    public async Task Counts_are_Lokis_where_it_can_count_and_intervals_begin_where_ours_do()
    {
        _loki.Answers(200, """{"status":"success","data":{"resultType":"vector","result":[{"metric":{"level":"error","server":"t1"},"value":[1795701471.999,"1"]},{"metric":{"server":"t1"},"value":[1795701471.999,"3"]}]}}""");
        _loki.Answers(200, Empty);
        var measures = await _engine.Search.MeasureAsync(new LogQuery { After = Begin, Before = Begin.AddHours(2) }, new MeasureOptions { By = ["Level"] }, default);
        Assert.Equal([(null, 3L), (LogLevel.Error, 1L)], measures.Select(static measure => ((LogLevel?)measure.Group["Level"], measure.Count)));
        Assert.Contains("sum by (level) (count_over_time({server=~\".+\"} | prodops_format!=\"\" [7200s]))", _loki.Asked[0].Body, StringComparison.Ordinal);

        _loki.Answers(200, """{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1795694460,"2"],[1795694520,"5"]]}]}}""");
        _loki.Answers(200, Empty);
        var buckets = await _engine.Search.MeasureAsync(new LogQuery { After = Begin, Before = Begin.AddMinutes(5) }, new MeasureOptions { Interval = TimeSpan.FromMinutes(1) }, default);
        Assert.Equal([(Begin, 2L), (Begin.AddMinutes(1), 5L)], buckets.Select(static measure => (measure.Time!.Value, measure.Count)));
    }

    [Fact]
    public async Task Lines_are_handed_on_and_what_was_missed_is_asked_for()
    {
        long received = (TimeProvider.System.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / 10;
        string Message(string line, long later, bool dropped) => "{\"streams\":[" + Stream(line, 3600, received + later + 10_000_000) + "],\"dropped_entries\":" + (dropped ? "[{\"timestamp\":\"1\",\"labels\":\"{}\"}]" : "null") + "}";

        _loki.HandsOn(Message("fresh 1", 1, dropped: false), Message("stale", 2, dropped: false), Message("fresh 2", 3, dropped: true));
        _loki.Answers(200, Empty);
        string missed = Lines((1, "fresh 3", received + 10_000_004), (2, "fresh before", received - 1_000_000));
        _loki.Answers(200, missed);
        // Then the connection is refused, and it is asked again and again.
        for (int i = 0; i < 50; i++) _loki.Answers(200, i % 2 == 0 ? missed : Lines((3, $"fresh {i + 4}", received + 10_000_100 + i)));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var seen = new List<string>();
        await foreach (var batch in _engine.Search.WatchAsync(new LogQuery { Patterns = ["fresh"] }, stop.Token))
        {
            seen.AddRange(batch.Select(static entry => entry.Raw));
            if (seen.Count >= 5) break;
        }

        Assert.Equal(["fresh 1", "fresh 2", "fresh 3", "fresh 5", "fresh 7"], seen);
        Assert.StartsWith("/loki/api/v1/tail?query=", _loki.Asked[0].Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "<html>", "LogEngineMisbehaves")]
    [InlineData(200, "{}", "LogEngineMisbehaves")]
    [InlineData(200, "[1]", "LogEngineMisbehaves")]
    [InlineData(200, """{"data":{"resultType":"matrix","result":[{"metric":{},"value":[]}]}}""", "LogEngineMisbehaves")]
    [InlineData(200, """{"data":{"resultType":"vector","result":[{"metric":{},"value":[1e999,"x"]}]}}""", "LogEngineMisbehaves")]
    [InlineData(400, "parse error at line 1, col 10: literal not terminated", "LogEngineRefused")]
    [InlineData(401, "no org id", "LogEngineLoginFailed")]
    public async Task A_wrong_answer_is_told(int status, string body, string id)
    {
        _loki.Answers(status, body);
        var error = await Assert.ThrowsAnyAsync<ProdOpsException>(() => _engine.Search.CountAsync(new LogQuery { After = Begin, Before = Begin.AddHours(1) }, default));
        Assert.Equal(id, error.ErrorId);
    }

    [Fact]
    public void Whatever_an_answer_holds_it_is_read_or_refused()
    {
        byte[] answer = Encoding.UTF8.GetBytes(Lines((1, "a\\u0000\\uD83D\\uDE00", 1), (2, "b", 2)));
        const string Refusal = "total ignored: 952 out of 1315 for stream: too far behind, entry timestamp is: 2026-11-04T18:07:17Z, oldest acceptable timestamp is: 2026-11-04T18:40:41Z Max entry size '262144' bytes exceeded";
        var random = new Random(20261126);
        for (int round = 0; round < 4000; round++)
        {
            byte[] changed = (byte[])answer.Clone();
            for (int i = random.Next(4); i >= 0; i--) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            try
            {
                LokiAnswers.Lines(changed.AsMemory(0, random.Next(4) == 0 ? random.Next(changed.Length) : changed.Length));
                LokiAnswers.Tail(changed, out _);
            }
            catch (FormatException)
            {
                // It is no answer.
            }

            char[] refusal = Refusal.ToCharArray();
            for (int i = random.Next(3); i >= 0; i--) refusal[random.Next(refusal.Length)] = (char)random.Next(0x250);
            LokiRefusal.Read(new string(refusal));
        }

        Assert.Equal((952, 1315, 262_144), (LokiRefusal.Read(Refusal)!.Ignored, LokiRefusal.Read(Refusal)!.Total, LokiRefusal.Read(Refusal)!.LongestLine));
    }

    [Fact]
    public void Not_is_pushed_down_to_comparisons()
    {
        var filter = LokiFilter.Fits("level", "error|alert").Or(LokiFilter.Is("a", "\"")).And(LokiFilter.Above("n", 3));
        Assert.Equal("((level=~\"error|alert\" or a=\"\\\"\") and n>3)", filter.ToString());
        Assert.Equal("((level!~\"error|alert\" and a!=\"\\\"\") or n<=3)", filter.Not().ToString());
        Assert.Equal(filter, filter.Not().Not());
        Assert.Equal(LokiFilter.Nothing, filter.And(LokiFilter.Everything.Not()));
    }

    public void Dispose()
    {
        _engine.Dispose();
        _loki.Dispose();
        Directory.Delete(_state, recursive: true);
    }

    private static string LateOf(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("streams")[0].GetProperty("stream").TryGetProperty("prodops_late", out var late) ? late.GetString()! : "";
    }

    private static string Lines(params (int Seconds, string Line, long Received)[] lines) =>
        "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":[" + string.Join(',', lines.Select(static line => Stream(line.Line, line.Seconds, line.Received))) + "],\"stats\":{}}}";

    private static string Stream(string line, int seconds, long received) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"stream":{"detected_level":"unknown","prodops_format":"plain","prodops_received":"{{received}}","server":"web1","service_name":"app","source":"app"},"values":[["{{LokiLine.NanosecondsOf(Begin.AddSeconds(seconds).UtcTicks) + 1}}","{{line}}"]]}
        """);
}
