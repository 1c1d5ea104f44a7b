using ProdOps.Recovery.Timelines;

namespace ProdOps.Recovery.Tests.Timelines;

public sealed class ChangePointsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public void A_step_is_found_where_it_is(int noise)
    {
        var random = new Random(noise);
        for (int round = 0; round < 50; round++)
        {
            int at = random.Next(30, 90);
            double[] values = [.. Enumerable.Range(0, 120).Select(i => (i < at ? 50 : 50 + (10.0 * noise)) + (noise * Normal(random)))];
            var change = Assert.Single(new ChangePoints(100).Find(values));
            Assert.InRange(change.Index, at - 1, at + 1);
            Assert.True(change.After > change.Before);
        }
    }

    [Fact]
    public void Noise_drifts_walks_and_single_peaks_are_hardly_ever_changes()
    {
        var random = new Random(20261127);
        int noise = 0, correlated = 0, drifts = 0, walks = 0, peaks = 0;
        const int Rounds = 300;
        for (int round = 0; round < Rounds; round++)
        {
            var finder = new ChangePoints(1);
            noise += finder.Find([.. Enumerable.Range(0, 120).Select(_ => Normal(random))]).Count;
            double last = 0, walk = 50;
            correlated += finder.Find([.. Enumerable.Range(0, 120).Select(_ => last = (0.7 * last) + Normal(random))]).Count;
            drifts += finder.Find([.. Enumerable.Range(0, 120).Select(i => 50 + (0.2 * i) + Normal(random))]).Count;
            walks += finder.Find([.. Enumerable.Range(0, 120).Select(_ => walk += Normal(random))]).Count;
            peaks += finder.Find([.. Enumerable.Range(0, 120).Select(i => i is 50 or 51 ? 500 : 10 + Normal(random))]).Count;
        }

        Assert.Equal(0, noise);
        Assert.Equal(0, drifts);
        Assert.Equal(0, peaks);
        Assert.InRange(correlated, 0, Rounds / 100);
        // A walk stays where it went: some of its ways look like steps, and few do.
        Assert.InRange(walks, 0, Rounds / 5);
    }

    [Fact]
    public void Several_steps_are_found_and_few_values_say_nothing()
    {
        double[] values = [.. Enumerable.Range(0, 150).Select(i => (i < 50 ? 1 : i < 100 ? 9 : 4) + (0.01 * (i % 3)))];
        Assert.Equal([50, 100], new ChangePoints(10).Find(values).Select(change => change.Index));
        Assert.Empty(new ChangePoints(1).Find([]));
        Assert.Empty(new ChangePoints(1).Find([1, 1, 1, 9, 9, 9]));
        Assert.Empty(new ChangePoints(1).Find([.. Enumerable.Repeat(5.0, 100)]));
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
