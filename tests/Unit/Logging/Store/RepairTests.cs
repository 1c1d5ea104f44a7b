using System.Text;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Tests.Store;

public sealed class RepairTests : IDisposable
{
    private static readonly LogStream Stream = new("web1", "access");

    private readonly StoreFixture _fixture = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Of_a_damaged_segment_everything_but_the_damaged_frames_is_saved_and_the_loss_is_told(int seed)
    {
        var samples = new LogSamples(seed);
        var all = new List<string>();
        for (int batch = 0; batch < 12; batch++)
        {
            var lines = samples.Accesses(300);
            all.AddRange(lines.Select(line => line.Text));
            await _fixture.AppendAsync("web1", "access", LogSamples.Text(lines), $"at {batch}");
        }

        _fixture.Store.Dispose();
        string path = _fixture.SegmentFiles("web1", "access").Single();
        byte[] whole = File.ReadAllBytes(path);
        var random = new Random(seed);
        for (int round = 0; round < 15; round++)
        {
            byte[] damaged = [.. whole];
            long header;
            using (var file = SegmentFile.Open(path)) header = file.Start;
            for (int flips = random.Next(1, 4); flips > 0; flips--) damaged[random.Next((int)header, damaged.Length)] ^= (byte)(1 << random.Next(8));
            foreach (string each in Directory.GetFiles(Path.GetDirectoryName(path)!)) File.Delete(each);
            File.WriteAllBytes(path, damaged);
            _fixture.Reopen();
            var repair = new StoreRepair(_fixture.Store, _fixture.Activity);

            var planned = Assert.Single(await repair.RunAsync(Stream, mend: false, default));
            Assert.Equal(damaged, File.ReadAllBytes(path));
            var done = Assert.Single(await repair.RunAsync(Stream, mend: true, default));
            Assert.Contains(planned.State, new[] { LogSegmentState.Damaged, LogSegmentState.Torn });
            Assert.Equal(planned.LostBytes, done.LostBytes);
            Assert.True(done.LostBytes > 0);

            var left = (await _fixture.SearchAsync(new LogQuery())).Select(entry => entry.Raw).ToList();
            Assert.True(left.Count < all.Count || done.Detail.Contains("though all", StringComparison.Ordinal), done.Detail);
            var rest = new Queue<string>(left);
            foreach (string line in all)
            {
                if (rest.TryPeek(out string? next) && next == line) rest.Dequeue();
            }

            Assert.Empty(rest);
            Assert.Equal(string.Concat(left.Select(line => line + "\n")), _fixture.Zstdcat("web1", "access"));
            Assert.Equal(LogSegmentState.Good, Assert.Single(await repair.RunAsync(Stream, mend: true, default)).State);
            _fixture.Store.Dispose();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Damage_in_the_last_batch_is_no_unfinished_append_where_it_is_known_to_have_been_acknowledged(bool packed)
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(8).Accesses(8000)));
        if (packed) await new StoreUpkeep(_fixture.Store, _fixture.Activity).PackAsync(TimeSpan.MaxValue, includeNewest: true, default);
        _fixture.Store.Dispose();
        string path = _fixture.SegmentFiles("web1", "access").Single();
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^20] ^= 1;
        File.WriteAllBytes(path, bytes);
        if (packed) File.Delete(StoreNames.IndexOf(path));
        _fixture.Reopen();
        var repair = new StoreRepair(_fixture.Store, _fixture.Activity);
        Assert.Equal(LogSegmentState.Damaged, Assert.Single(await repair.RunAsync(Stream, mend: false, default)).State);
        var done = Assert.Single(await repair.RunAsync(Stream, mend: true, default));
        Assert.Equal(LogSegmentState.Salvaged, done.State);
        Assert.Equal(8000 - done.LostLines, await _fixture.CountAsync(new LogQuery()));
        Assert.InRange(done.LostLines, 1, 7999);
        Assert.True(File.Exists(path + ".damaged"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Without_an_index_appending_to_a_segment_with_a_damaged_batch_is_refused_and_removes_nothing(int damagedBatch)
    {
        for (int batch = 0; batch < 6; batch++) await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(batch).Accesses(100)));
        _fixture.Store.Dispose();
        string path = _fixture.SegmentFiles("web1", "access").Single();
        byte[] bytes = File.ReadAllBytes(path);
        using (var file = SegmentFile.Open(path)) bytes[file.ReadBatches(file.Start, verify: false).ElementAt(damagedBatch).Data + 9] ^= 1;
        File.WriteAllBytes(path, bytes);
        File.Delete(StoreNames.IndexOf(path));
        _fixture.Reopen();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => _fixture.AppendAsync("web1", "access", "one more\n"));
        Assert.Equal("LogSegmentDamaged", error.ErrorId);
        Assert.Equal(bytes, File.ReadAllBytes(path));
        Assert.Equal(LogSegmentState.Salvaged, Assert.Single(await new StoreRepair(_fixture.Store, _fixture.Activity).RunAsync(Stream, mend: true, default)).State);
        await _fixture.AppendAsync("web1", "access", "one more\n");
        Assert.Equal(501, await _fixture.CountAsync(new LogQuery()));
    }

    [Fact]
    public async Task A_damaged_index_is_found_and_made_again()
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(4).Accesses(5000)));
        _fixture.Store.Dispose();
        string index = StoreNames.IndexOf(_fixture.SegmentFiles("web1", "access").Single());
        byte[] whole = File.ReadAllBytes(index);
        var random = new Random(4);
        for (int round = 0; round < 40; round++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(SegmentIndex.HeadLength, damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(index, round == 0 ? [] : damaged);
            _fixture.Reopen();
            var repair = new StoreRepair(_fixture.Store, _fixture.Activity);
            Assert.Equal(LogSegmentState.IndexDamaged, Assert.Single(await repair.RunAsync(Stream, mend: false, default)).State);
            Assert.Equal(LogSegmentState.Reindexed, Assert.Single(await repair.RunAsync(Stream, mend: true, default)).State);
            Assert.Equal(5000, await _fixture.CountAsync(new LogQuery()));
            _fixture.Store.Dispose();
        }
    }

    [Fact]
    public async Task Whatever_is_in_the_files_of_a_store_reading_it_ends_and_never_fails_but_by_an_error_of_the_catalogue()
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(5).Accesses(2000)));
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(6).Accesses(200)));
        _fixture.Store.Dispose();
        string path = _fixture.SegmentFiles("web1", "access").Single(), index = StoreNames.IndexOf(path);
        byte[] segment = File.ReadAllBytes(path), indexed = File.ReadAllBytes(index);
        var random = new Random(7);
        for (int round = 0; round < 150; round++)
        {
            File.WriteAllBytes(path, round % 2 == 0 ? Mutate(segment, random) : segment);
            File.WriteAllBytes(index, round % 3 > 0 ? Mutate(indexed, random) : indexed);
            _fixture.Reopen();
            try
            {
                await _fixture.SearchAsync(new LogQuery { Patterns = ["checkout"] });
                await _fixture.CountAsync(new LogQuery { After = StoreFixture.Now.AddDays(-3) });
                await _fixture.AppendAsync("web1", "access", "one more\n");
            }
            catch (ProdOpsException)
            {
            }

            _fixture.Store.Dispose();
            foreach (string other in _fixture.SegmentFiles("web1", "access").Where(other => other != path)) File.Delete(other);
        }
    }

    public void Dispose() => _fixture.Dispose();

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        byte[] changed = [.. bytes];
        switch (random.Next(4))
        {
            case 0: return changed[..random.Next(changed.Length)];
            case 1:
                for (int i = 0; i < 20; i++) changed[random.Next(changed.Length)] = (byte)random.Next(256);
                return changed;
            case 2:
                // Lengths are what hurts: extremes where a number may be.
                BitConverter.TryWriteBytes(changed.AsSpan(random.Next(Math.Min(changed.Length, 4096) - 8)), random.Next(2) == 0 ? int.MaxValue : -1);
                return changed;
            default: return [.. Encoding.ASCII.GetBytes("{}"), .. changed];
        }
    }
}
