using ProdOps.Logging.Collecting;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Logging.Tests.Store;

public sealed class RetentionTests : IDisposable
{
    private static readonly DateTimeOffset Now = StoreFixture.Now;
    private static readonly LogStream Web = new("web1", "access"), Db = new("db1", "postgresql");

    private readonly StoreFixture _fixture = new(new LogStoreOptions { SegmentLength = 20_000 });

    [Fact]
    public void Segments_go_when_all_of_their_lines_are_too_old_and_a_clock_that_ran_ahead_keeps_nothing()
    {
        SegmentFacts[] segments = [Segment(Web, 30, 20), Segment(Web, 20, 10), Segment(Web, -900, -800) with { Received = Now.AddDays(-15) }, Segment(Web, 10, 1, newest: true)];
        var plan = RetentionPlan.Make(segments, _ => new RetentionRule(TimeSpan.FromDays(14), null), _ => [], null, Now);
        Assert.Equal([segments[0].Path, segments[2].Path], plan.Select(decision => decision.Segment.Path).Order(StringComparer.Ordinal).ToArray().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_oldest_of_all_sources_go_when_the_store_is_too_large_and_what_is_held_stays()
    {
        SegmentFacts[] segments = [Segment(Web, 30, 20), Segment(Db, 25, 19), Segment(Web, 20, 10), Segment(Db, 10, 1, newest: true)];
        var held = new HoldEntry { Reason = "case", Since = Now, After = Now.AddDays(-29), Before = Now.AddDays(-27) };
        var plan = RetentionPlan.Make(segments, _ => new RetentionRule(null, null), stream => stream == Web ? [held] : [], totalSize: 2500, Now);
        Assert.Equal([segments[1].Path, segments[2].Path], plan.Select(decision => decision.Segment.Path));
    }

    [Fact]
    public async Task Removing_everything_of_a_source_keeps_where_collecting_goes_on()
    {
        for (int day = 0; day < 5; day++) await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(day).Accesses(200)), $"at {day}");
        var segments = StoreContents.Read(_fixture.Store, Web, _fixture.Activity).ToList();
        Assert.True(segments.Count > 1);
        var upkeep = new StoreUpkeep(_fixture.Store, _fixture.Activity);
        foreach (var segment in segments) await upkeep.RemoveAsync(segment, default);
        Assert.Equal(0, await _fixture.CountAsync(new LogQuery()));
        Assert.Equal("at 4", await _fixture.Store.GetCheckpointAsync(Web, default));
        _fixture.Reopen();
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(9).Accesses(10)));
        Assert.Equal(10, await _fixture.CountAsync(new LogQuery()));
        Assert.Equal("at 4", await _fixture.Store.GetCheckpointAsync(Web, default));
    }

    [Fact]
    public async Task Lines_that_come_while_somebody_is_asked_whether_to_remove_are_not_removed()
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(1).Accesses(20)), "at 1");
        var upkeep = new StoreUpkeep(_fixture.Store, _fixture.Activity);
        var planned = Assert.Single(upkeep.Plan([Web], new RetentionRules(static _ => new RetentionRule(null, 0), null))).Segment;
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(2).Accesses(3)), "at 2");
        Assert.Equal([planned.Path], _fixture.SegmentFiles("web1", "access"));
        Assert.False(await upkeep.RemoveAsync(planned, default));
        Assert.Equal(23, await _fixture.CountAsync(new LogQuery()));
        Assert.Equal("at 2", await _fixture.Store.GetCheckpointAsync(Web, default));

        // Packed it is another file with the same lines.
        planned = Assert.Single(upkeep.Plan([Web], new RetentionRules(static _ => new RetentionRule(null, 0), null))).Segment;
        await upkeep.PackAsync(TimeSpan.MaxValue, includeNewest: true, default);
        Assert.True(await upkeep.RemoveAsync(planned, default));
        Assert.Equal(0, await _fixture.CountAsync(new LogQuery()));
        Assert.Equal("at 2", await _fixture.Store.GetCheckpointAsync(Web, default));
    }

    [Fact]
    public async Task What_is_held_while_somebody_is_asked_whether_to_remove_it_stays()
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(1).Accesses(20)));
        var upkeep = new StoreUpkeep(_fixture.Store, _fixture.Activity);
        var planned = Assert.Single(upkeep.Plan([Web], new RetentionRules(static _ => new RetentionRule(null, 0), null))).Segment;
        string folder = Path.GetDirectoryName(planned.Path)!;
        HoldFile.Write(folder, [new HoldEntry { Reason = "case", Since = Now }]);
        Assert.False(await upkeep.RemoveAsync(planned, default));
        Assert.Equal(20, await _fixture.CountAsync(new LogQuery()));
        HoldFile.Write(folder, []);
        Assert.True(await upkeep.RemoveAsync(planned, default));
        Assert.Equal(0, await _fixture.CountAsync(new LogQuery()));
    }

    [Fact]
    public async Task A_source_that_cannot_be_thinned_out_is_told_and_keeps_no_other_from_it()
    {
        foreach (var stream in new[] { Db, Web }) await _fixture.AppendAsync(stream.Server, stream.Source, LogSamples.Text(new LogSamples(1).Accesses(20)));
        // Somebody else has it open to append for longer than anybody waits.
        using var fixture = new StoreFixture(new LogStoreOptions { LockTimeout = TimeSpan.FromMilliseconds(50) });
        using var impatient = new LogStore(_fixture.Folder, _fixture.Store.Formats, fixture.Options, fixture.Activity);
        await using (FileLock.TryTake(Path.Combine(StoreNames.FolderOf(_fixture.Folder, Db), StoreNames.LockName)))
            await new StoreUpkeep(impatient, fixture.Activity).RunAsync(new RetentionRules(static _ => new RetentionRule(null, 0), null), TimeSpan.Zero, default);
        Assert.Equal("LogStreamBusy", Assert.Single(fixture.Activity.Errors).ErrorId);
        Assert.Equal(20, await _fixture.CountAsync(new LogQuery()));
        Assert.Equal(20, await _fixture.CountAsync(new LogQuery { Servers = ["db1"] }));
    }

    [Fact]
    public async Task While_one_source_waits_for_another_process_the_others_are_kept()
    {
        foreach (var stream in new[] { Db, Web }) await _fixture.AppendAsync(stream.Server, stream.Source, LogSamples.Text(new LogSamples(1).Accesses(20)));
        using var store = new LogStore(_fixture.Folder, FormatCatalog.BuiltIn, new LogStoreOptions { LockTimeout = TimeSpan.FromMinutes(2) }, _fixture.Activity);
        Task waiting;
        await using (FileLock.TryTake(Path.Combine(StoreNames.FolderOf(_fixture.Folder, Db), StoreNames.LockName)))
        {
            waiting = store.AppendAsync(new LogBatch(Db, "waits\n"u8.ToArray()) { ReceivedTime = StoreFixture.Now }, default);
            await store.AppendAsync(new LogBatch(Web, "goes on\n"u8.ToArray()) { ReceivedTime = StoreFixture.Now }, default).WaitAsync(TimeSpan.FromMinutes(1));
            Assert.False(waiting.IsCompleted);
        }

        await waiting;
        Assert.Equal(42, await _fixture.CountAsync(new LogQuery()));
    }

    [Fact]
    public async Task Folders_that_are_not_of_the_store_are_no_sources()
    {
        await _fixture.AppendAsync("web1", "/var/log/über+.log", LogSamples.Text(new LogSamples(1).Accesses(5)));
        Directory.CreateDirectory(Path.Combine(_fixture.Folder, "lost+found", "#4711"));
        Directory.CreateDirectory(Path.Combine(_fixture.Folder, "web1", ".git"));
        Assert.Equal([new LogStream("web1", "/var/log/über+.log")], _fixture.Store.GetStreams());
    }

    [Theory]
    [InlineData("at 1")]
    [InlineData(null)]
    public async Task Who_follows_a_source_goes_on_when_all_that_it_had_is_removed(string? checkpoint)
    {
        for (int day = 0; day < 3; day++) await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(day).Accesses(200)), checkpoint);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await using var batches = new StoreSearch(_fixture.Store, _fixture.Activity).WatchAsync(new LogQuery(), limit.Token).GetAsyncEnumerator(limit.Token);
        var next = batches.MoveNextAsync().AsTask();
        var upkeep = new StoreUpkeep(_fixture.Store, _fixture.Activity);
        foreach (var segment in StoreContents.Read(_fixture.Store, Web, _fixture.Activity).ToList()) Assert.True(await upkeep.RemoveAsync(segment, default));
        var lines = new LogSamples(9).Accesses(10);
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(lines));
        Assert.True(await next);
        Assert.Equal(lines.Select(line => line.Text).Order(StringComparer.Ordinal), batches.Current.Select(entry => entry.Raw).Order(StringComparer.Ordinal));
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(lines));
        Assert.True(await batches.MoveNextAsync());
        Assert.Equal(10, batches.Current.Count);
    }

    [Fact]
    public async Task Finished_segments_are_packed_and_many_small_batches_are_put_together_while_lines_come()
    {
        using var fixture = new StoreFixture(new LogStoreOptions { BatchLimit = 20 });
        var samples = new LogSamples(3);
        var all = new List<string>();
        for (int batch = 0; batch < 90; batch++)
        {
            var lines = samples.Accesses(5);
            all.AddRange(lines.Select(line => line.Text));
            await fixture.AppendAsync("web1", "access", LogSamples.Text(lines), $"at {batch}");
        }

        using (var view = SegmentView.Open(fixture.SegmentFiles("web1", "access").Single(), fixture.Store.Formats)) Assert.InRange(view.Frames.Count, 1, 25);
        var (segments, _) = await new StoreUpkeep(fixture.Store, fixture.Activity).PackAsync(TimeSpan.MaxValue, includeNewest: true, default);
        Assert.Equal(1, segments);
        await fixture.AppendAsync("web1", "access", "127.0.0.1 - - [24/Nov/2026:08:00:00 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n");
        Assert.Equal(2, fixture.SegmentFiles("web1", "access").Count);
        Assert.Equal("at 89", await fixture.Store.GetCheckpointAsync(Web, default));
        Assert.Equal(all, (await fixture.SearchAsync(new LogQuery())).Select(entry => entry.Raw).SkipLast(1));
    }

    public void Dispose() => _fixture.Dispose();

    private static SegmentFacts Segment(LogStream stream, int fromDaysAgo, int toDaysAgo, bool newest = false) => new()
    {
        Stream = stream,
        Path = $"/store/{stream}/{1000 - fromDaysAgo:0000}",
        Header = new SegmentHeader { Version = 1, Server = stream.Server, Source = stream.Source, Format = "plain", Generation = 1 },
        From = Now.AddDays(-fromDaysAgo),
        To = Now.AddDays(-toDaysAgo),
        Received = Now.AddDays(-toDaysAgo),
        Entries = 10,
        RawLength = 10_000,
        StoredLength = 900,
        IndexLength = 100,
        IsNewest = newest,
    };
}
