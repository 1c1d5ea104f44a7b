using ProdOps.Logging.Collecting;
using ProdOps.Logging.Exporting;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Tests.Store;

/// <summary>Where entries, frames and segments begin and end.</summary>
public sealed class SearchEdgeTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    [Fact]
    public async Task Context_goes_on_in_the_neighbouring_segments_of_the_source()
    {
        for (int segment = 0; segment < 4; segment++)
        {
            await _fixture.AppendAsync("web1", "app", string.Concat(Enumerable.Range(segment * 3, 3).Select(i => $"2026-11-23T10:00:{i:00}Z line {i:00}\n")), format: "plain");
            await new StoreUpkeep(_fixture.Store, _fixture.Activity).PackAsync(TimeSpan.MaxValue, includeNewest: true, default);
        }

        Assert.Equal(4, _fixture.SegmentFiles("web1", "app").Count);
        var all = await _fixture.SearchAsync(new LogQuery());
        for (int i = 0; i < 12; i++)
        {
            var found = await _fixture.SearchAsync(new LogQuery { Patterns = [$"line {i:00}"], ContextBefore = 4, ContextAfter = 5 });
            var expected = all.Skip(Math.Max(0, i - 4)).Take(Math.Min(i, 4) + 6);
            Assert.Equal(expected.Select(entry => (entry.Raw, entry.Position, entry.Time)), found.Select(entry => (entry.Raw, entry.Position, entry.Time)));
            Assert.Equal($"2026-11-23T10:00:{i:00}Z line {i:00}", Assert.Single(found, entry => !entry.IsContext).Raw);
        }
    }

    [Fact]
    public async Task An_entry_that_ends_with_an_empty_line_has_that_line_for_what_is_not_to_be_in_it()
    {
        await _fixture.AppendAsync("web1", "app", "2026-11-23T10:00:00Z one\n\n2026-11-23T10:00:01Z two\n2026-11-23T10:00:02Z three\n\tat Code\n\n", format: "plain");
        var with = await _fixture.SearchAsync(new LogQuery { Patterns = ["^$"], IsRegex = true });
        var without = await _fixture.SearchAsync(new LogQuery { Patterns = ["^$"], IsRegex = true, Not = true });
        Assert.Equal(["2026-11-23T10:00:00Z one\n", "2026-11-23T10:00:02Z three\n\tat Code\n"], with.Select(entry => entry.Raw));
        Assert.Equal(["2026-11-23T10:00:01Z two"], without.Select(entry => entry.Raw));
    }

    [Fact]
    public async Task A_source_that_begins_with_the_rest_of_an_entry_counts_as_many_as_are_found()
    {
        await _fixture.AppendAsync("web1", "app", "\tat Code\n\tat Other\n2026-11-23T10:00:01Z two\n", format: "plain");
        Assert.Equal(2, (await _fixture.SearchAsync(new LogQuery())).Count);
        Assert.Equal(2, await _fixture.CountAsync(new LogQuery()));
        Assert.Equal(2, (await new StoreSearch(_fixture.Store, _fixture.Activity).MeasureAsync(new LogQuery(), new MeasureOptions(), default)).Sum(measure => measure.Count));
    }

    [Fact]
    public async Task Servers_and_sources_that_belong_together_are_not_mixed()
    {
        foreach (string server in new[] { "web1", "web2", "db1" })
        {
            foreach (string source in new[] { "app", "audit" }) await _fixture.AppendAsync(server, source, $"2026-11-23T10:00:00Z {server} {source}\n", format: "plain");
        }

        var query = new LogQuery { Streams = [new StreamNames(["web1"], ["app"]), new StreamNames(["db1"], ["audit"]), new StreamNames(["web2"], [])] };
        Assert.Equal(["db1 audit", "web1 app", "web2 app", "web2 audit"], (await _fixture.SearchAsync(query)).Select(entry => entry.Raw[21..]).Order(StringComparer.Ordinal));
        Assert.Equal(4, await _fixture.CountAsync(query));
    }

    [Fact]
    public async Task Only_the_sources_that_are_named_are_packed()
    {
        foreach (string source in new[] { "app", "audit" }) await _fixture.AppendAsync("web1", source, "2026-11-23T10:00:00Z one\n", format: "plain");
        var (segments, _) = await new StoreUpkeep(_fixture.Store, _fixture.Activity).PackAsync([new LogStream("web1", "app")], TimeSpan.MaxValue, includeNewest: true, default);
        Assert.Equal(1, segments);
        using var packed = SegmentFile.Open(_fixture.SegmentFiles("web1", "app").Single());
        using var other = SegmentFile.Open(_fixture.SegmentFiles("web1", "audit").Single());
        Assert.Equal((true, false), (packed.Header.Sealed, other.Header.Sealed));
    }

    [ProgramFact("sh")]
    public async Task An_export_that_a_full_disk_stops_leaves_nothing_behind()
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(3).Accesses(20_000)));
        var entries = await _fixture.SearchAsync(new LogQuery());
        foreach (string name in new[] { "out.log", "out.log.gz", "out.log.zst" })
        {
            // Its temporary file is a device on which there is never room.
            string path = Path.Combine(_fixture.Folder, name), temporary = $"{path}.{Environment.ProcessId}.tmp";
            File.CreateSymbolicLink(temporary, "/dev/full");
            var error = await Assert.ThrowsAsync<ProdOpsException>(async () =>
            {
                await using var writer = new EntryWriter(path, LogExportFormat.Raw);
                for (int i = 0; i < 30; i++) entries.ForEach(writer.Write);
                writer.Complete();
            });
            Assert.Equal("LogExportFailed", error.ErrorId);
            Assert.Null(new FileInfo(temporary).LinkTarget);
            Assert.False(File.Exists(path));
        }
    }

    [Fact]
    public async Task What_stands_around_lines_without_times_is_found_without_reading_all_before_them_for_each()
    {
        const int Pairs = 25_000;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await _fixture.AppendAsync("web1", "app", string.Concat(Enumerable.Range(0, Pairs).Select(i => $"before {i:00000}\nhit {i:00000}\n")));
        var found = await _fixture.SearchAsync(new LogQuery { Patterns = ["hit"], ContextBefore = 1 });
        Assert.Equal(2 * Pairs, found.Count);
        Assert.All(found.Where((_, i) => i % 2 == 0), (entry, i) => Assert.Equal(($"before {i:00000}", true, StoreFixture.Now), (entry.Raw, entry.IsContext, entry.Time)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"It took {clock.Elapsed}.");
    }

    public void Dispose() => _fixture.Dispose();
}
