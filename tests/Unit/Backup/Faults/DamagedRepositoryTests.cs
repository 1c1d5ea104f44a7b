using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Faults;

/// <summary>What a backup into a repository with a damaged or missing file says and does: never a snapshot that only looks good.</summary>
public sealed class DamagedRepositoryTests : IAsyncLifetime, IDisposable
{
    private readonly BackupLab _lab = new();
    private readonly RecordingActivity _activity = new();
    private BackupSnapshot _first = new();

    public static TheoryData<string> Damages => new("flip", "cut", "remove");

    public async Task InitializeAsync()
    {
        for (int i = 0; i < 8; i++) _lab.Write($"d{i % 2}/f{i}", TestRepository.RandomBytes(300_000, i));
        await _lab.InitializeAsync();
        _first = await _lab.BackupWhollyAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("flip", "ConfigDamaged")]
    [InlineData("cut", "ConfigDamaged")]
    [InlineData("remove", "ConfigMissing")]
    public async Task Without_its_config_the_repository_does_not_open(string damage, string errorId)
    {
        Damage(_lab.RepositoryFolder + "/config", damage);
        AssertNames(await FailAsync(), errorId, "config");
    }

    [Theory]
    [InlineData("flip", "KeyDamaged")]
    [InlineData("cut", "KeyDamaged")]
    [InlineData("remove", "NoKeys")]
    public async Task Without_its_key_the_repository_does_not_open(string damage, string errorId)
    {
        string key = Assert.Single(_lab.FilesOf("keys"));
        Damage(key, damage);
        AssertNames(await FailAsync(), errorId, damage == "remove" ? "keys" : Path.GetFileName(key));
    }

    [Theory]
    [InlineData("flip")]
    [InlineData("cut")]
    public async Task A_damaged_index_ends_the_run_before_anything_is_built_on_it(string damage)
    {
        string index = Assert.Single(_lab.FilesOf("index"));
        Damage(index, damage);
        AssertNames(await FailAsync(), "IndexDamaged", Path.GetFileName(index));
        Assert.Single(_lab.FilesOf("snapshots"));
        Assert.Single(_lab.FilesOf("index"));
        _lab.AssertNothingIsLeftBehind();
    }

    [ResticFact]
    public async Task When_an_index_is_missing_what_it_named_is_stored_anew_and_the_new_snapshot_is_whole()
    {
        File.Delete(Assert.Single(_lab.FilesOf("index")));
        var next = await _lab.BackupAsync(activity: _activity);
        Assert.Equal((BackupStatus.Complete, 8), (next.Status, next.Summary!.DataBlobs));
        Assert.Contains(_activity.Warnings, warning => warning.Contains("parent snapshot", StringComparison.Ordinal));
        _lab.AssertResticRestoresTheSource(next.Id);
        _lab.Restic.Run("forget", _first.Id);
        _lab.Check(readData: true);
    }

    [ResticTheory]
    [InlineData("flip")]
    [InlineData("cut")]
    public async Task A_damaged_snapshot_is_told_and_the_backup_goes_on_without_that_parent(string damage)
    {
        string file = Assert.Single(_lab.FilesOf("snapshots"));
        Damage(file, damage);
        var next = await _lab.BackupAsync(activity: _activity);
        AssertNames(Assert.Single(_activity.Errors), "SnapshotDamaged", Path.GetFileName(file));
        Assert.Null(next.Parent);
        Assert.Equal((8, 0), (next.Summary!.FilesNew, next.Summary.DataBlobs));
        File.Delete(file);
        _lab.Check(readData: true);
        _lab.AssertResticRestoresTheSource(next.Id);
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_pack_of_trees_is_told_and_what_they_listed_is_read_again(string damage)
    {
        // Trees have a pack of their own: the smaller of the two.
        string pack = _lab.FilesOf("data").MinBy(file => new FileInfo(file).Length)!;
        Damage(pack, damage);
        var summary = (await _lab.BackupAsync(activity: _activity)).Summary!;
        Assert.Equal((8, 0), (summary.FilesNew + summary.FilesUnmodified, summary.DataBlobs));
        Assert.InRange(summary.FilesNew, 1, 8);
        Assert.Contains(_activity.Warnings, warning => warning.Contains(Path.GetFileName(pack), StringComparison.Ordinal));
    }

    private async Task<ProdOpsException> FailAsync() => await Assert.ThrowsAsync<ProdOpsException>(() => _lab.BackupAsync(activity: _activity));

    private static void AssertNames(ProdOpsException error, string errorId, string file)
    {
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(file, error.Message);
        Assert.False(string.IsNullOrEmpty(error.Recommendation));
    }

    private static void Damage(string path, string damage)
    {
        if (damage == "remove")
        {
            File.Delete(path);
            return;
        }

        byte[] content = File.ReadAllBytes(path);
        File.Delete(path);
        if (damage == "flip") content[content.Length / 3] ^= 1;
        else content = content[..(content.Length / 2)];
        File.WriteAllBytes(path, content);
    }
}
