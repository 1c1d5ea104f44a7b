using System.Text;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Tests.Store;

/// <summary>What becomes of a store with a file that a disk has damaged, or that cannot be read.</summary>
public sealed class DamageTests : IDisposable
{
    private static readonly LogStream Web = new("web1", "access"), Db = new("db1", "postgresql");

    private readonly StoreFixture _fixture = new(new LogStoreOptions { Time = new FakeTimeProvider(StoreFixture.Now) });

    [Theory]
    [InlineData(3, true)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    public async Task Where_the_first_frame_of_a_segment_is_damaged_nothing_is_taken_out_of_the_way_and_its_lines_are_saved(int batches, bool hasIndex)
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(9).Accesses(50)), "before");
        string format = HeaderOf(_fixture.SegmentFiles("web1", "access").Single()).Format;
        await new StoreUpkeep(_fixture.Store, _fixture.Activity).PackAsync(TimeSpan.MaxValue, includeNewest: true, default);
        for (int batch = 0; batch < batches; batch++) await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(batch).Accesses(100)), $"at {batch}");
        _fixture.Store.Dispose();
        string path = _fixture.SegmentFiles("web1", "access")[1];
        byte[] bytes = File.ReadAllBytes(path);
        bytes[Skippable.HeaderLength] ^= 1;
        File.WriteAllBytes(path, bytes);
        if (!hasIndex) File.Delete(StoreNames.IndexOf(path));
        _fixture.Reopen();

        Assert.Equal("LogSegmentInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => _fixture.AppendAsync("web1", "access", "one more\n"))).ErrorId);
        Assert.Equal(bytes, File.ReadAllBytes(path));
        var repair = new StoreRepair(_fixture.Store, _fixture.Activity);
        Assert.Equal(LogSegmentState.Damaged, (await repair.RunAsync(Web, mend: false, default))[1].State);
        var done = (await repair.RunAsync(Web, mend: true, default))[1];
        Assert.Equal((LogSegmentState.Salvaged, 0L), (done.State, done.LostLines));
        Assert.Equal(bytes, File.ReadAllBytes(path + ".damaged"));
        Assert.Equal(format, HeaderOf(path).Format);
        Assert.Equal($"at {batches - 1}", await _fixture.Store.GetCheckpointAsync(Web, default));
        await _fixture.AppendAsync("web1", "access", "one more\n");
        Assert.Equal(50 + (100 * batches) + 1, await _fixture.CountAsync(new LogQuery()));
    }

    [Fact]
    public async Task Where_the_index_says_that_lines_were_acknowledged_a_segment_without_a_readable_batch_is_not_taken_for_an_unfinished_append()
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(1).Accesses(100)), "at 1");
        _fixture.Store.Dispose();
        string path = _fixture.SegmentFiles("web1", "access").Single();
        byte[] bytes = File.ReadAllBytes(path);
        bytes[Skippable.HeaderLength] ^= 1;
        bytes[^20] ^= 1;
        File.WriteAllBytes(path, bytes);
        _fixture.Reopen();
        Assert.Equal("LogSegmentInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => _fixture.AppendAsync("web1", "access", "one more\n"))).ErrorId);
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public async Task A_segment_of_a_later_version_is_neither_appended_to_nor_changed()
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(1).Accesses(100)), "at 1");
        _fixture.Store.Dispose();
        string path = _fixture.SegmentFiles("web1", "access").Single();
        byte[] bytes = Replace(File.ReadAllBytes(path), "\"version\":1", "\"version\":2");
        File.WriteAllBytes(path, bytes);
        _fixture.Reopen();
        Assert.Equal("LogSegmentInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => _fixture.AppendAsync("web1", "access", "one more\n"))).ErrorId);
        Assert.Equal(LogSegmentState.Unreadable, Assert.Single(await new StoreRepair(_fixture.Store, _fixture.Activity).RunAsync(Web, mend: true, default)).State);
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public async Task A_file_in_which_no_line_is_found_is_out_of_the_way_after_a_repair_and_kept()
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(1).Accesses(100)), "at 1");
        await new StoreUpkeep(_fixture.Store, _fixture.Activity).PackAsync(TimeSpan.MaxValue, includeNewest: true, default);
        await _fixture.AppendAsync("web1", "access", "the newest\n", "at 2");
        string path = _fixture.SegmentFiles("web1", "access")[1];
        byte[] bytes = new byte[200_000];
        File.WriteAllBytes(path, bytes);
        _fixture.Reopen();
        Assert.Equal("LogSegmentInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => _fixture.AppendAsync("web1", "access", "one more\n"))).ErrorId);
        var repair = new StoreRepair(_fixture.Store, _fixture.Activity);
        Assert.Equal(LogSegmentState.Unreadable, (await repair.RunAsync(Web, mend: false, default))[1].State);
        Assert.Equal(bytes, File.ReadAllBytes(path));
        var done = (await repair.RunAsync(Web, mend: true, default))[1];
        Assert.Equal((LogSegmentState.Unreadable, 200_000L), (done.State, done.LostBytes));
        Assert.Contains(Path.GetFileName(path) + ".damaged", done.Detail, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(path + ".damaged"));
        await _fixture.AppendAsync("web1", "access", "one more\n");
        Assert.Equal("at 1", await _fixture.Store.GetCheckpointAsync(Web, default));
        Assert.Equal(101, await _fixture.CountAsync(new LogQuery()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_kept_of_a_damaged_file_is_not_overwritten_by_the_next(bool torn)
    {
        for (int batch = 0; batch < 3; batch++) await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(batch).Accesses(100)));
        _fixture.Store.Dispose();
        string path = _fixture.SegmentFiles("web1", "access").Single();
        byte[] bytes = File.ReadAllBytes(path);
        if (torn)
        {
            bytes = bytes[..100];
            File.Delete(StoreNames.IndexOf(path));
        }
        else
        {
            bytes[bytes.Length / 2] ^= 1;
        }

        File.WriteAllBytes(path, bytes);
        File.WriteAllText(path + ".damaged", "kept");
        _fixture.Reopen();
        if (torn) await _fixture.AppendAsync("web1", "access", "one more\n");
        else Assert.Equal(LogSegmentState.Salvaged, Assert.Single(await new StoreRepair(_fixture.Store, _fixture.Activity).RunAsync(Web, mend: true, default)).State);
        Assert.Equal("kept", File.ReadAllText(path + ".damaged"));
        Assert.Equal(bytes, File.ReadAllBytes(path + ".damaged2"));
        Assert.Empty(_fixture.Activity.Errors);
    }

    [Fact]
    public async Task A_repair_goes_on_behind_a_segment_that_it_cannot_mend()
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(1).Accesses(100)));
        await new StoreUpkeep(_fixture.Store, _fixture.Activity).PackAsync(TimeSpan.MaxValue, includeNewest: true, default);
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(2).Accesses(100)));
        await new StoreUpkeep(_fixture.Store, _fixture.Activity).PackAsync(TimeSpan.MaxValue, includeNewest: true, default);
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(3).Accesses(100)));
        _fixture.Store.Dispose();
        var paths = _fixture.SegmentFiles("web1", "access");
        foreach (string path in paths) File.Delete(StoreNames.IndexOf(path));
        string middle = paths[1];
        byte[] segment = File.ReadAllBytes(middle), batch;
        using (var file = SegmentFile.Open(paths[2]))
        {
            // A batch whose checksum is wrong and in which lies one that is whole: to one look an append that did not come to its end, to the other damage.
            batch = File.ReadAllBytes(paths[2])[(int)file.Start..];
            File.WriteAllBytes(middle, [.. SegmentFile.HeaderFrame(HeaderOf(middle) with { Sealed = false }), .. segment[(int)StartOf(middle)..],
                .. SegmentFile.BatchFrame(new BatchHeader { Frames = [[batch.Length, 1, 1]], Crc32C = 1, Received = StoreFixture.Now }), .. batch]);
        }

        _fixture.Reopen();
        var results = await new StoreRepair(_fixture.Store, _fixture.Activity).RunAsync(Web, mend: true, default);
        Assert.Equal([paths[0], paths[2]], results.Where(result => result.State == LogSegmentState.Reindexed).Select(result => result.Path));
        Assert.Equal(300, await _fixture.CountAsync(new LogQuery()));
    }

    [Fact]
    public async Task A_segment_that_cannot_be_read_is_told_and_ends_neither_a_search_nor_retention()
    {
        foreach (var stream in new[] { Db, Web }) await _fixture.AppendAsync(stream.Server, stream.Source, LogSamples.Text(new LogSamples(1).Accesses(20)));
        _fixture.Store.Dispose();
        string path = _fixture.SegmentFiles("db1", "postgresql").Single();
        using var unreadable = new Unreadable(path);
        _fixture.Reopen();
        Assert.Equal(20, (await _fixture.SearchAsync(new LogQuery())).Count);
        Assert.Equal("LogStoreReadFailed", Assert.Single(_fixture.Activity.Errors).ErrorId);
        Assert.Equal(20, await _fixture.CountAsync(new LogQuery { Patterns = ["HTTP/"] }));
        var plan = new StoreUpkeep(_fixture.Store, _fixture.Activity).Plan([Db, Web], new RetentionRules(static _ => new RetentionRule(null, 0), null));
        Assert.Equal(Web, Assert.Single(plan).Segment.Stream);
        Assert.All(_fixture.Activity.Errors, error => Assert.Equal("LogStoreReadFailed", error.ErrorId));
        Assert.Equal("LogStoreReadFailed", (await Assert.ThrowsAsync<ProdOpsException>(() => _fixture.Store.GetCheckpointAsync(Db, default))).ErrorId);
    }

    [NotRootFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_folder_that_is_closed_to_this_user_is_told_once_and_all_others_are_searched()
    {
        foreach (string server in new[] { "db1", "web1" }) await _fixture.AppendAsync(server, "access", LogSamples.Text(new LogSamples(1).Accesses(20)));
        await _fixture.AppendAsync("web2", "access", LogSamples.Text(new LogSamples(1).Accesses(20)));
        string[] closed = [Path.Combine(_fixture.Folder, "db1"), StoreNames.FolderOf(_fixture.Folder, new LogStream("web2", "access"))];
        _fixture.Reopen();
        try
        {
            foreach (string folder in closed) File.SetUnixFileMode(folder, UnixFileMode.None);
            for (int round = 0; round < 2; round++) Assert.Equal(20, (await _fixture.SearchAsync(new LogQuery())).Count);
            Assert.Equal(closed, _fixture.Activity.Errors.Select(error => error.Target));
            Assert.All(_fixture.Activity.Errors, error => Assert.Equal(("LogStoreReadFailed", ErrorKind.PermissionDenied), (error.ErrorId, error.Kind)));
        }
        finally
        {
            foreach (string folder in closed) File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(-20, 1)]
    public async Task Behind_a_damaged_place_a_segment_may_be_as_young_as_its_file(int days, int removed)
    {
        for (int batch = 0; batch < 3; batch++)
        {
            var came = StoreFixture.Now.AddDays(batch == 2 ? days : -20);
            await _fixture.Store.AppendAsync(new LogBatch(Web, Encoding.UTF8.GetBytes($"{came:O} line {batch}\n")) { ReceivedTime = came }, default);
        }

        _fixture.Store.Dispose();
        string path = _fixture.SegmentFiles("web1", "access").Single();
        byte[] bytes = File.ReadAllBytes(path);
        using (var file = SegmentFile.Open(path)) bytes[file.ReadBatches(file.Start, verify: false).ElementAt(1).Data + 9] ^= 1;
        File.WriteAllBytes(path, bytes);
        File.Delete(StoreNames.IndexOf(path));
        File.SetLastWriteTimeUtc(path, StoreFixture.Now.AddDays(days).UtcDateTime);
        _fixture.Reopen();
        Assert.Equal(removed, new StoreUpkeep(_fixture.Store, _fixture.Activity).Plan([Web], new RetentionRules(static _ => new RetentionRule(TimeSpan.FromDays(14), null), null)).Count);
    }

    [Theory]
    [InlineData("{\"frames\":null,\"crc32C\":0,\"received\":\"2026-11-23T14:00:00Z\"}")]
    [InlineData("{\"frames\":[null],\"crc32C\":0,\"received\":\"2026-11-23T14:00:00Z\"}")]
    [InlineData("{\"frames\":[[1]],\"crc32C\":0,\"received\":\"2026-11-23T14:00:00Z\"}")]
    [InlineData("null")]
    [InlineData("[]")]
    public async Task A_hostile_head_of_a_batch_is_damage_and_no_more(string head)
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(1).Accesses(100)));
        _fixture.Store.Dispose();
        string path = _fixture.SegmentFiles("web1", "access").Single();
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, [.. bytes, .. Skippable.Frame(Skippable.BatchMagic, Encoding.UTF8.GetBytes(head)), .. bytes[(int)StartOf(path)..]]);
        _fixture.Reopen();
        Assert.Equal(100, await _fixture.CountAsync(new LogQuery()));
        Assert.Equal(LogSegmentState.Salvaged, Assert.Single(await new StoreRepair(_fixture.Store, _fixture.Activity).RunAsync(Web, mend: true, default)).State);
        Assert.Equal(200, await _fixture.CountAsync(new LogQuery()));
    }

    [Theory]
    [InlineData("server")]
    [InlineData("source")]
    [InlineData("format")]
    [InlineData("zone")]
    public async Task A_first_frame_that_lacks_a_name_is_told_and_the_lines_are_saved(string property)
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(1).Accesses(100)));
        _fixture.Store.Dispose();
        string path = _fixture.SegmentFiles("web1", "access").Single();
        var header = HeaderOf(path);
        byte[] bytes = File.ReadAllBytes(path), frame = SegmentFile.HeaderFrame(header);
        string value = property switch { "server" => header.Server, "source" => header.Source, "format" => header.Format, _ => header.Zone };
        byte[] changed = Replace(frame[Skippable.HeaderLength..], $"\"{property}\":\"{value}\"", $"\"{property}\":null");
        File.WriteAllBytes(path, [.. Skippable.Frame(Skippable.SegmentMagic, changed), .. bytes[frame.Length..]]);
        _fixture.Reopen();
        Assert.Equal(0, await _fixture.CountAsync(new LogQuery()));
        Assert.Equal("LogSegmentInvalid", Assert.Single(_fixture.Activity.Errors).ErrorId);
        Assert.Equal(LogSegmentState.Salvaged, Assert.Single(await new StoreRepair(_fixture.Store, _fixture.Activity).RunAsync(Web, mend: true, default)).State);
        Assert.Equal(100, await _fixture.CountAsync(new LogQuery()));
    }

    [Theory]
    [InlineData("{\"holds\":[null]}")]
    [InlineData("{\"holds\":null}")]
    [InlineData("null")]
    public async Task Holds_that_say_nothing_hold_everything(string holds)
    {
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(new LogSamples(1).Accesses(100)));
        File.WriteAllText(Path.Combine(StoreNames.FolderOf(_fixture.Folder, Web), StoreNames.HoldName), holds);
        Assert.Empty(new StoreUpkeep(_fixture.Store, _fixture.Activity).Plan([Web], new RetentionRules(static _ => new RetentionRule(null, 0), null)));
        Assert.Equal("LogHoldUnreadable", Assert.Single(_fixture.Activity.Errors).ErrorId);
    }

    public void Dispose() => _fixture.Dispose();

    private static SegmentHeader HeaderOf(string path)
    {
        using var file = SegmentFile.Open(path);
        return file.Header;
    }

    private static long StartOf(string path)
    {
        using var file = SegmentFile.Open(path);
        return file.Start;
    }

    private static byte[] Replace(byte[] bytes, string old, string with)
    {
        int at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(old));
        Assert.True(at >= 0, old);
        return [.. bytes[..at], .. Encoding.UTF8.GetBytes(with), .. bytes[(at + old.Length)..]];
    }

    /// <summary>A file that nobody can open, not even root: a link to itself, or on Windows one that is open for another.</summary>
    private sealed class Unreadable : IDisposable
    {
        private readonly FileStream? _open;

        public Unreadable(string path)
        {
            if (OperatingSystem.IsWindows())
            {
                _open = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                return;
            }

            File.Delete(path);
            File.CreateSymbolicLink(path, path);
        }

        public void Dispose() => _open?.Dispose();
    }
}
