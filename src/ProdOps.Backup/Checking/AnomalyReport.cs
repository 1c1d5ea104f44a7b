using ProdOps.Backup.Browsing;
using System.Globalization;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Compares what each backup recorded of itself with those of the same server and paths before it. No I/O. A backup that recorded nothing (restic before 0.17) is
/// not judged, and one is judged only by at least three before it, those left out that were found unlike themselves: who encrypts a little more every day changes nothing in what is usual.
/// </summary>
internal sealed class AnomalyReport(string repository)
{
    private const int HistoryCount = 10, Fewest = 3;

    // A few files change by half all the time, and a few bytes are no sample.
    private const long FewFiles = 10, FewBytes = 1 << 20;

    // A quarter of all files at once, and five times what is usual, is no day's work.
    private const double LargeShare = 0.25, Jump = 5;

    // Text leaves a third, binaries half; what leaves nearly all of it is compressed, or encrypted.
    private const double Incompressible = 0.95, Compressible = 0.8, TouchedShare = 0.1;

    private readonly List<BackupAnomaly> _found = [];

    /// <param name="snapshots">All of a repository's snapshots.</param>
    public IReadOnlyList<BackupAnomaly> Find(IEnumerable<SnapshotFile> snapshots)
    {
        var all = snapshots.ToList();
        var byId = all.ToDictionary(snapshot => snapshot.Id);
        foreach (var group in all.OrderBy(snapshot => snapshot.Time).ThenBy(snapshot => snapshot.Id).GroupBy(SnapshotFilter.SeriesOf)) FindIn([.. group], byId);
        return [.. _found.OrderBy(anomaly => anomaly.Time).ThenBy(anomaly => anomaly.SnapshotId, StringComparer.Ordinal).ThenBy(anomaly => anomaly.Kind)];
    }

    private void FindIn(List<SnapshotFile> group, Dictionary<ObjectId, SnapshotFile> byId)
    {
        var usual = new List<Facts>();
        foreach (var snapshot in group)
        {
            if (snapshot.Summary is not { } summary) continue;
            var parent = snapshot.Parent is { } id ? byId.GetValueOrDefault(id)?.Summary : null;
            var facts = Facts.Of(summary, parent);
            int before = _found.Count;
            if (usual.Count >= Fewest) Judge(snapshot, facts, usual.TakeLast(HistoryCount).ToList(), snapshot == group[^1]);
            if (_found.Count == before) usual.Add(facts);
        }
    }

    private void Judge(SnapshotFile snapshot, Facts facts, List<Facts> history, bool isLatest)
    {
        if (Jumps(facts.Changed, history, past => past.Changed, out double changed) && facts.ChangedCount >= FewFiles)
            Add(BackupAnomalyKind.FilesChanged, facts.Changed!.Value, changed, $"{Percent(facts.Changed.Value)} of its files changed, where {Percent(changed)} are usual");
        if (Jumps(facts.Removed, history, past => past.Removed, out double removed) && facts.RemovedCount >= FewFiles)
            Add(BackupAnomalyKind.FilesRemoved, facts.Removed!.Value, removed, $"{Percent(facts.Removed.Value)} of the files before are gone, where {Percent(removed)} are usual");

        double bytes = Median(history.Select(past => (double)past.Bytes));
        if (facts.Bytes < bytes / 2 && bytes - facts.Bytes >= FewBytes)
            Add(BackupAnomalyKind.Shrunk, facts.Bytes / bytes, 1, $"it holds {ByteSize.Format(facts.Bytes)}, where {ByteSize.Format((long)bytes)} are usual");

        var ratios = history.Where(past => past.Ratio is not null).Select(past => past.Ratio!.Value).ToList();
        if (facts.Ratio >= Incompressible && facts.Touched >= TouchedShare && ratios.Count >= Fewest && Median(ratios) is var ratio and <= Compressible)
            Add(BackupAnomalyKind.Incompressible, facts.Ratio.Value, ratio, $"its new data compresses to {Percent(facts.Ratio.Value)}, as encrypted data does, where {Percent(ratio)} are usual");

        void Add(BackupAnomalyKind kind, double share, double usual, string message) => _found.Add(new BackupAnomaly
        {
            SnapshotId = snapshot.Id.ToString(), Time = snapshot.Time.ToDateTimeOffset(), Server = snapshot.HostName, Kind = kind, Share = share, UsualShare = usual,
            IsLatest = isLatest, Message = message, Repository = repository,
        });
    }

    private static bool Jumps(double? share, List<Facts> history, Func<Facts, double?> value, out double usual)
    {
        var known = history.Select(value).OfType<double>().ToList();
        usual = known.Count == 0 ? 0 : Median(known);
        return known.Count >= Fewest - 1 && share >= LargeShare && share >= usual * Jump;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static string Percent(double share) => share.ToString("P0", CultureInfo.InvariantCulture);

    /// <summary>What one backup says of itself. Without its parent nothing is known of changes: then every file counts as new.</summary>
    private sealed record Facts(long Bytes, long ChangedCount, double? Changed, long RemovedCount, double? Removed, double Touched, double? Ratio)
    {
        public static Facts Of(SnapshotSummary summary, SnapshotSummary? parent)
        {
            double? changed = null, removed = null;
            long gone = 0;
            if (parent is { TotalFilesProcessed: > 0 })
            {
                gone = Math.Max(0, parent.TotalFilesProcessed + summary.FilesNew - summary.TotalFilesProcessed);
                changed = (double)summary.FilesChanged / parent.TotalFilesProcessed;
                removed = (double)gone / parent.TotalFilesProcessed;
            }

            double touched = (double)(summary.FilesNew + summary.FilesChanged) / Math.Max(1, summary.TotalFilesProcessed);
            double? ratio = summary.DataAdded >= FewBytes ? (double)summary.DataAddedPacked / summary.DataAdded : null;
            return new Facts(summary.TotalBytesProcessed, summary.FilesChanged, changed, gone, removed, touched, ratio);
        }
    }
}
