using ProdOps.Monitoring.Rules;

namespace ProdOps.Monitoring.Tests.Rules;

public sealed class SampleWindowTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30), Length = TimeSpan.FromMinutes(10);

    [Fact]
    public void Mean_extremes_increase_and_change_are_those_of_the_samples_in_the_window_for_years()
    {
        var random = new Random(7);
        var all = new List<(long Ticks, double Value)>();
        var windows = new[] { HealthFunction.Average, HealthFunction.Minimum, HealthFunction.Maximum, HealthFunction.Increase }.Select(function => new SampleWindow(function, Length, Interval)).ToArray();
        long now = 0;
        for (int i = 0; i < 20_000; i++)
        {
            now += random.Next(10) == 0 ? TimeSpan.FromSeconds(random.Next(1, 900)).Ticks : Interval.Ticks;
            double value = random.Next(4) == 0 ? random.NextDouble() * 1e9 : random.Next(3);
            foreach (var window in windows) window.Add(now, value);
            all.Add((now, value));
            if (i % 7 != 0) continue;
            var inside = all.TakeLast(100).Where(sample => sample.Ticks >= now - Length.Ticks).ToList();
            Assert.Equal(inside.Count, windows[0].Count);
            Assert.Equal(inside.Average(sample => sample.Value), windows[0].Mean, Math.Max(1e-6, 1e-9 * inside.Max(sample => sample.Value)));
            Assert.Equal(inside.Min(sample => sample.Value), windows[1].Extreme);
            Assert.Equal(inside.Max(sample => sample.Value), windows[2].Extreme);
            Assert.Equal(inside[^1].Value - inside[0].Value, windows[0].Change);
            double increase = inside.Zip(inside.Skip(1)).Sum(pair => pair.Second.Value >= pair.First.Value ? pair.Second.Value - pair.First.Value : pair.Second.Value);
            Assert.Equal(increase, windows[3].Increase, Math.Max(1e-4, 1e-9 * increase));
        }
    }

    [Fact]
    public void Long_windows_are_thinned_and_keep_their_peaks()
    {
        var maximum = new SampleWindow(HealthFunction.Maximum, TimeSpan.FromDays(1), TimeSpan.FromSeconds(1));
        var mean = new SampleWindow(HealthFunction.Average, TimeSpan.FromDays(1), TimeSpan.FromSeconds(1));
        for (int i = 0; i < 100_000; i++)
        {
            maximum.Add(i * TimeSpan.TicksPerSecond, i == 50_000 ? 99 : i % 10);
            mean.Add(i * TimeSpan.TicksPerSecond, i % 10);
        }

        Assert.Equal(99, maximum.Extreme);
        Assert.InRange(maximum.Count, SampleWindow.Points - 10, 2 * SampleWindow.Points);
        Assert.Equal(4.5, mean.Mean, 0.1);
        Assert.Equal(1, mean.Coverage, 0.01);
    }

    [Fact]
    public void In_a_thinned_window_a_counter_that_starts_again_counts_as_it_comes_and_as_it_goes()
    {
        // A point stands for eight samples, and in most of them the counter starts again.
        var length = TimeSpan.FromDays(1);
        var window = new SampleWindow(HealthFunction.Increase, length, Interval);
        long samples = length.Ticks / Interval.Ticks;
        for (int i = 0; i < 5 * samples; i++)
        {
            window.Add(i * Interval.Ticks, i % 13);
            if (i > samples && i % 101 == 0) Assert.InRange(window.Increase, (samples - 20) * 12.0 / 13, (samples + 20) * 12.0 / 13);
        }
    }

    [Fact]
    public void A_window_with_gaps_is_not_covered()
    {
        var window = new SampleWindow(HealthFunction.Average, Length, Interval);
        window.Add(0, 1);
        window.Add(TimeSpan.FromMinutes(9).Ticks, 1);
        Assert.Equal(75.0 / 600, window.Coverage, 6);
        for (int i = 1; i <= 20; i++) window.Add(TimeSpan.FromMinutes(9).Ticks + (i * Interval.Ticks), 1);
        Assert.Equal(1, window.Coverage, 6);
    }

    [Fact]
    public void When_the_clock_was_set_the_window_begins_anew()
    {
        var window = new SampleWindow(HealthFunction.Average, Length, Interval);
        for (int i = 0; i <= 20; i++) window.Add(i * Interval.Ticks, 1000);
        Assert.Equal(1, window.Coverage, 6);
        window.Add(3 * Interval.Ticks, 1);
        window.Add(3 * Interval.Ticks, 2);
        Assert.Equal((1, 1, 0), (window.Count, window.Mean, window.Coverage));
        window.Add(TimeSpan.FromDays(1900).Ticks, 3);
        Assert.Equal((1, 3, 0), (window.Count, window.Mean, window.Coverage));
    }

    [Fact]
    public void Percentiles_are_of_the_nearest_rank()
    {
        var window = new SampleWindow(HealthFunction.Percentile, TimeSpan.FromHours(1), Interval);
        for (int i = 1; i <= 100; i++) window.Add(i * Interval.Ticks, i);
        Assert.Equal(95, window.Percentile(95), 1.0);
        Assert.Equal(100, window.Percentile(100));
        Assert.Equal(1, window.Percentile(0));
    }
}
