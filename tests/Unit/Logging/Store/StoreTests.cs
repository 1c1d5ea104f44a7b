using System.Text;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Tests.Store;

public sealed class StoreTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    [ProgramFact("zstd")]
    public async Task What_was_appended_is_found_and_plain_zstd_reads_it_back_byte_for_byte()
    {
        string first = Lines("web1", 0, 2000), second = Lines("web1", 2000, 50);
        await _fixture.AppendAsync("web1", "nginx-access", first, "at 2000");
        await _fixture.AppendAsync("web1", "nginx-access", second, "at 2050");
        await _fixture.AppendAsync("web2", "nginx-access", Lines("web2", 0, 10));

        Assert.Equal(first + second, _fixture.Zstdcat("web1", "nginx-access"));
        var found = await _fixture.SearchAsync(new LogQuery { Patterns = ["/item/42 "] });
        Assert.Equal(["web1"], found.Select(entry => entry.Server));
        Assert.Equal("nginx-access", found[0].Source);
        Assert.Equal(LogLevel.Informational, found[0].Level);
        Assert.Equal(200L, found[0].Fields["status"]);
        Assert.Equal(2060, await _fixture.CountAsync(new LogQuery()));
        Assert.Equal("at 2050", await _fixture.Store.GetCheckpointAsync(new LogStream("web1", "nginx-access"), default));
    }

    [Fact]
    public async Task Lines_of_all_servers_come_in_the_order_of_time()
    {
        for (int part = 0; part < 4; part++)
        {
            await _fixture.AppendAsync("web1", "app", Lines("web1", part * 500, 500));
            await _fixture.AppendAsync("web2", "app", Lines("web2", part * 500, 500));
        }

        var all = await _fixture.SearchAsync(new LogQuery());
        Assert.Equal(4000, all.Count);
        Assert.Equal(all.Select(entry => entry.Time).Order(), all.Select(entry => entry.Time));
        var newest = await _fixture.SearchAsync(new LogQuery { Newest = 7 });
        Assert.Equal(all.TakeLast(7).Select(entry => entry.Raw), newest.Select(entry => entry.Raw));
        var first = await _fixture.SearchAsync(new LogQuery { First = 9 });
        Assert.Equal(all.Take(9).Select(entry => entry.Raw), first.Select(entry => entry.Raw));
    }

    [Fact]
    public async Task A_reopened_store_goes_on_where_it_ended_and_a_removed_index_changes_nothing()
    {
        await _fixture.AppendAsync("web1", "app", Lines("web1", 0, 3000), "one");
        _fixture.Reopen();
        await _fixture.AppendAsync("web1", "app", Lines("web1", 3000, 3000), "two");
        Assert.Single(_fixture.SegmentFiles("web1", "app"));
        foreach (string path in _fixture.SegmentFiles("web1", "app")) File.Delete(StoreNames.IndexOf(path));
        Assert.Equal(6000, await _fixture.CountAsync(new LogQuery()));
        Assert.Single(await _fixture.SearchAsync(new LogQuery { Patterns = ["/item/5999 "] }));
        _fixture.Reopen();
        await _fixture.AppendAsync("web1", "app", Lines("web1", 6000, 1), "three");
        Assert.Equal(6001, await _fixture.CountAsync(new LogQuery()));
    }

    [Fact]
    public async Task What_a_crash_left_at_the_end_is_cut_off_and_told_and_what_was_acknowledged_stays()
    {
        await _fixture.AppendAsync("web1", "app", Lines("web1", 0, 100), "kept");
        _fixture.Store.Dispose();
        string path = Directory.GetFiles(_fixture.Folder, "*.zst", SearchOption.AllDirectories).Single();
        byte[] whole = File.ReadAllBytes(path);
        _fixture.Reopen();
        await _fixture.AppendAsync("web1", "app", Lines("web1", 100, 100), "torn");
        _fixture.Store.Dispose();
        byte[] longer = File.ReadAllBytes(path);
        foreach (int length in Enumerable.Range(1, 40).Select(i => whole.Length + ((longer.Length - whole.Length) * i / 41)))
        {
            File.WriteAllBytes(path, longer[..length]);
            _fixture.Activity.Warnings.Clear();
            _fixture.Reopen();
            Assert.Equal(100, await _fixture.CountAsync(new LogQuery()));
            Assert.Equal("kept", await _fixture.Store.GetCheckpointAsync(new LogStream("web1", "app"), default));
            Assert.Contains($"{length - whole.Length} bytes", Assert.Single(_fixture.Activity.Warnings), StringComparison.Ordinal);
            Assert.Equal(whole.Length, new FileInfo(path).Length);
        }
    }

    [Fact]
    public async Task Packing_changes_no_line_and_no_position()
    {
        var samples = new LogSamples(20261126);
        for (int part = 0; part < 60; part++) await _fixture.AppendAsync("web1", "app", LogSamples.Text(samples.Accesses(100)), $"at {part}");
        var before = await _fixture.SearchAsync(new LogQuery());
        string path = _fixture.SegmentFiles("web1", "app").Single();
        long length = new FileInfo(path).Length;
        using (var encoder = new FrameEncoder(9, 2))
            await _fixture.Store.ChangeAsync(new LogStream("web1", "app"), () => new SegmentPacker(_fixture.Options, _fixture.Store.Formats).Pack(path, encoder, seal: false, default), default);
        using (var view = SegmentView.Open(path, _fixture.Store.Formats)) Assert.Equal((1, 1), (view.Frames.Count, view.Indexed));
        Assert.InRange(new FileInfo(path).Length, 1, length - 1);
        var after = await _fixture.SearchAsync(new LogQuery());
        Assert.Equal(before.Select(entry => (entry.Raw, entry.Position, entry.Time)), after.Select(entry => (entry.Raw, entry.Position, entry.Time)));
        Assert.Equal("at 59", await _fixture.Store.GetCheckpointAsync(new LogStream("web1", "app"), default));
        await _fixture.AppendAsync("web1", "app", Lines("web1", 6000, 1), "more");
        Assert.Equal(6001, await _fixture.CountAsync(new LogQuery()));
    }

    [Fact]
    public async Task A_log_that_was_empty_or_had_only_a_greeting_when_it_was_first_collected_is_read_as_what_it_turns_out_to_be()
    {
        const string Greeting = "2026-11-23T14:00:00.000001+00:00 web1 haproxy[75]: Proxy shop started.\n";
        const string Request = "2026-11-23T14:00:09.000001+00:00 web1 haproxy[75]: 10.0.0.9:43722 [23/Nov/2026:14:00:09.809] shop web/web1 0/0/0/0/0 404 283 - - ---- 1/1/0/0/0 0/0 \"GET /cart HTTP/1.1\"\n";
        await _fixture.AppendAsync("web1", "nginx-access", "", "empty");
        await _fixture.AppendAsync("web1", "nginx-access", Lines("web1", 0, 3), "three lines");
        await _fixture.AppendAsync("web1", "haproxy", Greeting);
        await _fixture.AppendAsync("web1", "haproxy", Request);
        // As many lines as there are say nothing against what was found by content, and few lines nothing against many.
        await _fixture.AppendAsync("web1", "haproxy", Greeting + Greeting + Greeting);
        await _fixture.AppendAsync("web1", "app", string.Concat(Enumerable.Range(0, 50).Select(i => $"it is {i} in the shop now\n")));
        await _fixture.AppendAsync("web1", "app", Request);

        Assert.Equal("three lines", await _fixture.Store.GetCheckpointAsync(new LogStream("web1", "nginx-access"), default));
        Assert.All(await _fixture.SearchAsync(new LogQuery { Sources = ["nginx-access"] }), entry => Assert.Equal(200L, entry.Fields["status"]));
        Assert.Equal(404L, Assert.Single(await _fixture.SearchAsync(new LogQuery { Sources = ["haproxy"], Patterns = ["GET"] })).Fields["status"]);
        Assert.Equal(2, _fixture.SegmentFiles("web1", "haproxy").Count);
        Assert.Single(_fixture.SegmentFiles("web1", "app"));
    }

    public void Dispose() => _fixture.Dispose();

    private static string Lines(string host, int first, int count)
    {
        var text = new StringBuilder();
        for (int i = first; i < first + count; i++)
        {
            var time = StoreFixture.Now.AddDays(-1).AddSeconds(i);
            text.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"10.0.{i % 250}.{i % 199} - - [{time:dd/MMM/yyyy:HH:mm:ss} +0000] \"GET /{host}/item/{i} HTTP/1.1\" 200 {i * 7 % 5000} \"-\" \"curl/8.{i % 9}\"\n");
        }

        return text.ToString();
    }
}
