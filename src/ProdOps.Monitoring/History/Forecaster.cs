using System.Globalization;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.History;

/// <summary>
/// Says when a metric reaches a limit if it goes on as it did: a straight line by least squares, and when that line crosses the limit, with the interval that holds the truth in 95 of
/// 100 cases (Fieller's theorem, as for calibration; the variance is widened for values that follow from the ones before them). It says so, rather than guess, where there is too little
/// to go by.
/// </summary>
internal static class Forecaster
{
    private const int Fewest = 12;
    private const double LeastCoverage = 0.8, LeastFit = 0.3, GoodFit = 0.7, BestFit = 0.9;

    // What is made of greater ones, squares of products of two, are no numbers any more.
    private const double Greatest = 1e60;

    private static readonly TimeSpan Farthest = TimeSpan.FromDays(3650);

    /// <param name="asked">What is forecast, of which metric, and the time that was asked for.</param>
    /// <param name="points">The values, in the order of time.</param>
    /// <param name="upward">Whether the limit is reached from below.</param>
    public static MetricForecast Of(MetricForecast asked, IReadOnlyList<Point> points, bool upward)
    {
        if (points.Count == 0) return asked with { Current = double.NaN, Message = "There is nothing to go by." };
        var last = points[^1];
        var told = asked with { Current = last.Value, Samples = points.Count, From = Moment(points[0].Time), To = Moment(last.Time) };
        if (upward ? last.Value >= asked.Threshold : last.Value <= asked.Threshold)
            return told with { Reached = told.To, Earliest = told.To, Latest = told.To, Confidence = ForecastConfidence.High, Message = "It is there already." };
        if (!points.All(static point => Math.Abs(point.Value) < Greatest)) return told with { Message = "Its values are too great to reckon with." };
        double length = (asked.To - asked.From).TotalMilliseconds, coverage = Coverage(points, length);
        if (coverage < LeastCoverage)
            return told with { Message = string.Create(CultureInfo.InvariantCulture, $"Only {100 * coverage:0} % of the time has values: ask for a shorter one.") };
        var (first, resets) = LevelShift.Last(points, upward);
        string message = resets == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"What came before {Moment(points[first].Time):yyyy-MM-dd HH:mm} UTC does not count: it was {(upward ? "emptied" : "filled up")} then{(resets > 1 ? $", and {resets - 1} times before" : "")}.");
        var used = points.Skip(first).ToList();
        told = told with { Samples = used.Count, From = Moment(used[0].Time), Message = message };
        if (used.Count < Fewest) return told with { Message = Join(message, resets == 0 ? "There are too few values." : "Since then there are too few values.") };
        return Extrapolate(told, used, upward, (told.To - told.From).TotalMilliseconds / length, resets > 1 ? ForecastConfidence.Low : ForecastConfidence.High);
    }

    private static MetricForecast Extrapolate(MetricForecast told, List<Point> points, bool upward, double share, ForecastConfidence most)
    {
        var origin = points[^1];
        var line = new LineSums();
        foreach (var point in points) line.Add(Seconds(point, origin), point.Value - origin.Value);
        if (!line.IsLine) return told with { Message = Join(told.Message, "It does not change.") };
        var (variance, independent) = Residuals(points, line);
        told = told with { PerDay = line.Slope * 86400, Fit = line.Fit };
        double t = StudentT.TwoSided95(independent - 2), certain = t * t * variance;
        // Could as well be flat: then every moment, and never, is in the interval.
        double leading = (line.Slope * line.Slope) - (certain / line.SpreadT);
        if (leading <= 0 || line.Fit < LeastFit) return told with { Message = Join(told.Message, "It goes up and down more than in one direction.") };
        var confidence = Least(most, line.Fit >= BestFit && share >= 0.5 ? ForecastConfidence.High : line.Fit >= GoodFit && share >= 0.25 ? ForecastConfidence.Medium : ForecastConfidence.Low);
        if (line.Slope > 0 != upward) return told with { Confidence = confidence, Message = Join(told.Message, "It goes the other way.") };
        double distance = told.Threshold - origin.Value - line.MeanV, middle = line.Slope * distance;
        double half = Math.Sqrt(Math.Max(0, (middle * middle) - (leading * ((distance * distance) - (certain / line.Count)))));
        double seconds = line.MeanT + (distance / line.Slope), earliest = line.MeanT + ((middle - half) / leading), latest = line.MeanT + ((middle + half) / leading);
        if (seconds > Farthest.TotalSeconds) return told with { Confidence = confidence, Message = Join(told.Message, "It takes longer than ten years.") };
        // Far beyond what was seen, nobody knows.
        double ahead = seconds / Math.Max(1, (told.To - told.From).TotalSeconds);
        confidence = Least(confidence, ahead > 10 ? ForecastConfidence.Low : ahead > 3 ? ForecastConfidence.Medium : ForecastConfidence.High);
        return told with { Reached = After(told.To, seconds), Earliest = After(told.To, earliest), Latest = latest > 10 * Farthest.TotalSeconds ? null : After(told.To, latest), Confidence = confidence };
    }

    /// <summary>
    /// The variance around the line, and how many values are worth as much as independent ones. What was measured a minute later mostly says the same once more: without this a smooth
    /// curve would pass for a thousand proofs.
    /// </summary>
    private static (double Variance, double Independent) Residuals(List<Point> points, in LineSums line)
    {
        double squares = 0, lagged = 0, before = 0;
        var origin = points[^1];
        for (int i = 0; i < points.Count; i++)
        {
            double residual = points[i].Value - origin.Value - line.MeanV - (line.Slope * (Seconds(points[i], origin) - line.MeanT));
            squares += residual * residual;
            lagged += i == 0 ? 0 : residual * before;
            before = residual;
        }

        double correlation = squares > 0 ? Math.Clamp(lagged / squares, 0, 0.999) : 0, repeated = (1 + correlation) / (1 - correlation);
        return (squares / (points.Count - 2) * repeated, Math.Max(3, points.Count / repeated));
    }

    /// <summary>The share of the time that has values; one counts for two and a half of the usual distances, as with rules.</summary>
    private static double Coverage(IReadOnlyList<Point> points, double length)
    {
        if (points.Count < 2) return 0;
        long[] gaps = new long[points.Count - 1];
        for (int i = 0; i < gaps.Length; i++) gaps[i] = points[i + 1].Time - points[i].Time;
        long usual = Median.Of<long>((long[])gaps.Clone());
        return Math.Min(1, (gaps.Sum(gap => Math.Min(gap, 2.5 * usual)) + usual) / length);
    }

    private static double Seconds(Point point, Point origin) => (point.Time - origin.Time) / 1000.0;

    private static DateTimeOffset Moment(long time) => DateTimeOffset.FromUnixTimeMilliseconds(time);

    // The line may have crossed the limit before the values do.
    private static DateTimeOffset After(DateTimeOffset last, double seconds) => last + TimeSpan.FromSeconds(Math.Max(0, seconds));

    private static ForecastConfidence Least(ForecastConfidence one, ForecastConfidence other) => one < other ? one : other;

    private static string Join(string one, string other) => one.Length == 0 ? other : $"{one} {other}";
}
