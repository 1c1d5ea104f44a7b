using ProdOps.Logging.Formats;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Tests.Store;

public sealed class IndexTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    [Fact]
    public async Task A_turned_bit_in_an_index_hides_no_line()
    {
        var lines = new LogSamples(21).Accesses(3000);
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(lines));
        _fixture.Store.Dispose();
        string index = StoreNames.IndexOf(_fixture.SegmentFiles("web1", "access").Single());
        byte[] whole = File.ReadAllBytes(index);
        var random = new Random(21);
        for (int round = 0; round < 60; round++)
        {
            // Every second time bits that are set in a filter, for those hide; else any bit of the head and the entries.
            byte[] damaged = [.. whole];
            if (round % 2 == 0) damaged.AsSpan(damaged.Length - 2000 - random.Next(6000), 2000).Clear();
            else damaged[random.Next(SegmentIndex.HeadLength + SegmentIndex.BlockHeadLength + 300)] ^= (byte)(1 << random.Next(8));
            File.Delete(index);
            File.WriteAllBytes(index, damaged);
            _fixture.Reopen();
            string id = lines[random.Next(lines.Count)].Text.Split("id=")[1][..16];
            Assert.Contains(id, Assert.Single(await _fixture.SearchAsync(new LogQuery { Patterns = [id] })).Raw, StringComparison.Ordinal);
            Assert.Equal(lines.Count(line => line.Time >= lines[1500].Time), await _fixture.CountAsync(new LogQuery { After = lines[1500].Time }));
        }

        Assert.Empty(_fixture.Activity.Errors);
    }

    [Fact]
    public async Task A_search_tells_of_a_damaged_frame_and_finds_the_rest()
    {
        for (int batch = 0; batch < 3; batch++) await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(batch).Accesses(500)));
        _fixture.Store.Dispose();
        string path = _fixture.SegmentFiles("web1", "access").Single();
        byte[] whole = File.ReadAllBytes(path);
        SegmentBatch middle;
        using (var file = SegmentFile.Open(path)) middle = file.ReadBatches(file.Start, verify: true).ElementAt(1);
        var random = new Random(5);
        for (int round = 0; round < 40; round++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next((int)middle.Data, (int)middle.End)] ^= (byte)(1 << random.Next(8));
            File.Delete(path);
            File.WriteAllBytes(path, damaged);
            _fixture.Reopen();
            _fixture.Activity.Errors.Clear();
            Assert.Equal(1000, await _fixture.CountAsync(new LogQuery { Patterns = ["HTTP"] }));
            Assert.Equal("LogSegmentDamaged", Assert.Single(_fixture.Activity.Errors).ErrorId);
        }
    }

    [Fact]
    public async Task Segments_that_stay_open_between_searches_are_never_older_than_the_files()
    {
        var views = new SegmentViews(TimeProvider.System);
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(1).Accesses(10)));
        string path = _fixture.SegmentFiles("web1", "access").Single();
        // Long ago, so that they may stay open.
        void Age(int hours)
        {
            foreach (string file in new[] { path, StoreNames.IndexOf(path) }) File.SetLastWriteTimeUtc(file, StoreFixture.Now.UtcDateTime.AddHours(-hours));
        }

        Age(48);
        using var first = views.Open(path, FormatCatalog.BuiltIn);
        using (var again = views.Open(path, FormatCatalog.BuiltIn)) Assert.Same(first, again);
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(2).Accesses(10)));
        Age(47);
        using (var longer = views.Open(path, FormatCatalog.BuiltIn)) Assert.Equal(20, longer.Frames.Sum(frame => frame.Lines));
        // Who had it before goes on with what was there.
        Assert.Equal(10, first.Frames.Sum(frame => frame.Lines));
        using (var buffers = FrameBuffers.Take()) Assert.Equal(first.Frames[0].RawLength, first.Read(first.Frames[0], buffers).Length);
        await new StoreUpkeep(_fixture.Store, _fixture.Activity).PackAsync(TimeSpan.MaxValue, includeNewest: true, default);
        using (var packed = views.Open(path, FormatCatalog.BuiltIn)) Assert.Equal((1, true), (packed.Frames.Count, packed.File.Header.Sealed));
        File.Delete(path);
        Assert.Throws<FileNotFoundException>(() => views.Open(path, FormatCatalog.BuiltIn));
    }

    [Fact]
    public async Task A_window_in_lines_in_the_order_of_time_is_found_without_reading_all_and_holds_what_a_loop_finds()
    {
        // Lines without a time, entries of several lines, and many lines of one moment.
        var random = new Random(8);
        var time = StoreFixture.Now.AddDays(-1);
        var entries = new List<(DateTimeOffset Time, string Text)>();
        for (int i = 0; i < 600; i++)
        {
            if (random.Next(3) > 0) time = time.AddSeconds(random.Next(4));
            string text = $"{time:yyyy-MM-ddTHH:mm:ssZ} line {i}";
            if (random.Next(5) == 0) text += "\n\tat Somewhere.In.Code(File.java:1)\n\tat Elsewhere(File.java:2)";
            entries.Add((time, text));
        }

        await _fixture.AppendAsync("web1", "app", string.Concat(entries.Select(entry => entry.Text + "\n")), format: "plain");
        Assert.Equal(entries.Count, await _fixture.CountAsync(new LogQuery()));
        for (int round = 0; round < 100; round++)
        {
            var from = entries[random.Next(entries.Count)].Time.AddSeconds(random.Next(-1, 2));
            var to = from.AddSeconds(random.Next(300));
            var query = new LogQuery { After = from, Before = to };
            string[] expected = [.. entries.Where(entry => entry.Time >= from && entry.Time < to).Select(entry => entry.Text)];
            Assert.Equal(expected, (await _fixture.SearchAsync(query)).Select(entry => entry.Raw));
            Assert.Equal(expected.Length, await _fixture.CountAsync(query));
            Assert.Equal(expected.Count(text => text.Contains('7', StringComparison.Ordinal)), await _fixture.CountAsync(query with { Patterns = ["7"] }));
        }
    }

    public void Dispose() => _fixture.Dispose();
}
