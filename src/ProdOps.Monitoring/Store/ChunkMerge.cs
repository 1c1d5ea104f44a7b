using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.Store;

/// <summary>Puts what came later to what was there, in the order of time.</summary>
internal static class ChunkMerge
{
    /// <summary>Of two samples of one moment the newer one stays.</summary>
    public static List<Point> Points(List<Point> old, List<Point> newer)
    {
        if (old.Count == 0) return newer;
        if (newer.Count == 0) return old;
        var merged = new List<Point>(old.Count + newer.Count);
        int i = 0;
        foreach (var point in newer)
        {
            while (i < old.Count && old[i].Time < point.Time) merged.Add(old[i++]);
            if (i < old.Count && old[i].Time == point.Time) i++;
            merged.Add(point);
        }

        while (i < old.Count) merged.Add(old[i++]);
        return merged;
    }

    /// <summary>Puts roll-ups in the place of all that begin from a moment on and before another.</summary>
    public static void Replace(List<Rollup> rollups, long from, long to, List<Rollup> with)
    {
        rollups.RemoveAll(rollup => rollup.Start >= from && rollup.Start < to);
        int at = rollups.FindIndex(rollup => rollup.Start >= to);
        rollups.InsertRange(at < 0 ? rollups.Count : at, with);
    }
}
