using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.Tests.History;

/// <summary>What is forecast of series whose truth is known.</summary>
public sealed class ForecasterTests
{
    private const int Step = 300_000, Week = 2016;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_interval_holds_the_truth_in_95_of_100_cases(int seed)
    {
        var random = new Random(seed);
        int held = 0, told = 0;
        const int Cases = 500;
        for (int i = 0; i < Cases; i++)
        {
            // 60 % at the beginning, a rise of 6 to 14 points in the week, and noise of up to two points.
            double perStep = (6 + (8 * random.NextDouble())) / Week, noise = 0.1 + (1.9 * random.NextDouble());
            var forecast = Of(Series(Week / 6, step => 60 + (6 * perStep * step) + (noise * Normal(random)), 6 * Step), 90);
            var truth = Start.AddMilliseconds(Step * 30 / perStep);
            if (forecast.Confidence == ForecastConfidence.None) continue;
            told++;
            Assert.True(forecast.Earliest <= forecast.Reached && (forecast.Latest is null || forecast.Latest >= forecast.Reached));
            held += forecast.Earliest <= truth && !(forecast.Latest < truth) ? 1 : 0;
        }

        Assert.InRange(told, Cases * 9 / 10, Cases);
        Assert.InRange((double)held / told, 0.93, 0.985);
    }

    [Fact]
    public void Noise_that_lasts_does_not_pass_for_certainty()
    {
        var random = new Random(3);
        int held = 0, told = 0;
        for (int i = 0; i < 200; i++)
        {
            // Each value keeps nine tenths of what the one before was off by.
            double off = 0;
            double perStep = 12.0 / Week;
            var forecast = Of(Series(Week / 2, step => 60 + (2 * perStep * step) + (off = (0.9 * off) + (0.3 * Normal(random))), 2 * Step), 90);
            var truth = Start.AddMilliseconds(Step * 30 / perStep);
            if (forecast.Confidence == ForecastConfidence.None) continue;
            told++;
            held += forecast.Earliest <= truth && !(forecast.Latest < truth) ? 1 : 0;
        }

        Assert.InRange((double)held / told, 0.9, 1);
    }

    [Theory]
    [InlineData(1e80)]
    [InlineData(1e97)]
    [InlineData(1e160)]
    [InlineData(1e300)]
    public void Values_that_nobody_can_reckon_with_are_said_to_be_such(double scale)
    {
        var forecast = Of(Series(Week, step => scale * (70 + (10.0 * step / Week))), 90 * scale);
        Assert.Equal((ForecastConfidence.None, "Its values are too great to reckon with."), (forecast.Confidence, forecast.Message));
    }

    [Fact]
    public void A_line_is_followed_to_the_limit()
    {
        var forecast = Of(Series(Week, step => 70 + (10.0 * step / Week)), 90);
        Assert.Equal(ForecastConfidence.High, forecast.Confidence);
        Assert.Equal(10.0 / 7, forecast.PerDay, 3);
        Assert.Equal(1, forecast.Fit, 6);
        Assert.InRange((forecast.Reached!.Value - Start.AddDays(14)).Duration(), TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.InRange((forecast.Latest!.Value - forecast.Earliest!.Value).Duration(), TimeSpan.Zero, TimeSpan.FromMinutes(5));
        Assert.Equal("", forecast.Message);
    }

    [Fact]
    public void What_runs_out_is_followed_downwards()
    {
        var forecast = Of(Series(Week, step => 5e11 - (2e8 * step)), 1e10, upward: false);
        Assert.Equal(ForecastConfidence.High, forecast.Confidence);
        Assert.InRange((forecast.Reached!.Value - Start.AddMilliseconds(Step * 4.9e11 / 2e8)).Duration(), TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("flat")]
    [InlineData("noise")]
    [InlineData("daily")]
    [InlineData("sawtooth")]
    [InlineData("few")]
    [InlineData("short")]
    [InlineData("nothing")]
    public void Where_there_is_no_line_nothing_is_guessed(string kind)
    {
        var random = new Random(5);
        var points = kind switch
        {
            "flat" => Series(Week, _ => 42),
            "noise" => Series(Week, _ => 50 + (5 * Normal(random))),
            "daily" => Series(Week, step => 50 + (20 * Math.Sin(step * Math.Tau / 288))),
            "sawtooth" => Series(Week, step => 50 + (step % 288 * 0.1)).Take(Week - 281).ToList(),
            "few" => Series(8, step => 50 + step, Step * 252),
            "short" => Series(Week / 2, step => 50 + (0.01 * step)),
            _ => [],
        };
        var forecast = Forecaster.Of(Asked(90, kind == "sawtooth" ? points.Count : Week), points, upward: true);
        Assert.Equal((ForecastConfidence.None, (DateTimeOffset?)null, (DateTimeOffset?)null), (forecast.Confidence, forecast.Reached, forecast.Latest));
        Assert.NotEqual("", forecast.Message);
    }

    [Fact]
    public void What_was_before_somebody_cleaned_up_does_not_count()
    {
        var random = new Random(7);
        // Until the middle it rises fast; then it falls within a quarter of an hour, and rises slowly.
        var points = Series(Week, step => (step < 900 ? 60 + (0.03 * step) : step == 900 ? 70 : step == 901 ? 55 : 40 + (0.01 * (step - 902))) + (0.05 * Normal(random)));
        var forecast = Of(points, 90);
        Assert.Equal(0.01 * 288, forecast.PerDay, 1);
        Assert.InRange(forecast.From, Start.AddMilliseconds(902L * Step), Start.AddMilliseconds(905L * Step));
        Assert.EndsWith("it was emptied then.", forecast.Message, StringComparison.Ordinal);
        Assert.InRange((forecast.Reached!.Value - Start.AddMilliseconds(Step * (902 + 5000.0))).Duration(), TimeSpan.Zero, TimeSpan.FromHours(12));
        Assert.InRange(forecast.Confidence, ForecastConfidence.Medium, ForecastConfidence.High);
    }

    [Fact]
    public void A_peak_of_a_night_is_no_clean_up()
    {
        var points = Series(Week, step => 60 + (0.005 * step) + (step % 288 is >= 24 and < 27 ? 15 : 0));
        var forecast = Of(points, 90);
        Assert.Equal((Start, Week), (forecast.From, forecast.Samples));
        Assert.Equal(0.005 * 288, forecast.PerDay, 1);
    }

    [Fact]
    public void What_goes_the_other_way_is_never_there_and_what_is_there_is_told()
    {
        var falling = Of(Series(Week, step => 80 - (0.01 * step)), 90);
        Assert.Equal((null, ForecastConfidence.High, "It goes the other way."), (falling.Reached, falling.Confidence, falling.Message));
        var there = Of(Series(Week, step => 80 + (0.01 * step)), 90);
        Assert.Equal((there.To, ForecastConfidence.High), (there.Reached, there.Confidence));
    }

    [Fact]
    public void Far_beyond_what_was_seen_nobody_is_sure()
    {
        Assert.Equal(ForecastConfidence.Medium, Of(Series(Week, step => 50 + (0.003 * step)), 90).Confidence);
        Assert.Equal(ForecastConfidence.Low, Of(Series(Week, step => 50 + (0.001 * step)), 90).Confidence);
        var never = Of(Series(Week, step => 50 + (0.00001 * step)), 90);
        Assert.Equal((null, "It takes longer than ten years."), (never.Reached, never.Message));
    }

    [Theory]
    [InlineData("90%", 90, "%", null)]
    [InlineData("< 10GiB", 10.0 * (1L << 30), "B", false)]
    [InlineData(">=500ms", 0.5, "s", true)]
    [InlineData("42", 42, "", null)]
    public void Limits_are_read_as_people_write_them(string text, double value, string unit, bool? upward)
    {
        var limit = ForecastLimit.Parse(text);
        Assert.Equal((value, unit, upward), (limit.Value, limit.Unit, limit.Upward));
    }

    [Fact]
    public void Which_side_is_bad_is_known_from_the_sign_the_rules_or_the_value()
    {
        Assert.True(ForecastLimit.Parse("90%").IsUpward("disk.used", 95));
        Assert.False(ForecastLimit.Parse("5%").IsUpward("memory.available", 3));
        Assert.True(ForecastLimit.Parse("> 5%").IsUpward("memory.available", 3));
        Assert.False(ForecastLimit.Parse("10GiB").IsUpward("disk.free", 1e12));
        Assert.True(ForecastLimit.Parse("100").IsUpward("queue.length", 3));
        Assert.Equal("MetricThresholdInvalid", Assert.Throws<ProdOpsException>(() => ForecastLimit.Parse("soon")).ErrorId);
        Assert.Equal("MetricThresholdInvalid", Assert.Throws<ProdOpsException>(() => ForecastLimit.Parse("> much")).ErrorId);
        Assert.Equal("MetricThresholdUnit", Assert.Throws<ProdOpsException>(() => ForecastLimit.Parse("10GiB").Check("disk.used", "%")).ErrorId);
        Assert.Equal("MetricThresholdMissing", Assert.Throws<ProdOpsException>(() => ForecastLimit.Usual("disk.free", "B")).ErrorId);
        Assert.Equal((100d, 0d), (ForecastLimit.Usual("disk.used", "%").Value, ForecastLimit.Usual("memory.available", "%").Value));
    }

    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(5, 2.571)]
    [InlineData(6, 2.447)]
    [InlineData(10, 2.228)]
    [InlineData(1000, 1.962)]
    public void Students_distribution_is_that_of_the_tables(double degrees, double quantile) => Assert.Equal(quantile, StudentT.TwoSided95(degrees), 2);

    private static MetricForecast Of(List<Point> points, double limit, bool upward = true) => Forecaster.Of(Asked(limit, Week), points, upward);

    private static MetricForecast Asked(double limit, int steps) => new() { Server = "db1", Name = "disk.used", Unit = "%", Threshold = limit, From = Start, To = Start.AddMilliseconds((long)Step * steps) };

    private static List<Point> Series(int count, Func<int, double> value, int step = Step) =>
        [.. Enumerable.Range(0, count).Select(i => new Point(Start.ToUnixTimeMilliseconds() + ((long)i * step), value(i)))];

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
}
