namespace ProdOps.Recovery.Timelines;

/// <summary>
/// Finds where the level of a series changes: Pettitt's test of ranks (1979, Applied Statistics 28) says whether it does and where, of both parts again. Ranks do not care for outliers. What drifts or follows from
/// the value before would often pass, so a change must also be large against the noise on both sides, and a step must describe it better than a line.
/// </summary>
/// <param name="series">How many series are looked at: of many one is odd by chance.</param>
internal sealed class ChangePoints(int series)
{
    private const int LeastSide = 5, MostSplits = 40;
    private const double Level = 0.01, LeastShift = 4, ToDeviation = 1.4826, BetterThanLine = 0.7;

    /// <summary>The changes, in the order of time.</summary>
    public IReadOnlyList<ChangePoint> Find(double[] values)
    {
        var splits = new List<int>();
        Split(values, 0, values.Length, splits);
        splits.Sort();
        // Each is judged against its neighbours, and the least clear of those that are none goes, until all are.
        while (true)
        {
            var judged = splits.Select((split, i) => Judge(values, i == 0 ? 0 : splits[i - 1], split, i + 1 == splits.Count ? values.Length : splits[i + 1])).ToList();
            if (judged.TrueForAll(change => change.IsReal)) return [.. judged.Select(change => change.Change)];
            splits.RemoveAt(judged.IndexOf(judged.Where(change => !change.IsReal).MinBy(change => change.Change.Clarity)));
        }
    }

    /// <summary>Parts at the place at which two means fit best, as long as the ranks of both sides differ.</summary>
    private void Split(double[] values, int from, int to, List<int> found)
    {
        if (to - from < 2 * LeastSide || found.Count >= MostSplits) return;
        if (Chance(values.AsSpan(from, to - from)) > Level / Math.Max(1, series)) return;
        int split = from + BestSplit(values.AsSpan(from, to - from));
        found.Add(split);
        Split(values, from, split, found);
        Split(values, split, to, found);
    }

    /// <summary>How likely it is by chance that ranks before and after some place differ so much.</summary>
    private static double Chance(ReadOnlySpan<double> values)
    {
        int count = values.Length;
        double[] ranks = Ranks(values);
        double sum = 0, largest = 0;
        for (int i = 0; i < count - 1; i++)
        {
            sum += ranks[i];
            largest = Math.Max(largest, Math.Abs((2 * sum) - ((i + 1) * (count + 1.0))));
        }

        double n = count;
        return Math.Min(1, 2 * Math.Exp(-6 * largest * largest / ((n * n * n) + (n * n))));
    }

    private static int BestSplit(ReadOnlySpan<double> values)
    {
        double all = 0, left = 0, best = double.MinValue;
        int split = LeastSide;
        foreach (double value in values) all += value;
        for (int i = 1; i <= values.Length - LeastSide; i++)
        {
            left += values[i - 1];
            if (i < LeastSide) continue;
            // The squares between the two means: the greater, the less is left around them.
            double apart = (left / i) - ((all - left) / (values.Length - i)), between = apart * apart * i * (values.Length - i);
            if (between > best) (best, split) = (between, i);
        }

        return split;
    }

    private static (ChangePoint Change, bool IsReal) Judge(double[] all, int from, int at, int to)
    {
        var values = all.AsSpan(from, to - from);
        int split = at - from;
        double before = Median(values[..split]), after = Median(values[split..]), shift = Math.Abs(after - before);
        double noise = Math.Max(Deviation(values[..split], before), Deviation(values[split..], after));
        // Values that never change but once: what is a tenth of the level is a change all the same.
        double least = Math.Max(LeastShift * noise, 0.1 * Math.Max(Math.Abs(before), Math.Abs(after)));
        bool isStep = Residual(values[..split], false) + Residual(values[split..], false) <= BetterThanLine * Residual(values, true);
        return (new ChangePoint(at, before, after, Math.Min(1e6, shift / Math.Max(noise, 1e-9))), shift > least && isStep);
    }

    /// <summary>What is left of the squares when a mean, or a line, is taken away.</summary>
    private static double Residual(ReadOnlySpan<double> values, bool line)
    {
        double n = values.Length, meanX = (n - 1) / 2, mean = 0, xy = 0, xx = 0, squares = 0;
        foreach (double value in values) mean += value / n;
        for (int i = 0; line && i < values.Length; i++)
        {
            xy += (i - meanX) * (values[i] - mean);
            xx += (i - meanX) * (i - meanX);
        }

        double slope = xx > 0 ? xy / xx : 0;
        for (int i = 0; i < values.Length; i++)
        {
            double left = values[i] - mean - (slope * (i - meanX));
            squares += left * left;
        }

        return squares;
    }

    // Equal values have the mean of their ranks.
    private static double[] Ranks(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        int[] order = [.. Enumerable.Range(0, sorted.Length)];
        Array.Sort(sorted, order);
        double[] ranks = new double[sorted.Length];
        for (int i = 0; i < sorted.Length;)
        {
            int end = i + 1;
            while (end < sorted.Length && sorted[end].Equals(sorted[i])) end++;
            for (int k = i; k < end; k++) ranks[order[k]] = (i + 1 + end) / 2.0;
            i = end;
        }

        return ranks;
    }

    private static double Deviation(ReadOnlySpan<double> values, double median)
    {
        double[] away = new double[values.Length];
        for (int i = 0; i < away.Length; i++) away[i] = Math.Abs(values[i] - median);
        return ToDeviation * Median(away);
    }

    private static double Median(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        Array.Sort(sorted);
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>A change of a level.</summary>
/// <param name="Index">The first value of the new level.</param>
/// <param name="Before">The level before, the median.</param>
/// <param name="After">The level after.</param>
/// <param name="Clarity">How large it is, in deviations of the noise.</param>
internal readonly record struct ChangePoint(int Index, double Before, double After, double Clarity);
