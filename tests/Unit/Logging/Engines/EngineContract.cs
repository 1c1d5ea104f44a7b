using System.Globalization;
using System.Net;
using System.Text;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Conditions;
using ProdOps.Logging.Engines;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Tests.Store;

namespace ProdOps.Logging.Tests.Engines;

/// <summary>What every engine must do: just what the store does with the same lines and the same queries.</summary>
internal sealed class EngineContract : IDisposable
{
    private readonly StoreFixture _store = new();
    private readonly OpenEngine _engine;
    private readonly string _ending = $"-{Guid.NewGuid():N}";
    private readonly DateTimeOffset _begin;
    private readonly string _state = Directory.CreateTempSubdirectory("prodops-engine-state-").FullName;

    public EngineContract(LogEngine kind, Uri url)
    {
        var now = TimeProvider.System.GetUtcNow();
        _begin = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero).AddHours(-5);
        Activity = new RecordingActivity();
        _engine = LogEngines.Open(new EngineOptions { Kind = kind, Url = url, StateFolder = _state, PollPause = TimeSpan.FromMilliseconds(200) }, Activity);
    }

    public RecordingActivity Activity { get; }

    /// <summary>How often a search is repeated until the engine shows what it was sent.</summary>
    public async Task FillAsync()
    {
        foreach (var batch in EngineCorpus.Make(_begin, _ending))
        {
            await _store.Store.AppendAsync(batch, default);
            await _engine.Sink.AppendAsync(batch, default);
            Assert.Equal(batch.Checkpoint, await _engine.Sink.GetCheckpointAsync(batch.Stream, default));
        }

        var query = Of(new LogQuery());
        long count = 0, all = await new StoreSearch(_store.Store, _store.Activity).CountAsync(query, default);
        for (int attempt = 0; (count = await _engine.Search.CountAsync(query, default)) < all; attempt++)
        {
            Assert.True(attempt < 50, $"Of {all} lines that were sent {count} appear.");
            await Task.Delay(100);
        }

        Assert.Equal(all, count);
    }

    public async Task CompareAsync(int queries, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < queries; i++)
        {
            var query = Of(QueryOf(random));
            string told = $"{i}: {Describe(query)}";
            var expected = (await AllAsync(new StoreSearch(_store.Store, _store.Activity), query)).ConvertAll(Describe);
            var found = (await AllAsync(_engine.Search, query)).ConvertAll(Describe);
            Assert.True(expected.SequenceEqual(found), $"{told}\nstore  {Difference(expected, found)}\nengine {Difference(found, expected)}");
            Assert.True(expected.Count == await _engine.Search.CountAsync(query, default), $"count of {told}");
            await CompareMeasuresAsync(query, random, told);
        }
    }

    /// <summary>First, newest and the lines around.</summary>
    public async Task CompareLimitsAsync()
    {
        foreach (var query in new[]
        {
            new LogQuery { First = 7 }, new LogQuery { Newest = 9 }, new LogQuery { Patterns = ["error"], First = 3 }, new LogQuery { Patterns = ["timeout"], Newest = 5, Not = true },
            new LogQuery { Patterns = ["naïve a\\b"], Sources = ["syslog"], ContextBefore = 2, ContextAfter = 3 },
        })
        {
            var wanted = Of(query);
            var expected = (await AllAsync(new StoreSearch(_store.Store, _store.Activity), wanted)).ConvertAll(Describe);
            var found = (await AllAsync(_engine.Search, wanted)).ConvertAll(Describe);
            Assert.True(expected.SequenceEqual(found), $"{Describe(wanted)}\nstore  {string.Join('\n', expected)}\nengine {string.Join('\n', found)}");
        }
    }

    public async Task WatchAsync()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var seen = new List<string>();
        var watch = Task.Run(async () =>
        {
            await foreach (var batch in _engine.Search.WatchAsync(Of(new LogQuery { Patterns = ["fresh"] }), stop.Token))
            {
                seen.AddRange(batch.Select(static entry => entry.Raw));
                if (seen.Count >= 12) return;
            }
        }, default);
        for (int i = 0; !watch.IsCompleted; i++)
        {
            // Times of a minute ago: what is collected is never new by its own time.
            string time = TimeProvider.System.GetUtcNow().AddMinutes(-1).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
            string lines = $"<30>1 {time} app1 shop 1 - - fresh {i}\n<30>1 {time} app1 shop 1 - - stale {i}\n<30>1 {time} app1 shop 1 - - fresh again {i}\n";
            await _engine.Sink.AppendAsync(new LogBatch(new LogStream($"app1{_ending}", "syslog"), Encoding.UTF8.GetBytes(lines)) { ReceivedTime = TimeProvider.System.GetUtcNow(), Format = "syslog" }, stop.Token);
            await Task.Delay(300, stop.Token);
        }

        await watch;
        // Each once, both of a batch, and none between that is missing but what the engine does not show yet.
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.DoesNotContain(seen, static line => line.Contains("stale", StringComparison.Ordinal));
        int[] batches = [.. seen.Select(static line => int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture)).Distinct()];
        Assert.Equal(batches.Length * 2, seen.Count);
        Assert.InRange(batches.Max() - batches.Min(), batches.Length - 1, batches.Length + 4);
    }

    public async Task LocksAsync()
    {
        var stream = new LogStream("web1", "nginx-access");
        await using (await _engine.Sink.LockAsync(stream, default))
        {
            var error = await Assert.ThrowsAsync<ProdOpsException>(() => _engine.Sink.LockAsync(stream, default));
            Assert.Equal(ErrorKind.ResourceBusy, error.Kind);
        }

        await using var again = await _engine.Sink.LockAsync(stream, default);
    }

    public void Dispose()
    {
        _engine.Dispose();
        _store.Dispose();
        Directory.Delete(_state, recursive: true);
    }

    private async Task CompareMeasuresAsync(LogQuery query, Random random, string told)
    {
        var measure = new MeasureOptions
        {
            By = random.Next(6) switch { 0 => [], 1 => ["Server"], 2 => ["Level", "Source"], 3 => ["status"], 4 => ["Odd"], _ => ["Shop", "Server"] },
            Interval = random.Next(3) switch { 0 => null, 1 => TimeSpan.FromMinutes(1), _ => TimeSpan.FromMinutes(7) },
            Property = random.Next(3) == 0 ? "n" : null,
        };
        var expected = (await new StoreSearch(_store.Store, _store.Activity).MeasureAsync(query, measure, default)).Select(Describe).ToList();
        var found = (await _engine.Search.MeasureAsync(query, measure, default)).Select(Describe).ToList();
        Assert.True(expected.SequenceEqual(found), $"measure by {string.Join(',', measure.By)} {measure.Interval} {measure.Property} of {told}\nstore  {Difference(expected, found)}\nengine {Difference(found, expected)}");
    }

    private LogQuery QueryOf(Random random)
    {
        string[] literals = ["error", "TIMEOUT", "a\\b", "\"quoted\"", "straße", "Straße", "αθηνα", "{brace}", "100%", "$HOME", "`tick`", "it's", "😀", "[x]", "K8S", " 500 ", "0", "naÏve", "user=42", ""];
        string[] expressions = ["err.r", "^\\{", "\\d{3} \\d+", "(timeout|refused)$", "[^a-z]ub?", "\\bshop\\b", "(?<=a)pi", "\\w+ï\\w+", "GET /api/(error|k8s)/1?0", "\\s$", "stra(ß|ss)e", "[[:x]+", "\\S{60,}", "x|"];
        bool isRegex = random.Next(2) == 0;
        string[] from = isRegex ? expressions : literals;
        return new LogQuery
        {
            Patterns = random.Next(4) == 0 ? [] : [.. Enumerable.Range(0, 1 + random.Next(2)).Select(_ => from[random.Next(from.Length)])],
            IsRegex = isRegex,
            CaseSensitive = random.Next(2) == 0,
            Not = random.Next(4) == 0,
            Level = random.Next(4) == 0 ? (LogLevel)random.Next(8) : null,
            Sources = random.Next(3) switch { 0 => ["NGINX*"], 1 => ["syslog", "[ep]*"], _ => [] },
            After = random.Next(3) == 0 ? _begin.AddSeconds(random.Next(900)) : null,
            Before = random.Next(3) == 0 ? _begin.AddSeconds(random.Next(900)).AddTicks(random.Next(10)) : null,
            Where = random.Next(2) == 0 ? Condition(random, 2) : null,
        };
    }

    private static LogCondition Condition(Random random, int depth)
    {
        if (depth > 0 && random.Next(2) == 0)
        {
            return random.Next(3) switch
            {
                0 => new AllOf([Condition(random, depth - 1), Condition(random, depth - 1)]),
                1 => new AnyOf([Condition(random, depth - 1), Condition(random, depth - 1)]),
                _ => new NoneOf(Condition(random, depth - 1)),
            };
        }

        string field = new[] { "Status", "odd", "Shop", "n", "client", "Level", "Server", "Source", "Message", "Raw", "bytes", "nothing" }[random.Next(12)];
        var how = (LogOperator)random.Next(13);
        bool isList = how is LogOperator.In or LogOperator.NotIn;
        object? value = how is LogOperator.Like or LogOperator.NotLike ? Pick(random, "*err*", "10.0.?.1", "[tu]*", "*", "5*", "app1*", "n?ïve")
            : how is LogOperator.Match or LogOperator.NotMatch ? Pick(random, "^5", "err|time", "\\d\\d", "ï", "")
            : isList ? new[] { Value(random), Value(random) } : Value(random);
        return new Comparison(field, how, value, random.Next(3) == 0);
    }

    private static object? Value(Random random) => random.Next(12) switch
    {
        0 => 500L, 1 => 17L, 2 => 1.5, 3 => "1000", 4 => "error", 5 => true, 6 => IPAddress.Parse("10.0.1.1"), 7 => LogLevel.Warning, 8 => null, 9 => "10.0.2.2", 10 => "0042", _ => "Timeout",
    };

    private static string Pick(Random random, params string[] texts) => texts[random.Next(texts.Length)];

    private LogQuery Of(LogQuery query) => query with { Servers = [$"*{_ending}"] };

    private static async Task<List<LogEntry>> AllAsync(ILogSearch search, LogQuery query)
    {
        var all = new List<LogEntry>();
        await foreach (var batch in search.SearchAsync(query, default)) all.AddRange(batch);
        return all;
    }

    private static string Describe(LogEntry entry) =>
        string.Create(CultureInfo.InvariantCulture, $"{entry.Time:o} {entry.Server[..4]} {entry.Source} {entry.Level} {entry.Fields.Count} {entry.IsContext} {entry.Raw}");

    private static string Describe(LogMeasure measure) => string.Create(CultureInfo.InvariantCulture,
        $"{measure.Time:o} {string.Join(',', measure.Group.Select(pair => $"{pair.Key}={pair.Value} ({pair.Value?.GetType().Name})"))} {measure.Count} {measure.Measured} {measure.Sum} {measure.Maximum}");

    private static string Describe(LogQuery query) => $"{query with { Servers = [] }} patterns {string.Join(" | ", query.Patterns)} sources {string.Join(' ', query.Sources)} where {Text(query.Where)}";

    private static string Text(LogCondition? condition) => condition switch
    {
        AllOf all => $"({string.Join(" and ", all.Conditions.Select(Text))})",
        AnyOf any => $"({string.Join(" or ", any.Conditions.Select(Text))})",
        NoneOf none => $"not {Text(none.Condition)}",
        Comparison { Value: object?[] values } list => $"{list.Field} {list.Operator} [{string.Join(',', values)}]",
        null => "",
        var other => other.ToString(),
    };

    private static string Difference(List<string> these, List<string> those)
    {
        int at = 0;
        while (at < these.Count && at < those.Count && these[at] == those[at]) at++;
        return $"{these.Count}, first other at {at}: {(at < these.Count ? these[at] : "(end)")}";
    }
}
