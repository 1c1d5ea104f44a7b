using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Growth;

/// <summary>Sums up what backups added. No I/O, and no number that nobody recorded or worked out.</summary>
internal sealed class GrowthReport
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7), Month = TimeSpan.FromDays(30), Shortest = TimeSpan.FromDays(1);

    private readonly IReadOnlyList<SnapshotFile> _snapshots;
    private readonly IReadOnlyList<BackupContribution> _contributions;
    private readonly Dictionary<string, BackupContribution> _computed;
    private readonly DateTimeOffset _now;
    private readonly TimeZoneInfo _zone;

    private GrowthReport(IReadOnlyList<SnapshotFile> snapshots, IReadOnlyList<BackupContribution> contributions, TimeProvider time)
    {
        _snapshots = snapshots;
        _contributions = contributions;
        _computed = contributions.ToDictionary(contribution => contribution.SnapshotId, StringComparer.Ordinal);
        _now = time.GetUtcNow();
        _zone = time.LocalTimeZone;
    }

    /// <param name="snapshots">All of a repository's, oldest first.</param>
    /// <param name="contributions">What was worked out of them, if it was.</param>
    /// <param name="freeSpace">Free bytes at the place, if it tells.</param>
    /// <param name="time">The clock and the zone of the days.</param>
    public static BackupGrowth Create(
        IReadOnlyList<SnapshotFile> snapshots, IReadOnlyList<BackupContribution> contributions, long? freeSpace, TimeProvider time) =>
        new GrowthReport(snapshots, contributions, time).Create(freeSpace);

    private BackupGrowth Create(long? freeSpace)
    {
        var month = Since(Month);
        long? perDay = FindRate(month);
        return new BackupGrowth
        {
            Source = FindSource(month),
            AddedLast7Days = _snapshots.Count == 0 ? null : Sum(Since(Week)),
            AddedLast30Days = _snapshots.Count == 0 ? null : Sum(month),
            AddedPerDay = perDay,
            DaysUntilFull = freeSpace is { } free && perDay is > 0 and { } rate ? Math.Round((double)free / rate, 1) : null,
            Days = month.GroupBy(snapshot => TimeZoneInfo.ConvertTime(TimeOf(snapshot), _zone).Date).Select(day => new BackupGrowthDay
            {
                Date = new DateTimeOffset(day.Key, _zone.GetUtcOffset(day.Key)), BackupCount = day.Count(), AddedSize = Sum(day),
            }).ToArray(),
            Backups = _contributions,
        };
    }

    /// <summary>The first backup of a server's paths is no growth, and what the last month holds may be no month's.</summary>
    private long? FindRate(List<SnapshotFile> month)
    {
        if (_snapshots.Count == 0) return null;
        var history = _now - TimeOf(_snapshots[0]);
        var span = history < Month ? history : Month;
        if (span < Shortest) return null;
        var oldest = _snapshots.GroupBy(SnapshotFilter.SeriesOf).Select(group => group.First()).ToList();
        // One with a parent was not the first: those before it were removed.
        var firsts = oldest.Where(snapshot => snapshot.Parent is null).Select(snapshot => snapshot.Id).ToHashSet();
        var later = month.Where(snapshot => !firsts.Contains(snapshot.Id)).ToList();
        // One backup tells nothing of how the next ones grow.
        return _snapshots.Count > firsts.Count && Sum(later) is { } sum ? (long)(sum / span.TotalDays) : null;
    }

    private BackupGrowthSource FindSource(List<SnapshotFile> month)
    {
        int recorded = month.Count(snapshot => snapshot.Summary is not null), known = month.Count(snapshot => AddedBy(snapshot) is not null);
        if (month.Count == 0 || known == 0) return BackupGrowthSource.Unknown;
        if (known < month.Count) return BackupGrowthSource.Incomplete;
        return recorded == known ? BackupGrowthSource.Recorded : BackupGrowthSource.Computed;
    }

    /// <summary>A backup whose clock was ahead belongs to no day yet.</summary>
    private List<SnapshotFile> Since(TimeSpan span) => [.. _snapshots.Where(snapshot => TimeOf(snapshot) > _now - span && TimeOf(snapshot) <= _now)];

    private long? Sum(IEnumerable<SnapshotFile> snapshots)
    {
        long sum = 0;
        foreach (var snapshot in snapshots)
        {
            if (AddedBy(snapshot) is not { } added) return null;
            sum += added;
        }

        return sum;
    }

    private long? AddedBy(SnapshotFile snapshot) => snapshot.Summary?.DataAddedPacked ?? _computed.GetValueOrDefault(snapshot.Id.ToString())?.AddedSize;

    private static DateTimeOffset TimeOf(SnapshotFile snapshot) => snapshot.Time.ToDateTimeOffset();
}
