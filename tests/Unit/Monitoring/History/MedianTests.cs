using ProdOps.Monitoring.History;

namespace ProdOps.Monitoring.Tests.History;

public sealed class MedianTests
{
    [Fact]
    public void It_is_the_value_that_sorting_puts_in_the_middle()
    {
        var random = new Random(7);
        for (int i = 0; i < 5000; i++)
        {
            // Few different values, too: equal ones on both sides are where parting goes wrong.
            int kinds = random.Next(1, 40);
            double[] values = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => (double)random.Next(kinds))];
            Check(values);
        }

        Check([.. Enumerable.Range(0, 10_001).Select(static i => (double)i)]);
        Check([.. Enumerable.Range(0, 10_000).Select(static i => (double)-i)]);
        Check([.. Enumerable.Repeat(3.0, 10_000)]);
        Check([.. Enumerable.Range(0, 10_000).Select(static i => (double)(i % 2))]);
        Check([.. Enumerable.Range(0, 10_000).Select(static i => (double)Math.Abs(i - 5000))]);
    }

    private static void Check(double[] values)
    {
        double expected = values.Order().ElementAt(values.Length / 2);
        Assert.Equal(expected, Median.Of<double>((double[])values.Clone()));
        Assert.Equal((long)expected, Median.Of<long>([.. values.Select(static value => (long)value)]));
    }
}
