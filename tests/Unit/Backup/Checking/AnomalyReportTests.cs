using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Checking;

public sealed class AnomalyReportTests
{
    private readonly List<SnapshotFile> _snapshots = [];

    [Fact]
    public void Ordinary_days_are_not_told_of()
    {
        // A first backup, then some files change and come and go, and now and then a photo is added that does not compress.
        Add(new SnapshotSummary { TotalFilesProcessed = 1000, FilesNew = 1000, TotalBytesProcessed = 1 << 30, DataAdded = 1 << 30, DataAddedPacked = 1 << 29 });
        for (int day = 0; day < 30; day++)
            Add(Day(changed: 10 + day % 7, removed: day % 3, added: day % 3 + day % 2, data: 20 << 20, packed: day % 5 == 0 ? 20 << 20 : 9 << 20));
        Assert.Empty(Find());
    }

    [Fact]
    public void Files_that_were_encrypted_where_they_are_show_as_changed_and_as_incompressible()
    {
        AddOrdinaryDays(5);
        Add(Day(changed: 900, removed: 0, added: 0, data: 900 << 20, packed: 899 << 20));
        var found = Find();
        Assert.Equal([BackupAnomalyKind.FilesChanged, BackupAnomalyKind.Incompressible], found.Select(anomaly => anomaly.Kind));
        Assert.All(found, anomaly => Assert.Equal((_snapshots[^1].Id.ToString(), true, "web1"), (anomaly.SnapshotId, anomaly.IsLatest, anomaly.Server)));
        Assert.Equal(0.9, found[0].Share, 2);
        Assert.Equal(0.01, found[0].UsualShare, 2);
        Assert.StartsWith("90 % of its files changed", found[0].Message.Replace("90%", "90 %"), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_were_encrypted_under_other_names_show_as_removed()
    {
        AddOrdinaryDays(5);
        Add(Day(changed: 0, removed: 800, added: 800, data: 800 << 20, packed: 800 << 20));
        Assert.Equal([BackupAnomalyKind.FilesRemoved, BackupAnomalyKind.Incompressible], Find().Select(anomaly => anomaly.Kind));
    }

    [Fact]
    public void A_wiped_folder_shows_with_and_without_a_parent()
    {
        AddOrdinaryDays(5);
        Add(Day(changed: 0, removed: 1000, added: 0, data: 0, packed: 0) with { TotalFilesProcessed = 0, TotalBytesProcessed = 0 });
        Assert.Equal([BackupAnomalyKind.FilesRemoved, BackupAnomalyKind.Shrunk], Find().Select(anomaly => anomaly.Kind));
        _snapshots[^1] = _snapshots[^1] with { Parent = null };
        Assert.Equal([BackupAnomalyKind.Shrunk], Find().Select(anomaly => anomaly.Kind));
    }

    [Fact]
    public void What_was_unlike_does_not_become_what_is_usual()
    {
        AddOrdinaryDays(5);
        for (int day = 0; day < 20; day++) Add(Day(changed: 700, removed: 0, added: 0, data: 700 << 20, packed: 200 << 20));
        var found = Find();
        Assert.Equal(20, found.Count);
        Assert.Single(found, anomaly => anomaly.IsLatest);
    }

    [Fact]
    public void A_server_whose_files_all_change_every_day_is_like_itself()
    {
        for (int day = 0; day < 10; day++) Add(Day(changed: 600 + day * 40, removed: 0, added: 0, data: 900 << 20, packed: 895 << 20));
        Assert.Empty(Find());
    }

    [Fact]
    public void Nothing_is_judged_by_too_little()
    {
        AddOrdinaryDays(2);
        Add(Day(changed: 900, removed: 0, added: 0, data: 900 << 20, packed: 900 << 20));
        Assert.Empty(Find());

        // Of five files three may well change at once, and backups that record nothing are no history.
        _snapshots.Clear();
        for (int day = 0; day < 5; day++) Add(new SnapshotSummary { TotalFilesProcessed = 5, TotalBytesProcessed = 1000 });
        Add(new SnapshotSummary { TotalFilesProcessed = 5, TotalBytesProcessed = 1000, FilesChanged = 4 });
        for (int day = 0; day < 5; day++) Add(null);
        Assert.Empty(Find());
    }

    [Fact]
    public void A_backup_that_reads_everything_anew_has_no_parent_and_is_not_taken_for_a_change()
    {
        AddOrdinaryDays(6);
        Add(Day(changed: 0, removed: 0, added: 1000, data: 0, packed: 0) with { TotalFilesProcessed = 1000 });
        _snapshots[^1] = _snapshots[^1] with { Parent = null };
        Assert.Empty(Find());
    }

    [Fact]
    public async Task A_test_tells_of_a_source_that_was_encrypted_between_two_backups()
    {
        using var lab = new BackupLab();
        await lab.InitializeAsync();
        for (int i = 0; i < 40; i++) lab.Write($"f{i}", TestRepository.Text(100_000, i));
        for (int run = 0; run < 4; run++)
        {
            lab.Write("f0", TestRepository.Text(1_200_000 + run, 50 + run));
            await lab.BackupWhollyAsync();
        }

        Assert.Empty((await CheckAsync(lab)).Anomalies);
        for (int i = 0; i < 40; i++) lab.Write($"f{i}", TestRepository.RandomBytes(100_000, 500 + i));
        var last = await lab.BackupWhollyAsync();
        var result = await CheckAsync(lab);
        Assert.True(result.Success);
        Assert.Equal([BackupAnomalyKind.FilesChanged, BackupAnomalyKind.Incompressible], result.Anomalies.Select(anomaly => anomaly.Kind));
        Assert.All(result.Anomalies, anomaly => Assert.Equal((last.Id, true), (anomaly.SnapshotId, anomaly.IsLatest)));
    }

    private static async Task<BackupTestResult> CheckAsync(BackupLab lab)
    {
        await using var repository = await TestRepository.OpenAsync(lab.Storage());
        return await RepositoryCheck.RunAsync(repository, new CheckOptions(), SilentActivity.Instance, default);
    }

    private IReadOnlyList<BackupAnomaly> Find() => new AnomalyReport("place").Find(_snapshots);

    private void AddOrdinaryDays(int count)
    {
        for (int day = 0; day < count; day++) Add(Day(changed: 10, removed: 1, added: 1, data: 20 << 20, packed: 9 << 20));
    }

    private static SnapshotSummary Day(int changed, int removed, int added, long data, long packed) => new()
    {
        TotalFilesProcessed = 1000 - removed + added, FilesNew = added, FilesChanged = changed, FilesUnmodified = Math.Max(0, 1000 - removed - changed),
        TotalBytesProcessed = 1 << 30, DataAdded = data, DataAddedPacked = packed,
    };

    private void Add(SnapshotSummary? summary) => _snapshots.Add(new SnapshotFile
    {
        Id = ObjectId.Of(BitConverter.GetBytes(_snapshots.Count)), Parent = _snapshots is [.., var parent] ? parent.Id : null, Tree = ObjectId.Of("tree"u8),
        Time = Rfc3339Time.From(new DateTimeOffset(2026, 1, 1, 1, 0, 0, TimeSpan.Zero).AddDays(_snapshots.Count)), HostName = "web1", Paths = ["/srv"], Summary = summary,
    });
}
