using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Growth;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Browsing;

public sealed class GrowthTests
{
    private const long Gigabyte = 1L << 30;

    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_backup_is_counted_as_added_but_not_as_growth()
    {
        var growth = Report([Backup(20, 100 * Gigabyte), .. Enumerable.Range(0, 20).Select(i => Backup(19 - i, Gigabyte, parent: true))], free: 50 * Gigabyte);
        Assert.Equal((BackupGrowthSource.Recorded, 7 * Gigabyte, 120 * Gigabyte), (growth.Source, growth.AddedLast7Days, growth.AddedLast30Days));
        Assert.Equal(Gigabyte, growth.AddedPerDay);
        Assert.Equal(50, growth.DaysUntilFull);
        Assert.Equal(21, growth.Days.Count);
        Assert.Equal((1, 100 * Gigabyte), (growth.Days[0].BackupCount, growth.Days[0].AddedSize));
    }

    [Fact]
    public void Backups_before_the_last_thirty_days_say_nothing_of_the_present_rate()
    {
        var growth = Report([Backup(90, 100 * Gigabyte), Backup(60, 70 * Gigabyte, parent: true), Backup(15, 3 * Gigabyte, parent: true)], free: 10 * Gigabyte);
        Assert.Equal(3 * Gigabyte, growth.AddedLast30Days);
        Assert.Equal(0L, growth.AddedLast7Days);
        Assert.Equal(3 * Gigabyte / 30, growth.AddedPerDay);
        Assert.Equal(100, growth.DaysUntilFull);
    }

    [Fact]
    public void A_first_backup_that_was_removed_does_not_make_the_next_one_the_first()
    {
        var growth = Report([Backup(10, 5 * Gigabyte, parent: true), Backup(5, 5 * Gigabyte, parent: true)], free: null);
        Assert.Equal(Gigabyte, growth.AddedPerDay);
    }

    [Fact]
    public void What_is_not_known_is_nothing_and_never_a_guess()
    {
        var none = Report([], free: Gigabyte);
        Assert.Equal((BackupGrowthSource.Unknown, null, null, null, null), (none.Source, none.AddedLast7Days, none.AddedLast30Days, none.AddedPerDay, none.DaysUntilFull));

        // One backup alone, a history of hours, a place that does not tell, and backups that record nothing.
        Assert.Null(Report([Backup(10, Gigabyte)], Gigabyte).AddedPerDay);
        Assert.Null(Report([Backup(0.2, Gigabyte), Backup(0.1, Gigabyte, parent: true)], Gigabyte).DaysUntilFull);
        Assert.Null(Report([Backup(10, Gigabyte), Backup(1, Gigabyte, parent: true)], free: null).DaysUntilFull);
        var partly = Report([Backup(10, Gigabyte), Backup(9, null, parent: true), Backup(1, 5, parent: true)], Gigabyte);
        Assert.Equal((BackupGrowthSource.Incomplete, 5L, null, null, null), (partly.Source, partly.AddedLast7Days, partly.AddedLast30Days, partly.AddedPerDay, partly.DaysUntilFull));
        Assert.Equal([Gigabyte, null, 5L], partly.Days.Select(day => day.AddedSize));
        Assert.Equal(BackupGrowthSource.Unknown, Report([Backup(10, null), Backup(9, null, parent: true)], Gigabyte).Source);
    }

    [Fact]
    public void A_repository_to_which_nothing_is_added_is_never_full()
    {
        var growth = Report([Backup(10, Gigabyte), Backup(5, 0, parent: true)], Gigabyte);
        Assert.Equal(0L, growth.AddedPerDay);
        Assert.Null(growth.DaysUntilFull);
    }

    [Fact]
    public void A_backup_from_a_clock_that_is_ahead_belongs_to_no_day_yet()
    {
        var growth = Report([Backup(10, Gigabyte), Backup(5, 0, parent: true), Backup(-3, Gigabyte, parent: true)], Gigabyte);
        Assert.Equal(0L, growth.AddedLast7Days);
        Assert.Equal(2, growth.Days.Count);
    }

    [Fact]
    public async Task What_is_worked_out_is_what_the_backups_recorded_and_names_the_largest_paths()
    {
        using var lab = new BackupLab();
        await lab.InitializeAsync();
        for (int i = 0; i < 15; i++) lab.Write($"small/f{i}", TestRepository.RandomBytes(1000 + i, i));
        lab.Write("large/one", TestRepository.RandomBytes(200_000, 100));
        await lab.BackupWhollyAsync();
        lab.Write("large/two", TestRepository.RandomBytes(300_000, 101));
        lab.Write("copy/of/one", TestRepository.RandomBytes(200_000, 100));
        await lab.BackupWhollyAsync();

        await using var repository = await TestRepository.OpenAsync(lab.Storage());
        var growth = (await BackupModel.DescribeAsync(repository, SilentActivity.Instance, default, detailed: true)).Growth;
        Assert.Equal(2, growth.Backups.Count);
        Assert.All(growth.Backups, backup => Assert.Equal(backup.RecordedSize, backup.AddedSize));
        Assert.Equal(BackupGrowthSource.Recorded, growth.Source);

        var (first, second) = (growth.Backups[0], growth.Backups[1]);
        Assert.Equal(10, first.Files.Count);
        Assert.Equal((lab.Source + "/large/one", 200_000L), (first.Files[0].Path, first.Files[0].Size));
        Assert.InRange(first.Files[0].AddedSize, 200_000, 200_100);
        Assert.Equal((lab.Source + "/small", 15L), (first.Folders[1].Path, first.Folders[1].FileCount));
        // The copy of a file adds nothing.
        Assert.Equal(lab.Source + "/large/two", Assert.Single(second.Files).Path);
        Assert.Equal(lab.Source + "/large", Assert.Single(second.Folders).Path);
    }

    private static BackupGrowth Report(IReadOnlyList<SnapshotFile> snapshots, long? free)
    {
        var time = new FakeTimeProvider(Now);
        return GrowthReport.Create(snapshots, [], free, time);
    }

    private static SnapshotFile Backup(double daysAgo, long? added, bool parent = false) => new()
    {
        Id = ObjectId.Of(BitConverter.GetBytes(daysAgo)), Time = Rfc3339Time.From(Now - TimeSpan.FromDays(daysAgo)), Tree = ObjectId.Of("tree"u8), HostName = "web1", Paths = ["/srv"],
        Parent = parent ? ObjectId.Of("parent"u8) : null,
        Summary = added is { } bytes ? new SnapshotSummary { DataAddedPacked = bytes } : null,
    };
}
