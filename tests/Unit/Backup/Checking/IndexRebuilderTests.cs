using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Browsing;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.Storage;

namespace ProdOps.Backup.Tests.Checking;

[Collection(ResticHistoryTests.Name)]
public sealed class IndexRebuilderTests : IDisposable
{
    private readonly ResticHistory _history;
    private readonly Lazy<DamagedCopy> _lazyCopy;

    public IndexRebuilderTests(ResticHistory history)
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
    public async Task A_sound_repository_needs_no_repair()
    {
        var before = Copy.FilesIn("");
        foreach (bool readData in (bool[])[false, true])
        {
            var plan = await Copy.RepairAsync(new RepairOptions { ReadData = readData });
            Assert.Empty(plan.Steps);
            Assert.Equal("nothing to repair", plan.ToString());
        }

        Assert.Equal(before, Copy.FilesIn(""));
    }

    [ResticTheory]
    [InlineData("delete all")]
    [InlineData("delete one")]
    [InlineData("flip all")]
    [InlineData("cut one")]
    public async Task A_lost_index_is_rebuilt_from_the_packs_without_loss(string damage)
    {
        var files = Copy.FilesIn("index");
        foreach (string index in damage.EndsWith("one", StringComparison.Ordinal) ? files.Take(1) : files)
        {
            if (damage.StartsWith("delete", StringComparison.Ordinal)) File.Delete(index);
            else if (damage.StartsWith("flip", StringComparison.Ordinal)) DamagedCopy.Flip(index, 50);
            else DamagedCopy.Resize(index, -10);
        }

        Assert.False((await Copy.CheckAsync()).Success);
        var plan = await Copy.RepairAsync();
        Assert.True(plan.Applied);
        Assert.Equal(0, plan.BlobsLost);
        Assert.True(plan.BlobsFound > 0);
        Assert.Empty((await Copy.CheckAsync("100%")).Problems);
        Assert.True(Copy.ResticApproves(readData: true));
    }

    [ResticFact]
    public async Task An_index_that_lies_about_a_pack_is_set_right()
    {
        var location = await Copy.LocateAsync(ResticHistory.LargeFile);
        await using (var repository = await Copy.OpenAsync())
        {
            var lie = new PackedBlob(new BlobHandle(BlobType.Data, ObjectId.Of("no such blob"u8)), 0, location.Length, 0);
            await DamagedCopy.WriteIndexAsync(repository, location.Pack, lie);
        }

        Assert.False((await Copy.CheckAsync()).Success);
        var plan = await Copy.RepairAsync();
        Assert.Contains(plan.Steps, step => step.Action == BackupRepairAction.IndexPack && step.Item == location.Pack.ToString());
        Assert.Equal(1, plan.BlobsLost);
        Assert.Empty((await Copy.CheckAsync("100%")).Problems);
        Assert.True(Copy.ResticApproves(readData: true));
    }

    [ResticTheory]
    [InlineData("flip")]
    [InlineData("cut")]
    [InlineData("flip and cut")]
    public async Task Of_a_damaged_pack_the_good_blobs_are_kept_and_the_next_backup_heals_the_rest(string damage)
    {
        var location = await Copy.LocateAsync(ResticHistory.LargeFile, piece: 1);
        string path = Copy.PathOf(location.Pack);
        int blobs = await Copy.CountBlobsAsync(location.Pack);
        byte[] original = File.ReadAllBytes(path);
        if (damage.Contains("flip")) DamagedCopy.Flip(path, location.Offset + 77);
        if (damage.Contains("cut")) DamagedCopy.Resize(path, -5);
        byte[] damaged = File.ReadAllBytes(path);
        using var quarantine = new TemporaryFolder();

        var found = (await Copy.CheckAsync("100%")).Problems.Select(problem => ObjectId.Parse(problem.Item)).ToList();
        var plan = await Copy.RepairAsync(new RepairOptions { DamagedPacks = found, QuarantineFolder = quarantine.Path });
        Assert.Contains(plan.Steps, step => step.Action == BackupRepairAction.SalvagePack && step.Item == location.Pack.ToString());
        int lost = damage.Contains("flip") ? 1 : 0;
        Assert.Equal(lost, plan.BlobsLost);
        // Where restic cuts is by chance: a piece may have a pack to itself.
        Assert.Equal(blobs - lost, plan.BlobsSalvaged);
        Assert.False(File.Exists(path));
        Assert.Equal(damaged, File.ReadAllBytes(quarantine[$"pack-{location.Pack}"]));
        Assert.NotEqual(original, damaged);

        var after = await Copy.CheckAsync("100%");
        if (damage == "cut") Assert.Empty(after.Problems);
        else
        {
            var problem = Assert.Single(after.Problems);
            Assert.Equal("BlobMissing", problem.ErrorId);
            Assert.Equal(9, problem.Affected.Count);
            // The file is still on its server: what is missing is stored again.
            Copy.Restic.Run("backup", "--force", "--host", "web1", _history.Source);
        }

        Assert.Empty((await Copy.CheckAsync("100%")).Problems);
        Assert.True(Copy.ResticApproves(readData: true));
    }

    [ResticFact]
    public async Task A_missing_pack_is_forgotten_so_that_the_next_backup_stores_its_content_again()
    {
        var location = await Copy.LocateAsync(ResticHistory.LargeFile);
        File.Delete(Copy.PathOf(location.Pack));
        var plan = await Copy.RepairAsync();
        Assert.Contains(plan.Steps, step => step.Action == BackupRepairAction.ForgetPack && step.Item == location.Pack.ToString());
        Assert.True(plan.BlobsLost > 0);
        Assert.All((await Copy.CheckAsync("100%")).Problems, problem => Assert.Equal("BlobMissing", problem.ErrorId));
        Assert.Empty((await Copy.RepairAsync()).Steps);
    }

    [ResticFact]
    public async Task Garbage_that_nothing_explains_is_left_alone()
    {
        byte[] garbage = TestRepository.RandomBytes(10_000, 3);
        string path = Copy.PathOf(ObjectId.Of(garbage));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, garbage);
        var step = Assert.Single((await Copy.RepairAsync()).Steps);
        Assert.Equal(BackupRepairAction.Leave, step.Action);
        Assert.Equal(garbage, File.ReadAllBytes(path));
        Assert.True((await Copy.CheckAsync("100%")).Success);
    }

    [ResticFact]
    public async Task A_plan_changes_nothing_and_keeps_others_out_until_it_is_dropped()
    {
        File.Delete(Copy.FilesIn("index")[0]);
        var before = Copy.FilesIn("");
        await using var repository = await Copy.OpenAsync();
        await using (var repair = await IndexRebuilder.PlanAsync(repository, new RepairOptions(), SilentActivity.Instance, default))
        {
            Assert.False(repair.IsEmpty);
            Assert.False(repair.ToModel().Applied);
            Assert.Equal("RepositoryLocked", (await Assert.ThrowsAsync<ProdOpsException>(() => Copy.CheckAsync())).ErrorId);
        }

        Assert.Equal(before, Copy.FilesIn(""));
    }

    [ResticFact]
    public async Task A_repair_that_is_cut_off_after_any_write_or_removal_can_be_done_again_without_loss()
    {
        var location = await Copy.LocateAsync(ResticHistory.LargeFile, piece: 1);
        DamagedCopy.Resize(Copy.PathOf(location.Pack), -5);
        // Without a header and without an index nothing could tell what was in the pack.
        File.Delete(await FindIndexWithoutAsync(location.Pack));
        int steps = 1;
        for (bool finished = false; !finished; steps++)
        {
            using var copy = new TemporaryFolder();
            foreach (string path in Copy.FilesIn(""))
            {
                string target = copy[Path.GetRelativePath(Copy.Folder, path)];
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(path, target);
            }

            finished = await TryRepairAsync(copy.Path, steps);
            await using var repository = await _history.OpenAsync(copy.Path);
            await using (var repair = await IndexRebuilder.PlanAsync(repository, new RepairOptions(), SilentActivity.Instance, default)) await repair.ApplyAsync(default);
            Assert.Empty((await RepositoryCheck.RunAsync(repository, new CheckOptions { ReadData = PackSubset.All }, SilentActivity.Instance, default)).Problems);
        }

        Assert.InRange(steps, 5, 50);
    }

    private async Task<string> FindIndexWithoutAsync(ObjectId pack)
    {
        await using var repository = await Copy.OpenAsync();
        var survey = new IndexSurvey();
        await repository.LoadIndexAsync(SilentActivity.Instance, default, watch: survey.Watch);
        return Copy.FilesIn("index").First(path => !survey.FilesOf(pack).Contains(ObjectId.Parse(Path.GetFileName(path))));
    }

    /// <summary>Lets so many changes through and then fails for good, as a cut connection does.</summary>
    private async Task<bool> TryRepairAsync(string folder, int changes)
    {
        var storage = new CutOffStorage(new LocalStorage(folder, TimeProvider.System));
        await using var repository = await Repository.OpenAsync(storage, TestRepository.Password, TimeProvider.System, default);
        await using var repair = await IndexRebuilder.PlanAsync(repository, new RepairOptions(), SilentActivity.Instance, default);
        storage.ChangesLeft = changes;
        try
        {
            await repair.ApplyAsync(default);
            return true;
        }
        catch (ProdOpsException error) when (error.ErrorId == "StorageWriteFailed")
        {
            return false;
        }
        finally
        {
            storage.ChangesLeft = int.MaxValue;
        }
    }
}
