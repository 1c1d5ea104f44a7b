using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Retention;

/// <summary>
/// Applies a policy to the snapshots of one group, rule by rule and word for word as restic does (internal/data/snapshot_policy.go, ApplyPolicy).
/// </summary>
internal static class PolicyRules
{
    // Go's zero time: what restic counts back from when every snapshot is from the future.
    private static readonly Rfc3339Time Beginning = new(new UnixTime(-62_135_596_800, 0), TimeSpan.Zero);

    /// <summary>Why each snapshot is kept; the empty list for those that are not.</summary>
    /// <param name="snapshots">The group, newest first.</param>
    /// <param name="policy">The rules.</param>
    /// <param name="now">The present: snapshots after it do not count as the newest one.</param>
    /// <param name="zone">This machine's zone.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Apply(IReadOnlyList<SnapshotFile> snapshots, RetentionPolicy policy, UnixTime now, TimeZoneInfo zone)
    {
        var latest = snapshots.Select(snapshot => snapshot.Time).Where(time => time.Time.CompareTo(now) < 0).DefaultIfEmpty(Beginning).Max();
        // Unlimited counts are never used up, and none that a user can give is.
        Counted[] counted =
        [
            new(policy.Last, static (_, number) => number, "last snapshot"),
            new(policy.Hourly, static (time, _) => CalendarDate.HourOf(time), "hourly snapshot"),
            new(policy.Daily, static (time, _) => CalendarDate.DayOf(time), "daily snapshot"),
            new(policy.Weekly, static (time, _) => CalendarDate.WeekOf(time), "weekly snapshot"),
            new(policy.Monthly, static (time, _) => CalendarDate.MonthOf(time), "monthly snapshot"),
            new(policy.Yearly, static (time, _) => CalendarDate.YearOf(time), "yearly snapshot"),
        ];
        UnixTime? Begin(RetentionPeriod period) => period.IsZero ? null : period.Before(latest, zone);
        Recent[] recent =
        [
            new(Begin(policy.WithinHourly), CalendarDate.HourOf, "hourly within", policy.WithinHourly),
            new(Begin(policy.WithinDaily), CalendarDate.DayOf, "daily within", policy.WithinDaily),
            new(Begin(policy.WithinWeekly), CalendarDate.WeekOf, "weekly within", policy.WithinWeekly),
            new(Begin(policy.WithinMonthly), CalendarDate.MonthOf, "monthly within", policy.WithinMonthly),
            new(Begin(policy.WithinYearly), CalendarDate.YearOf, "yearly within", policy.WithinYearly),
        ];
        var within = Begin(policy.Within);

        var all = new List<IReadOnlyList<string>>(snapshots.Count);
        for (int number = 0; number < snapshots.Count; number++)
        {
            var snapshot = snapshots[number];
            bool isOldest = number == snapshots.Count - 1;
            var reasons = new List<string>();
            reasons.AddRange(policy.Tags.Where(tags => HasTags(snapshot, tags)).Select(tags => $"has tags [{string.Join(", ", tags)}]"));
            if (within is { } begin && snapshot.Time.Time.CompareTo(begin) > 0) reasons.Add($"within {policy.Within}");
            foreach (var rule in counted) rule.Apply(snapshot.Time, number, isOldest, reasons);
            foreach (var rule in recent) rule.Apply(snapshot.Time, isOldest, reasons);
            all.Add(reasons);
        }

        return all;
    }

    /// <summary>restic's test, in which an empty tag at once matches a snapshot without tags.</summary>
    private static bool HasTags(SnapshotFile snapshot, IReadOnlyList<string> tags)
    {
        foreach (string tag in tags)
        {
            if (tag.Length == 0 && snapshot.Tags.Count == 0) return true;
            if (!snapshot.Tags.Contains(tag, StringComparer.Ordinal)) return false;
        }

        return true;
    }

    /// <summary>The newest snapshot of each of so many hours, days …; the oldest of all as well while some are left, to reach back as far as possible.</summary>
    private sealed class Counted(int count, Func<Rfc3339Time, int, long> partOf, string reason)
    {
        private int _left = count;
        private long _last = -1;

        public void Apply(Rfc3339Time time, int number, bool isOldest, List<string> reasons)
        {
            if (_left == 0) return;
            long part = partOf(time, number);
            bool isNew = part != _last;
            if (!isNew && !isOldest) return;
            _last = part;
            if (_left > 0) _left--;
            reasons.Add(isNew ? reason : $"oldest {reason}");
        }
    }

    private sealed class Recent(UnixTime? begin, Func<Rfc3339Time, long> partOf, string reason, RetentionPeriod period)
    {
        private long _last = -1;

        public void Apply(Rfc3339Time time, bool isOldest, List<string> reasons)
        {
            if (begin is not { } first || time.Time.CompareTo(first) <= 0) return;
            long part = partOf(time);
            bool isNew = part != _last;
            if (!isNew && !isOldest) return;
            _last = part;
            reasons.Add(isNew ? $"{reason} {period}" : $"oldest {reason} {period}");
        }
    }
}
