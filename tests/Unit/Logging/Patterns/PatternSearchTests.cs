using System.Globalization;
using System.Text;
using ProdOps.Logging.Patterns;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Tests.Store;

namespace ProdOps.Logging.Tests.Patterns;

public sealed class PatternSearchTests : IDisposable
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    private readonly StoreFixture _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Patterns_are_counted_over_servers_and_sources_with_times_levels_and_an_example()
    {
        await AppendAsync("web1", 0, 60, i => $"sshd[{i}]: Accepted publickey for user{i % 3} from 192.0.2.{i} port {i} ssh2");
        await AppendAsync("db1", 30, 60, i => $"app[7]: error: query {i} took {i * 7}ms");
        var patterns = await FindAsync(new LogQuery());
        Assert.Equal(["Accepted publickey for <*> from <*> port <*> ssh2", "error: query <*> took <*>"], patterns.Select(pattern => pattern.Pattern));
        var (logins, queries) = (patterns[0], patterns[1]);
        Assert.Equal((60L, 60 / 90.0), (logins.Count, logins.Share));
        Assert.Equal((Begin, Begin.AddMinutes(59)), (logins.FirstTime, logins.LastTime));
        Assert.Equal(["web1"], logins.Servers);
        Assert.Equal(["syslog"], logins.Sources);
        Assert.Equal(LogLevel.Error, queries.Level);
        Assert.Null(queries.IsNew);
        var found = await _store.SearchAsync(new LogQuery { Servers = ["db1"], First = 1 });
        Assert.Equal((found[0].Raw, found[0].Position, found[0].Time, "db1"), (queries.Example!.Raw, queries.Example.Position, queries.Example.Time, queries.Example.Server));
    }

    [Fact]
    public async Task What_was_before_tells_what_is_new_and_what_surges()
    {
        await AppendAsync("web1", 0, 120, i => $"app[1]: request {i} done");
        await AppendAsync("web2", 0, 120, i => i >= 60 || i % 6 == 0 ? $"app[1]: upstream {i} timed out" : "");
        await AppendAsync("db1", 100, 105, i => $"app[1]: checksum {i} is wrong");
        await AppendAsync("db2", 0, 30, i => $"app[1]: vacuum {i}");
        var query = new LogQuery { After = Begin.AddMinutes(60), Before = Begin.AddMinutes(120) };
        var patterns = (await FindAsync(query, TimeSpan.FromHours(1))).ToDictionary(pattern => pattern.Pattern);
        Assert.Equal(["checksum <*> is wrong", "request <*> done", "upstream <*> timed out"], patterns.Keys.Order());
        Assert.Equal((true, 0L, null), (patterns["checksum <*> is wrong"].IsNew, patterns["checksum <*> is wrong"].BaselineCount, patterns["checksum <*> is wrong"].Change));
        Assert.Equal((false, 10L, 6.0), (patterns["upstream <*> timed out"].IsNew, patterns["upstream <*> timed out"].BaselineCount, patterns["upstream <*> timed out"].Change));
        Assert.Equal(1.0, patterns["request <*> done"].Change);
        var longer = await FindAsync(new LogQuery { After = Begin.AddMinutes(90), Before = Begin.AddMinutes(120), Patterns = ["request"] }, TimeSpan.FromMinutes(90));
        Assert.Equal(1.0, Assert.Single(longer).Change!.Value, 3);
    }

    [Fact]
    public async Task The_same_store_gives_the_same_patterns_each_time()
    {
        var random = new Random(5);
        string[] words = ["alpha", "beta", "gamma", "delta", "epsilon"];
        for (int server = 0; server < 4; server++) await AppendAsync($"web{server}", 0, 3000, i => $"app[1]: {words[random.Next(5)]} {words[random.Next(5)]} {words[random.Next(5)]} {words[random.Next(5)]} {random.Next()}");
        var first = await FindAsync(new LogQuery());
        var again = await FindAsync(new LogQuery());
        Assert.Equal(first.Select(pattern => (pattern.Pattern, pattern.Count, pattern.Example!.Position)), again.Select(pattern => (pattern.Pattern, pattern.Count, pattern.Example!.Position)));
        Assert.Equal(12_000, first.Sum(pattern => pattern.Count));
    }

    private Task<IReadOnlyList<LogPattern>> FindAsync(LogQuery query, TimeSpan? baseline = null) => new PatternSearch(_store.Store, _store.Activity).FindAsync(query, baseline, StoreFixture.Now, default);

    private Task AppendAsync(string server, int from, int to, Func<int, string> message)
    {
        var lines = new StringBuilder();
        for (int i = from; i < to; i++)
        {
            if (message(i) is { Length: > 0 } text) lines.Append(CultureInfo.InvariantCulture, $"{Begin.AddMinutes(i):yyyy-MM-ddTHH:mm:ss}+00:00 {server} {text}\n");
        }

        return _store.AppendAsync(server, "syslog", lines.ToString(), format: "syslog");
    }
}
