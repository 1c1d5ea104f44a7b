using FsCheck.Xunit;
using ProdOps.LoadBalancing.Load;

namespace ProdOps.LoadBalancing.Tests.Load;

/// <summary>Percentiles of durations.</summary>
public sealed class LatencyHistogramTests
{
    [Property]
    public void Percentiles_are_right_to_within_one_percent(long[] values)
    {
        var durations = values.Select(value => TimeSpan.FromMicroseconds(Math.Abs(value % 3_600_000_000))).Order().ToList();
        var histogram = new LatencyHistogram();
        durations.ForEach(histogram.Add);
        foreach (double share in (double[])[0, 0.01, 0.5, 0.9, 0.99, 1])
        {
            var exact = durations.Count == 0 ? TimeSpan.Zero : durations[Math.Max(1, (int)Math.Ceiling(share * durations.Count)) - 1];
            Assert.InRange(histogram.Percentile(share), exact, exact * 1.01 + TimeSpan.FromMicroseconds(1));
        }

        Assert.Equal(durations.LastOrDefault(), histogram.Maximum);
    }

    [Fact]
    public void The_longest_duration_that_there_is_has_a_place()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(TimeSpan.MaxValue);
        histogram.Add(TimeSpan.FromTicks(-1));
        Assert.Equal((TimeSpan.MaxValue, TimeSpan.Zero), (histogram.Percentile(1), histogram.Percentile(0.5)));
    }
}
