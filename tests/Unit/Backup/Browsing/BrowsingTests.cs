using System.Text.Json;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Tests.Repositories;

namespace ProdOps.Backup.Tests.Browsing;

[Collection(ResticHistoryTests.Name)]
public sealed class BrowsingTests(ResticHistory history)
{
    [ResticFact]
    public async Task Every_snapshot_lists_as_restic_lists_it_in_the_same_order()
    {
        var (repository, snapshots) = await history.OpenAsync();
        await using var _ = repository;
        Assert.Equal(3, snapshots.Count);
        foreach (var snapshot in snapshots)
        {
            var expected = Lines(history.Restic.Run("ls", "--json", snapshot.Id.ToString()))
                .Where(line => line.GetProperty("struct_type").GetString() == "node")
                .Select(line => (
                    line.GetProperty("path").GetString()!, TypeOf(line.GetProperty("type").GetString()!),
                    line.TryGetProperty("size", out var size) ? size.GetInt64() : 0, line.GetProperty("uid").GetInt64(),
                    Ticks(line.GetProperty("mtime").GetString()!)))
                .ToList();
            var actual = await Browser(repository, snapshot).ListAsync("/", recurse: true, literal: true, default)
                .Select(item => (AsGoWritesIt(item.Path), item.Type, item.Size, item.UserId, item.ModifiedTime.UtcTicks)).ToListAsync();
            Assert.Equal(expected, actual);
        }
    }

    [ResticFact]
    public async Task Differences_are_those_that_restic_tells_with_and_without_metadata()
    {
        var (repository, snapshots) = await history.OpenAsync();
        await using var _ = repository;
        foreach (bool metadata in (bool[])[false, true])
        {
            foreach (var (older, newer) in ((int, int)[])[(0, 1), (1, 2), (0, 2), (2, 0), (1, 1)])
            {
                string[] options = metadata ? ["--metadata"] : [];
                var expected = Lines(history.Restic.Run(["diff", "--json", .. options, snapshots[older].Id.ToString(), snapshots[newer].Id.ToString()]))
                    .Where(line => line.GetProperty("message_type").GetString() == "change")
                    .Select(line => line.GetProperty("modifier").GetString()!.TrimEnd('?')[..1] + line.GetProperty("path").GetString()!.TrimEnd('/'))
                    .ToList();
                var actual = await new SnapshotComparer(repository, SilentActivity.Instance)
                    .CompareAsync(snapshots[older], snapshots[newer], metadata, default)
                    .Select(difference => LetterOf(difference.Change) + AsGoWritesIt(difference.Path)).ToListAsync();
                Assert.Equal(expected, actual);
                if (older != newer) Assert.True(actual.Select(line => line[0]).Distinct().Count() >= 4);
            }
        }
    }

    [ResticFact]
    public async Task The_size_of_a_restore_is_the_one_restic_counts()
    {
        var (repository, snapshots) = await history.OpenAsync();
        await using var _ = repository;
        foreach (var snapshot in snapshots)
        {
            var stats = JsonDocument.Parse(history.Restic.Run("stats", "--json", "--mode", "restore-size", snapshot.Id.ToString())).RootElement;
            var size = await RestoreSize.CountAsync(repository, snapshot, SilentActivity.Instance, default);
            Assert.Equal((stats.GetProperty("total_file_count").GetInt64(), stats.GetProperty("total_size").GetInt64()), (size.Items, size.Bytes));
        }
    }

    [ResticTheory]
    [InlineData("nginx.conf", false)]
    [InlineData("*.conf", false)]
    [InlineData("readme.txt", true)]
    [InlineData("nginx", false)]
    [InlineData("etc/*", false)]
    [InlineData("{source}/many/file00?.dat", false)]
    [InlineData("{source}/**/data.bin", false)]
    [InlineData("many/file[0-1]*[^3].dat", false)]
    [InlineData("**/below", false)]
    [InlineData(@"star\*\[a\].txt", false)]
    [InlineData("no such thing", false)]
    public async Task Patterns_find_what_restic_finds_in_every_snapshot(string pattern, bool ignoreCase)
    {
        pattern = pattern.Replace("{source}", history.Source);
        var (repository, snapshots) = await history.OpenAsync();
        await using var _ = repository;
        string[] options = ignoreCase ? ["--ignore-case"] : [];
        var expected = JsonDocument.Parse(history.Restic.Run(["find", "--json", .. options, pattern])).RootElement.EnumerateArray()
            .SelectMany(found => found.GetProperty("matches").EnumerateArray(), (found, match) => found.GetProperty("snapshot").GetString() + match.GetProperty("path").GetString())
            .ToHashSet();
        var finder = new ItemFinder(repository, new ItemQuery { Patterns = [pattern], IgnoreCase = ignoreCase }, SilentActivity.Instance);
        var actual = await finder.FindAsync(snapshots, default).Select(item => item.SnapshotId + AsGoWritesIt(item.Path)).ToListAsync();
        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
        Assert.Equal(pattern == "no such thing", actual.Count == 0);
    }

    [ResticFact]
    public async Task Kind_size_and_time_narrow_a_search()
    {
        var (repository, snapshots) = await history.OpenAsync();
        await using var _ = repository;
        var all = await Browser(repository, snapshots[^1]).ListAsync("/", recurse: true, literal: true, default).ToListAsync();
        await Same(new ItemQuery { Patterns = ["*"], Types = [BackupItemType.SymbolicLink, BackupItemType.Fifo] }, item => item.Type is BackupItemType.SymbolicLink or BackupItemType.Fifo);
        await Same(new ItemQuery { Patterns = ["*"], MinSize = 4000, MaxSize = 3_000_000 }, item => item.Type == BackupItemType.File && item.Size is >= 4000 and <= 3_000_000);
        var day = new DateTimeOffset(2020, 1, 15, 0, 0, 0, TimeSpan.Zero);
        await Same(new ItemQuery { Patterns = ["*"], OlderThan = day }, item => item.ModifiedTime <= day);
        await Same(new ItemQuery { Patterns = ["*"], NewerThan = day }, item => item.ModifiedTime >= day);

        async Task Same(ItemQuery query, Func<BackupItem, bool> condition)
        {
            var expected = all.Where(condition).Select(item => item.Path).ToList();
            Assert.NotEmpty(expected);
            Assert.Equal(expected, await new ItemFinder(repository, query, SilentActivity.Instance).FindAsync([snapshots[^1]], default).Select(item => item.Path).ToListAsync());
        }
    }

    [ResticFact]
    public async Task A_file_reads_as_it_was_from_any_offset()
    {
        var (repository, snapshots) = await history.OpenAsync();
        await using var _ = repository;
        await using var stream = await Browser(repository, snapshots[0]).OpenContentAsync(history.PathOf(ResticHistory.LargeFile), default);
        var whole = new MemoryStream();
        await stream.CopyToAsync(whole);
        Assert.True(whole.ToArray().AsSpan().SequenceEqual(history.LargeContent));
        Assert.Equal(history.LargeContent.Length, stream.Length);

        var random = new Random(7);
        for (int i = 0; i < 50; i++)
        {
            int offset = random.Next(history.LargeContent.Length), length = random.Next(1, 100_000);
            byte[] buffer = new byte[Math.Min(length, history.LargeContent.Length - offset)];
            stream.Seek(offset, SeekOrigin.Begin);
            if (i % 2 == 0) stream.ReadExactly(buffer);
            else await stream.ReadExactlyAsync(buffer);
            Assert.True(buffer.AsSpan().SequenceEqual(history.LargeContent.AsSpan(offset, buffer.Length)));
        }

        stream.Seek(5, SeekOrigin.End);
        Assert.Equal(0, stream.Read(new byte[10]));
    }

    [ResticFact]
    public async Task A_path_names_a_folder_s_content_or_an_item_and_wildcards_name_items()
    {
        var (repository, snapshots) = await history.OpenAsync();
        await using var _ = repository;
        var browser = Browser(repository, snapshots[0]);
        Assert.Equal(["mime.types", "nginx.conf"], await Names("etc/nginx", recurse: false));
        Assert.Equal(["nginx", "mime.types", "nginx.conf"], await Names("etc", recurse: true));
        Assert.Equal(["nginx.conf"], await Names("etc/nginx/nginx.conf", recurse: false));
        Assert.Equal(["nginx.conf"], await Names("e*/*/*.conf", recurse: false));
        Assert.Equal(["nginx", "mime.types", "nginx.conf"], await Names("etc/n*", recurse: true));
        Assert.Equal(["star*[a].txt"], await Names("star*[a].txt", recurse: false, literal: true));
        Assert.Equal(["star*[a].txt"], await Names(@"star\*\[?\].txt", recurse: false));
        Assert.Equal(["bad\udcffname"], await Names("bad\udcffname", recurse: false));
        Assert.Empty(await Names("none*", recurse: false));

        Assert.Equal("ItemNotFound", (await Assert.ThrowsAsync<ProdOpsException>(() => Names("none", recurse: false))).ErrorId);
        Assert.Equal("ItemHasNoContent", (await Assert.ThrowsAsync<ProdOpsException>(() => browser.OpenContentAsync(history.PathOf("etc"), default).AsTask())).ErrorId);
        Assert.Equal(BackupItemType.Directory, (await browser.FindAsync("/", default))!.Type);
        Assert.Null(await browser.FindAsync(history.PathOf("etc/nginx/nginx.conf/below"), default));
        Assert.Equal(0, (await browser.OpenContentAsync(history.PathOf("empty.txt"), default)).Length);

        async Task<List<string>> Names(string path, bool recurse, bool literal = false) =>
            await browser.ListAsync(history.PathOf(path), recurse, literal, default).Select(item => item.Name).ToListAsync();
    }

    [ResticFact]
    public async Task Snapshots_are_chosen_by_host_tags_paths_and_time()
    {
        var (repository, all) = await history.OpenAsync();
        await using var _ = repository;
        Assert.Equal(all, SnapshotFilter.All.Apply(all.Reverse()));
        Assert.Equal([all[0], all[1]], new SnapshotFilter { Hosts = ["web*"] }.Apply(all));
        Assert.Equal([all[1], all[2]], new SnapshotFilter { Latest = 1 }.Apply(all));
        Assert.Equal([all[0]], new SnapshotFilter { Tags = [["daily", "first"]] }.Apply(all));
        Assert.Equal([all[0], all[2]], new SnapshotFilter { Tags = [["first"], [""]] }.Apply(all));
        Assert.Equal(all, new SnapshotFilter { Paths = [history.Source] }.Apply(all));
        Assert.Empty(new SnapshotFilter { Paths = [history.Source, "/else"] }.Apply(all));
        Assert.Equal([all[1], all[2]], new SnapshotFilter { After = all[1].Time.ToDateTimeOffset() }.Apply(all));
        Assert.Equal([all[0], all[1]], new SnapshotFilter { Before = all[1].Time.ToDateTimeOffset() }.Apply(all));
    }

    private static SnapshotBrowser Browser(Repository repository, SnapshotFile snapshot) => new(repository, snapshot, SilentActivity.Instance);

    private static IEnumerable<JsonElement> Lines(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement);

    /// <summary>Go writes a byte that is no UTF-8 as the replacement character.</summary>
    private static string AsGoWritesIt(string path) => string.Concat(path.Select(unit => unit is >= '\udc80' and <= '\udcff' ? '\ufffd' : unit));

    private static long Ticks(string time)
    {
        Assert.True(Rfc3339Time.TryParse(time, out var exact));
        return exact.ToDateTimeOffset().UtcTicks;
    }

    private static string LetterOf(BackupChange change) => change switch
    {
        BackupChange.Added => "+",
        BackupChange.Removed => "-",
        BackupChange.Modified => "M",
        BackupChange.MetadataChanged => "U",
        _ => "T",
    };

    private static BackupItemType TypeOf(string name) => name switch
    {
        "file" => BackupItemType.File,
        "dir" => BackupItemType.Directory,
        "symlink" => BackupItemType.SymbolicLink,
        "fifo" => BackupItemType.Fifo,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };
}
