using System.Globalization;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Retention;

/// <summary>
/// Finds snapshots that must not push others out: who may only add to a repository can still add empty ones, or ones with forged times, until a policy
/// removes everything else. A broken backup (a disk that was not mounted, a folder that may not be read any more) does the same by accident.
/// </summary>
internal sealed class SnapshotSuspicion(RetentionGuard guards, DateTimeOffset now)
{
    // Clocks go wrong by minutes; the run between a snapshot's time and its file takes hours, a copy to another place is made within a day.
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1), Delay = TimeSpan.FromDays(1);

    // Less than a tenth of what was usual.
    private const int UsualCount = 5, Shrinkage = 10, FewFiles = 10;
    private const long FewBytes = 1 << 20;

    /// <summary>Why a snapshot counts for no rule, for each that does not.</summary>
    /// <param name="group">One group, newest first.</param>
    public Dictionary<ObjectId, string> Find(IReadOnlyList<RetentionCandidate> group)
    {
        var found = new Dictionary<ObjectId, string>();
        var times = group.ToDictionary(candidate => candidate.Snapshot.Id, candidate => candidate.Snapshot.Time);
        // Oldest first: a size is compared with those before it that are beyond suspicion.
        var good = new List<SnapshotSummary>();
        foreach (var candidate in group.Reverse())
        {
            string? reason = FindFuture(candidate) ?? FindForgedTime(candidate, times) ?? FindEmpty(candidate, good) ?? FindIncomplete(candidate);
            if (reason is not null) found.Add(candidate.Snapshot.Id, reason);
            else if (candidate.Snapshot.Summary is { } summary) good.Add(summary);
        }

        return found;
    }

    private string? FindFuture(RetentionCandidate candidate) =>
        guards.HasFlag(RetentionGuard.Future) && candidate.Snapshot.Time.ToDateTimeOffset() > now + Skew ? "its time lies in the future" : null;

    private string? FindForgedTime(RetentionCandidate candidate, Dictionary<ObjectId, Rfc3339Time> times)
    {
        if (!guards.HasFlag(RetentionGuard.Time)) return null;
        var snapshot = candidate.Snapshot;
        var time = snapshot.Time.ToDateTimeOffset();
        if (snapshot.Parent is { } parent && times.TryGetValue(parent, out var parentTime) && parentTime.CompareTo(snapshot.Time) > 0)
            return $"it claims to be older than its parent {parent.ToShortString()}";
        if (snapshot.Summary is { Start: var start } && start != default && (start.ToDateTimeOffset() - time).Duration() > Delay)
            return $"its time is not that of the run that made it, {Format(start.ToDateTimeOffset())}";
        if (candidate.Written is not { } written) return null;
        if (time > written + Skew) return $"its time is after its file was written, {Format(written)}";
        var duration = snapshot.Summary is { } summary ? summary.End.ToDateTimeOffset() - summary.Start.ToDateTimeOffset() : TimeSpan.Zero;
        return written - time > Delay + (duration > TimeSpan.Zero ? duration : TimeSpan.Zero) ? $"its file was written only on {Format(written)}" : null;
    }

    private string? FindEmpty(RetentionCandidate candidate, List<SnapshotSummary> before)
    {
        if (!guards.HasFlag(RetentionGuard.Empty)) return null;
        if (candidate.IsEmpty == true) return "it holds no file";
        if (candidate.Snapshot.Summary is not { } summary) return null;
        if (summary.TotalFilesProcessed == 0) return "it holds no file";
        if (before.Count == 0) return null;
        long files = Usual(before, past => past.TotalFilesProcessed), bytes = Usual(before, past => past.TotalBytesProcessed);
        if (HasShrunk(summary.TotalFilesProcessed, files, FewFiles))
            return string.Create(CultureInfo.InvariantCulture, $"it holds {summary.TotalFilesProcessed} files where those before it hold {files}");
        return HasShrunk(summary.TotalBytesProcessed, bytes, FewBytes)
            ? $"it holds {ByteSize.Format(summary.TotalBytesProcessed)} where those before it hold {ByteSize.Format(bytes)}"
            : null;
    }

    private string? FindIncomplete(RetentionCandidate candidate) =>
        guards.HasFlag(RetentionGuard.Incomplete) && candidate.Snapshot.IsIncomplete ? "it is incomplete" : null;

    private static bool HasShrunk(long value, long usual, long few) => usual - value >= few && value < usual / Shrinkage;

    private static long Usual(List<SnapshotSummary> before, Func<SnapshotSummary, long> value)
    {
        long[] last = [.. before.TakeLast(UsualCount).Select(value).Order()];
        return last[last.Length / 2];
    }

    private static string Format(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
