using System.Globalization;
using ProdOps.Backup.Repositories;

namespace ProdOps.Cmdlets.Drive;

/// <summary>
/// The names of snapshots in a drive: <c>2026-11-23_18-05-33</c>, by this machine's clock, since a path takes no colon. Those of one second get their ids
/// behind it. <c>latest</c>, <c>latest~1</c> and ids work as well.
/// </summary>
internal static class SnapshotNames
{
    public const string Latest = "latest";

    private const string Format = "yyyy-MM-dd_HH-mm-ss";

    /// <summary>The snapshots of one server, which are given oldest first, with their names.</summary>
    public static IEnumerable<(string Name, SnapshotFile Snapshot)> Name(IReadOnlyList<SnapshotFile> snapshots)
    {
        foreach (var same in snapshots.GroupBy(TimeName))
        {
            bool alone = same.Count() == 1;
            foreach (var snapshot in same) yield return (alone ? same.Key : $"{same.Key}_{snapshot.Id.ToShortString()}", snapshot);
        }
    }

    /// <summary>The snapshot of a name, or <see langword="null"/>.</summary>
    public static SnapshotFile? Find(IReadOnlyList<SnapshotFile> snapshots, string name)
    {
        if (TryParseLatest(name, out int back)) return back < snapshots.Count ? snapshots[^(back + 1)] : null;
        foreach (var (known, snapshot) in Name(snapshots))
        {
            if (known == name) return snapshot;
        }

        SnapshotFile[] byId = name.Length < 4 ? [] : [.. snapshots.Where(snapshot => snapshot.Id.ToString().StartsWith(name, StringComparison.Ordinal)).Take(2)];
        return byId.Length == 1 ? byId[0] : null;
    }

    private static string TimeName(SnapshotFile snapshot) =>
        snapshot.Time.ToDateTimeOffset().ToLocalTime().ToString(Format, CultureInfo.InvariantCulture);

    private static bool TryParseLatest(string name, out int back)
    {
        back = 0;
        if (name == Latest) return true;
        return name.StartsWith(Latest + "~", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(Latest.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out back);
    }
}
