namespace ProdOps.Monitoring.Store.Chunks;

/// <summary>What the samples of a while come to, which begins at so many milliseconds since 1970, UTC. There is at least one.</summary>
internal readonly record struct Rollup(long Start, long Count, double Min, double Max, double Sum, double Last)
{
    public double Mean => Sum / Count;

    public double Value(MetricFunction function) => function switch
    {
        MetricFunction.Minimum => Min,
        MetricFunction.Maximum => Max,
        MetricFunction.Last => Last,
        MetricFunction.Sum => Sum,
        MetricFunction.Count => Count,
        _ => Mean,
    };

    /// <summary>Rolls points up that are in the order of time, by whiles of so many milliseconds.</summary>
    public static void Add(ReadOnlySpan<Point> points, long width, List<Rollup> rollups)
    {
        while (points.Length > 0)
        {
            long start = points[0].Time - points[0].Time % width;
            int count = 1;
            while (count < points.Length && points[count].Time < start + width) count++;
            rollups.Add(Of(start, points[..count]));
            points = points[count..];
        }
    }

    private static Rollup Of(long start, ReadOnlySpan<Point> points)
    {
        double min = points[0].Value, max = min, sum = 0;
        int decimals = 0;
        foreach (var point in points)
        {
            min = Math.Min(min, point.Value);
            max = Math.Max(max, point.Value);
            sum += point.Value;
            decimals = Decimals.Needed(point.Value, decimals);
        }

        // The sum of 0.1 and 0.2 is 0.3, which is nearer to the truth and takes less room than what the additions left.
        return new Rollup(start, points.Length, min, max, Decimals.Round(sum, decimals), points[^1].Value);
    }
}
