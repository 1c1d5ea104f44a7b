using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Sets;

/// <summary>Measures how recent backups are, and how far apart they were.</summary>
/// <param name="now">The present.</param>
/// <param name="zone">The zone that schedules are in.</param>
internal sealed class BackupStates(DateTimeOffset now, TimeZoneInfo zone)
{
    private static readonly TimeSpan Window = TimeSpan.FromDays(30);

    /// <summary>The worst first: what is missing, what cannot be read, what is late by the most.</summary>
    public static IEnumerable<BackupState> Sort(IEnumerable<BackupState> states) => states
        .OrderBy(state => state.Standing)
        .ThenByDescending(state => state is { Age: { } age, RecoveryPoint: { Ticks: > 0 } promised } ? age / promised : 0)
        .ThenByDescending(state => state.Age)
        .ThenBy(state => state.Name, StringComparer.OrdinalIgnoreCase).ThenBy(state => state.Server, StringComparer.OrdinalIgnoreCase).ThenBy(state => state.IsCopy);

    /// <summary>The state of a set on a server in one repository.</summary>
    /// <param name="set">The set.</param>
    /// <param name="server">One of its servers.</param>
    /// <param name="repository">The repository's name.</param>
    /// <param name="promised">How old the newest may be.</param>
    /// <param name="snapshots">All snapshots of the repository.</param>
    /// <param name="location">Where the repository is.</param>
    public BackupState OfSet(BackupSet set, Server server, string repository, TimeSpan? promised, IReadOnlyList<SnapshotFile> snapshots, string location)
    {
        var series = new SetSeries(set, server).Of(snapshots, now);
        bool isCopy = !repository.Equals(set.Repository, StringComparison.OrdinalIgnoreCase);
        var due = series.Count == 0 ? (DateTimeOffset?)null : SetSeries.NextAfter(set, series[^1].Time.ToDateTimeOffset(), zone);
        return Of(set.Name, server.Name, repository, isCopy, promised, series, snapshots, location, due);
    }

    /// <summary>The state of a set in a repository that cannot be read.</summary>
    public static BackupState Unreadable(BackupSet set, Server server, string repository, TimeSpan? promised, string why) => new()
    {
        Name = set.Name,
        Server = server.Name,
        Repository = repository,
        IsCopy = !repository.Equals(set.Repository, StringComparison.OrdinalIgnoreCase),
        Standing = BackupStanding.Unreadable,
        RecoveryPoint = promised,
        MeetsObjective = false,
        Problem = why,
    };

    /// <summary>The states of all that is in a repository, by server and paths.</summary>
    public IEnumerable<BackupState> OfGroups(TimeSpan? promised, IReadOnlyList<SnapshotFile> snapshots, string location) => snapshots
        .GroupBy(SnapshotFilter.SeriesOf, StringComparer.Ordinal)
        .Select(group => Of("", group.First().HostName, location, isCopy: false, promised, [.. group], snapshots, location, dueAt: null));

    private BackupState Of(
        string name, string server, string repository, bool isCopy, TimeSpan? promised, IReadOnlyList<SnapshotFile> series, IReadOnlyList<SnapshotFile> all, string location, DateTimeOffset? dueAt)
    {
        var newest = series.Count == 0 ? null : series[^1];
        TimeSpan? age = newest is null ? null : Max(TimeSpan.Zero, now - newest.Time.ToDateTimeOffset());
        var standing = age is null ? BackupStanding.Missing : promised is null ? BackupStanding.Unpromised : age > promised ? BackupStanding.Late : BackupStanding.Met;
        return new BackupState
        {
            Name = name,
            Server = server,
            Repository = repository,
            IsCopy = isCopy,
            Standing = standing,
            Snapshot = newest is null ? null : BackupModel.ToSnapshot(newest, location),
            Age = age,
            RecoveryPoint = promised,
            MeetsObjective = standing switch { BackupStanding.Missing or BackupStanding.Late => false, BackupStanding.Met => true, _ => null },
            LargestGap = age is null ? null : FindLargestGap(series, all, age.Value),
            RecentCount = series.Count(snapshot => snapshot.Time.ToDateTimeOffset() > now - Window),
            DueAt = dueAt,
            Problem = newest is { IsIncomplete: true } ? "it is incomplete; " + BackupErrors.DescribeIncomplete(SetSeries.FindLastComplete(series), zone) : null,
        };
    }

    /// <summary>
    /// A snapshot names the one before it as its parent. If that one is not there any more, retention has thinned them out, and how far apart they were
    /// cannot be told. Copies name no parent, so that nothing can be told of them.
    /// </summary>
    private TimeSpan? FindLargestGap(IReadOnlyList<SnapshotFile> series, IReadOnlyList<SnapshotFile> all, TimeSpan age)
    {
        if (series.Any(snapshot => snapshot.Original is not null && snapshot.Parent is null)) return null;
        var known = all.Select(snapshot => snapshot.Id).ToHashSet();
        var largest = age;
        for (int i = 1; i < series.Count; i++)
        {
            var time = series[i].Time.ToDateTimeOffset();
            if (time <= now - Window || (series[i].Parent is { } parent && !known.Contains(parent))) continue;
            largest = Max(largest, time - series[i - 1].Time.ToDateTimeOffset());
        }

        return largest;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
