using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.History;

/// <summary>
/// Finds where something was emptied: a fall within a few values that is out of proportion to how the values change otherwise and takes a fifth of all that they ever moved, and after which
/// the level stays lower. A peak that comes and goes is none.
/// </summary>
internal static class LevelShift
{
    // A clean-up of a quarter of an hour is three roll-ups of 5 minutes.
    private const int Steps = 3;
    private const double Unusual = 8, Share = 0.2;

    // From the median of absolute deviations to a standard deviation, for normally distributed values.
    private const double ToDeviation = 1.4826;

    /// <summary>The first point after the last such fall, and how many there are.</summary>
    /// <param name="points">The values, in the order of time.</param>
    /// <param name="upward">Whether falls are looked for; else rises, where falling is what goes on.</param>
    public static (int First, int Count) Last(IReadOnlyList<Point> points, bool upward)
    {
        if (points.Count < 2 * Steps) return (0, 0);
        double sign = upward ? 1 : -1;
        double[] values = [.. points.Select(point => sign * point.Value)];
        double least = LeastFall(values);
        int around = Math.Max(2 * Steps, values.Length / 20), first = 0, count = 0;
        for (int i = 0; i + 1 < values.Length; i++)
        {
            int bottom = Lowest(values, i + 1);
            if (values[i] - values[bottom] < least) continue;
            // One that takes longer is still one.
            while (bottom + 1 < values.Length && Lowest(values, bottom + 1) is var further && values[bottom] - values[further] >= least / 2) bottom = further;
            if (!StaysLower(values, i, bottom, around, least)) continue;
            (first, count) = (bottom, count + 1);
            i = bottom;
        }

        return (first, count);
    }

    /// <summary>The lowest of a few values.</summary>
    private static int Lowest(double[] values, int from)
    {
        int lowest = from;
        for (int i = from + 1; i < Math.Min(from + Steps, values.Length); i++) lowest = values[i] < values[lowest] ? i : lowest;
        return lowest;
    }

    private static double LeastFall(double[] values)
    {
        double[] changes = new double[values.Length - 1];
        for (int i = 0; i < changes.Length; i++) changes[i] = values[i + 1] - values[i];
        double usual = Median.Of<double>((double[])changes.Clone());
        for (int i = 0; i < changes.Length; i++) changes[i] = Math.Abs(changes[i] - usual);
        double deviation = ToDeviation * Median.Of<double>(changes);
        return Math.Max(Unusual * deviation, Math.Max(Share * (values.Max() - values.Min()), double.Epsilon));
    }

    private static bool StaysLower(double[] values, int top, int bottom, int around, double least)
    {
        double before = Median.Of<double>(values[Math.Max(0, top + 1 - around)..(top + 1)]), after = Median.Of<double>(values[bottom..Math.Min(values.Length, bottom + around)]);
        // Half of the fall: it may have risen on the way there, and rises again.
        return before - after >= least / 2;
    }
}
