using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Browsing;
using ProdOps.Backup.Tests.Repositories;

namespace ProdOps.Backup.Tests.Checking;

[Collection(ResticHistoryTests.Name)]
public sealed class RepositoryCheckTests : IDisposable
{
    private readonly ResticHistory _history;
    private readonly Lazy<DamagedCopy> _lazyCopy;

    public RepositoryCheckTests(ResticHistory history)
    {
        _history = history;
        _lazyCopy = new Lazy<DamagedCopy>(() => new DamagedCopy(history));
    }

    private DamagedCopy Copy => _lazyCopy.Value;

    public void Dispose()
    {
        if (_lazyCopy.IsValueCreated) Copy.Dispose();
    }

    [ResticFact]
    public async Task A_sound_repository_passes_and_equal_runs_give_equal_evidence()
    {
        var structure = await Copy.CheckAsync();
        Assert.Empty(structure.Problems);
        Assert.Empty(structure.Hints);
        Assert.True(structure.Success);
        Assert.Equal((BackupTestKind.Structure, 3, 0, 0), (structure.Kind, structure.SnapshotsTested, structure.BytesRead, structure.Coverage));

        var first = await Copy.CheckAsync("100%");
        var second = await Copy.CheckAsync("100%");
        Assert.Empty(first.Problems);
        Assert.Equal((BackupTestKind.ReadData, 1.0), (first.Kind, first.Coverage));
        Assert.Equal(Copy.FilesIn("data").Sum(path => new FileInfo(path).Length), first.BytesRead);
        Assert.Equal(Copy.FilesIn("data").Count, first.PacksTested);
        Assert.Equal(first.EvidenceHash, second.EvidenceHash);
        Assert.NotEqual(structure.EvidenceHash, first.EvidenceHash);
        Assert.Empty(Copy.FilesIn("locks"));
    }

    [ResticFact]
    public async Task A_missing_pack_is_named_with_what_is_lost_by_it()
    {
        var location = await Copy.LocateAsync("etc/nginx/nginx.conf");
        File.Delete(Copy.PathOf(location.Pack));
        var problem = await SingleProblemAsync("PackMissing", location.Pack);
        Assert.Contains(problem.Affected, path => path.EndsWith(":" + _history.PathOf("etc/nginx/nginx.conf"), StringComparison.Ordinal));
        Assert.Equal(3, problem.Affected.Count(path => path.EndsWith("nginx.conf", StringComparison.Ordinal)));
    }

    [ResticTheory]
    [InlineData(-100)]
    [InlineData(100)]
    public async Task A_pack_of_a_wrong_size_is_named_with_precisely_what_is_lost_by_it(int by)
    {
        var location = await Copy.LocateAsync(ResticHistory.LargeFile);
        DamagedCopy.Resize(Copy.PathOf(location.Pack), by);
        // Only the header is gone: by the index, every blob can still be read.
        Assert.Empty((await SingleProblemAsync("PackWrongSize", location.Pack)).Affected);

        DamagedCopy.Resize(Copy.PathOf(location.Pack), location.Offset + 1000 - new FileInfo(Copy.PathOf(location.Pack)).Length);
        Assert.Contains((await SingleProblemAsync("PackWrongSize", location.Pack)).Affected, path => path.EndsWith(_history.PathOf(ResticHistory.LargeFile), StringComparison.Ordinal));
    }

    [ResticFact]
    public async Task A_flipped_bit_in_content_is_found_by_reading_and_costs_the_files_that_have_it()
    {
        var location = await Copy.LocateAsync(ResticHistory.LargeFile, piece: 2);
        DamagedCopy.Flip(Copy.PathOf(location.Pack), location.Offset + location.Length / 2);
        Assert.True((await Copy.CheckAsync()).Success);
        var problem = await SingleProblemAsync("PackDamaged", location.Pack, readData: true);
        var expected = from snapshot in await SnapshotNamesAsync()
                       from name in (string[])["docs/hard-link", "docs/large.bin", "docs/twin.bin"]
                       select $"{snapshot}:{_history.PathOf(name)}";
        Assert.Equal(expected, problem.Affected);
        Assert.NotNull(problem.Recommendation);
    }

    [ResticFact]
    public async Task A_flipped_bit_in_a_header_costs_nothing_but_is_damage()
    {
        var location = await Copy.LocateAsync(ResticHistory.LargeFile);
        string path = Copy.PathOf(location.Pack);
        DamagedCopy.Flip(path, new FileInfo(path).Length - 30);
        Assert.Empty((await SingleProblemAsync("PackDamaged", location.Pack, readData: true)).Affected);
    }

    [ResticFact]
    public async Task A_damaged_folder_listing_is_found_without_reading_data_and_costs_what_is_below()
    {
        var location = await Copy.LocateAsync("docs");
        DamagedCopy.Flip(Copy.PathOf(location.Pack), location.Offset + 20);
        var problem = await SingleProblemAsync("PackDamaged", location.Pack);
        Assert.Contains((await SnapshotNamesAsync())[^1] + ":" + _history.PathOf("docs/"), problem.Affected);
    }

    [ResticFact]
    public async Task Swapped_packs_are_both_named()
    {
        string one = Copy.PathOf((await Copy.LocateAsync(ResticHistory.LargeFile)).Pack), other = Copy.PathOf((await Copy.LocateAsync("docs")).Pack);
        File.Move(one, one + ".aside");
        File.Move(other, one);
        File.Move(one + ".aside", other);
        var result = await Copy.CheckAsync();
        Assert.False(Copy.ResticApproves(readData: false));
        Assert.Equal(["PackWrongSize", "PackWrongSize"], result.Problems.Select(problem => problem.ErrorId));
        Assert.All(result.Problems, problem => Assert.NotEmpty(problem.Affected));
    }

    [ResticTheory]
    [InlineData("delete")]
    [InlineData("flip")]
    [InlineData("cut")]
    public async Task A_lost_index_file_is_told_with_the_blobs_that_nobody_finds_any_more(string damage)
    {
        foreach (string index in Copy.FilesIn("index"))
        {
            byte[] good = File.ReadAllBytes(index);
            if (damage == "delete") File.Delete(index);
            else if (damage == "flip") DamagedCopy.Flip(index, 40);
            else DamagedCopy.Resize(index, -1);
            var result = await Copy.CheckAsync();
            Assert.False(Copy.ResticApproves(readData: false));
            Assert.Equal(damage != "delete", result.Problems.Any(problem => problem.ErrorId == "IndexDamaged" && problem.Item == Path.GetFileName(index)));
            Assert.Contains(result.Problems, problem => problem is { ErrorId: "TreeMissing" or "BlobMissing", Affected.Count: > 0 });
            Assert.NotEmpty(result.Hints);
            File.WriteAllBytes(index, good);
        }
    }

    [ResticTheory]
    [InlineData("flip")]
    [InlineData("cut")]
    [InlineData("empty")]
    public async Task A_damaged_snapshot_is_named_and_the_others_are_tested(string damage)
    {
        string snapshot = Copy.FilesIn("snapshots")[1];
        if (damage == "flip") DamagedCopy.Flip(snapshot, 33);
        else DamagedCopy.Resize(snapshot, damage == "cut" ? -3 : -new FileInfo(snapshot).Length);
        var result = await Copy.CheckAsync();
        Assert.False(Copy.ResticApproves(readData: false));
        var problem = Assert.Single(result.Problems);
        Assert.Equal(("SnapshotDamaged", Path.GetFileName(snapshot)), (problem.ErrorId, problem.Item));
        Assert.Equal([problem.Item[..8]], problem.Affected);
        Assert.Equal(2, result.SnapshotsTested);
    }

    [ResticFact]
    public async Task A_damaged_key_file_is_named()
    {
        string key = Assert.Single(Copy.FilesIn("keys")), second = Path.Combine(Copy.Folder, "keys", new string('a', 64));
        File.WriteAllBytes(second, File.ReadAllBytes(key)[..100]);
        var problem = Assert.Single((await Copy.CheckAsync()).Problems);
        Assert.Equal(("KeyDamaged", new string('a', 64)), (problem.ErrorId, problem.Item));
    }

    [ResticFact]
    public async Task Packs_that_no_index_names_and_indexes_that_repeat_are_hints()
    {
        await using (var repository = await Copy.OpenAsync())
        {
            var index = ObjectId.Parse(Path.GetFileName(Copy.FilesIn("index")[0]));
            await repository.WriteUnpackedAsync(FileKind.Index, await repository.ReadUnpackedAsync(new FileHandle(FileKind.Index, index), default), default);
            byte[] pack = File.ReadAllBytes(Copy.FilesIn("data")[0]);
            pack[0] ^= 1;
            string path = Copy.PathOf(ObjectId.Of(pack));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, pack);
        }

        var result = await Copy.CheckAsync("100%");
        Assert.Empty(result.Problems);
        Assert.Contains(result.Hints, hint => hint.Contains("in no index"));
        Assert.Contains(result.Hints, hint => hint.Contains("alike"));
        Assert.True(Copy.ResticApproves(readData: true));
    }

    [ResticFact]
    public async Task Index_files_that_contradict_each_other_are_a_problem()
    {
        var location = await Copy.LocateAsync(ResticHistory.LargeFile);
        await using (var repository = await Copy.OpenAsync())
        {
            var moved = new PackedBlob(new BlobHandle(BlobType.Data, ObjectId.Of("other"u8)), 0, location.Length, 0);
            await DamagedCopy.WriteIndexAsync(repository, location.Pack, moved);
        }

        var result = await Copy.CheckAsync();
        Assert.Contains(result.Problems, problem => problem.ErrorId == "IndexConflict" && problem.Item == location.Pack.ToString());
        Assert.False(Copy.ResticApproves(readData: true));
    }

    [ResticFact]
    public async Task A_blob_that_another_pack_holds_too_is_not_lost()
    {
        var location = await Copy.LocateAsync(ResticHistory.LargeFile);
        await using (var repository = await Copy.OpenAsync())
        {
            // What two backups at once do: each stores the blob, since neither sees the other's index.
            await repository.LoadIndexAsync(SilentActivity.Instance, default);
            byte[] content = await repository.ReadBlobAsync(repository.Index.EnumerateBlobs().First(blob => blob.Location == location).Blob, default);
            await using var second = await Copy.OpenAsync();
            foreach (string index in Copy.FilesIn("index")) File.Move(index, index + ".aside");
            await second.LoadIndexAsync(SilentActivity.Instance, default);
            await TestRepository.WriteAsync(second, BlobType.Data, [content]);
            foreach (string index in Copy.FilesIn("index").Where(path => path.EndsWith(".aside", StringComparison.Ordinal))) File.Move(index, index[..^".aside".Length]);
        }

        DamagedCopy.Flip(Copy.PathOf(location.Pack), location.Offset + 100);
        Assert.Empty((await SingleProblemAsync("PackDamaged", location.Pack, readData: true)).Affected);
    }

    [ResticFact]
    public async Task A_part_of_the_packs_is_the_part_that_restic_takes()
    {
        var location = await Copy.LocateAsync(ResticHistory.LargeFile);
        DamagedCopy.Flip(Copy.PathOf(location.Pack), location.Offset + 50);
        var verdicts = new List<bool>();
        for (int part = 1; part <= 3; part++)
        {
            var result = await Copy.CheckAsync($"{part}/3");
            Assert.Equal(Copy.Restic.TryRun("check", $"--read-data-subset={part}/3").ExitCode == 0, result.Success);
            verdicts.Add(result.Success);
        }

        Assert.Single(verdicts, verdict => !verdict);
    }

    [ResticFact]
    public async Task Rolling_tests_read_everything_in_the_expected_number_of_runs_and_come_back_to_damage()
    {
        long[] sizes = [.. Copy.FilesIn("data").Select(path => new FileInfo(path).Length)];
        // A run reads whole packs, the last of them past the share it was asked for.
        double largest = (double)sizes.Max() / sizes.Sum();
        double? coverage = 0;
        for (int run = 1; run <= 4; run++)
        {
            var result = await Copy.CheckAsync("rolling 25%");
            Assert.True(result.Success);
            Assert.True(result.RollingCoverage > coverage || coverage == 1);
            Assert.InRange(result.Coverage, 0.2499, 0.2501 + largest);
            coverage = result.RollingCoverage;
        }

        Assert.Equal(1, coverage);

        string damaged = Copy.FilesIn("data")[0];
        DamagedCopy.Flip(damaged, 40);
        for (int run = 1; run <= 5 && (await Copy.CheckAsync("rolling 25%")).Success; run++) Assert.True(run < 5, "Damage escaped a whole round.");
        Assert.False((await Copy.CheckAsync("rolling 25%")).Success);
        await File.WriteAllTextAsync(Directory.GetFiles(Copy.StateFolder, "*", SearchOption.AllDirectories).Single(), "{ damaged");
        var afresh = await Copy.CheckAsync("rolling 1%");
        Assert.True(afresh.Coverage > 0);
        // The pack it began with may be the damaged one, which does not count as covered.
        Assert.InRange(afresh.RollingCoverage!.Value, 0, 0.9999);
    }

    [ResticFact]
    public async Task A_cancelled_test_stops_and_leaves_no_lock()
    {
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Copy.CheckAsync("100%", new CancellingActivity(cancel), cancel.Token));
        Assert.Empty(Copy.FilesIn("locks"));
        Assert.True((await Copy.CheckAsync()).Success);
    }

    private async Task<BackupProblem> SingleProblemAsync(string errorId, ObjectId item, bool readData = false)
    {
        var problem = Assert.Single((await Copy.CheckAsync(readData ? "100%" : null)).Problems);
        Assert.Equal((errorId, item.ToString()), (problem.ErrorId, problem.Item));
        Assert.False(Copy.ResticApproves(readData));
        return problem;
    }

    /// <summary>Newest first.</summary>
    private async Task<List<string>> SnapshotNamesAsync()
    {
        var (repository, snapshots) = await _history.OpenAsync();
        await using var _ = repository;
        return [.. snapshots.Reverse().Select(snapshot => snapshot.Id.ToShortString())];
    }

    /// <summary>Cancels when the folders are walked and the reading begins.</summary>
    private sealed class CancellingActivity(CancellationTokenSource cancel) : IActivity
    {
        public void Verbose(string message)
        {
            if (message.StartsWith("Walked", StringComparison.Ordinal)) cancel.Cancel();
        }

        public void Warning(string message) { }

        public void Error(ProdOpsException error) { }

        public void Progress(ActivityProgress progress) { }
    }
}
