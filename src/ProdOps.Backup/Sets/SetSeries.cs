using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Servers.Schedules;

namespace ProdOps.Backup.Sets;

/// <summary>
/// The snapshots of one set on one server. They are known by two tags, since a host may call itself otherwise than the environment calls it, and a
/// set's paths may change; restic sees the same tags.
/// </summary>
internal sealed class SetSeries(BackupSet set, Server server)
{
    /// <summary>How the tags of a set and of a server begin.</summary>
    public const string SetTag = "set:", ServerTag = "server:";

    /// <summary>A time in the future is a wrong clock's; what is further away than this counts for nothing.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    /// <summary>The tags of its snapshots.</summary>
    public IReadOnlyList<string> Tags { get; } = [TagOf(set), ServerTag + server.Name];

    /// <summary>The tag of all snapshots of a set.</summary>
    public static string TagOf(BackupSet set) => SetTag + set.Name;

    /// <summary>What chooses its snapshots. Of this machine's, only those that it has made itself: another one with the same file makes others.</summary>
    public SnapshotFilter Filter => new() { Tags = [Tags], Hosts = server.IsLocal ? [set.HostName ?? LocalHost.Name] : [] };

    /// <summary>Its snapshots, oldest first.</summary>
    public IReadOnlyList<SnapshotFile> Of(IEnumerable<SnapshotFile> snapshots, DateTimeOffset now)
    {
        var filter = Filter with { Before = now + Skew };
        return filter.Apply(snapshots);
    }

    /// <summary>When the newest was made in which nothing is missing, or <see langword="null"/> if there is none.</summary>
    /// <param name="series">Oldest first.</param>
    public static DateTimeOffset? FindLastComplete(IReadOnlyList<SnapshotFile> series) =>
        series.LastOrDefault(snapshot => !snapshot.IsIncomplete)?.Time.ToDateTimeOffset();

    /// <summary>When a set runs next after a moment, or <see langword="null"/> without a schedule.</summary>
    public static DateTimeOffset? NextAfter(BackupSet set, DateTimeOffset moment, TimeZoneInfo zone) =>
        set.Schedule.Select(cron => CronState.Next(cron, moment, zone)).Where(next => next is not null).Min();
}
