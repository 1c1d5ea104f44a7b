using System.Globalization;
using System.Management.Automation;
using ProdOps.Logging.Formats;

namespace ProdOps.Cmdlets;

/// <summary>How the history of metrics is shown.</summary>
public static partial class FormatHelper
{
    private const string Steps = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";

    // What moves by less than this share of its value is drawn flat: noise that fills the whole height would look like news.
    private const double LeastRange = 0.05;

    /// <summary>
    /// The values of a series as a line of blocks, from the least to the greatest of them. Each column is the mean of its share of the time that was asked for; where nothing was
    /// measured, it is empty.
    /// </summary>
    /// <param name="series">A series.</param>
    /// <param name="width">How many columns there are.</param>
    public static string Sparkline(object? series, int width)
    {
        if (Unwrap(series) is not MetricSeries { Samples.Count: > 0 } history || width <= 0) return "";
        var means = Means(history, width);
        double least = means.Where(double.IsFinite).DefaultIfEmpty().Min(), greatest = means.Where(double.IsFinite).DefaultIfEmpty().Max();
        double range = Math.Max(greatest - least, LeastRange * Math.Max(Math.Abs(greatest), Math.Abs(least)));
        return string.Concat(means.Select(mean => !double.IsFinite(mean) ? ' ' : Steps[range > 0 ? (int)Math.Clamp((mean - least) / range * Steps.Length, 0, Steps.Length - 1) : 0])).TrimEnd();
    }

    /// <summary>A metric and which of several it is: <c>disk.used /var</c>. Nothing in it can drive a terminal.</summary>
    /// <param name="name">The metric.</param>
    /// <param name="instance">The instance, or nothing.</param>
    public static string MetricName(object? name, object? instance) => PlainText.Neutralize($"{name} {instance}".TrimEnd());

    /// <summary>When a limit is reached: <c>2026-12-03 14:20</c>, <c>now</c>, <c>not in sight</c>, <c>not known</c>.</summary>
    /// <param name="forecast">A forecast.</param>
    public static string ForecastReached(object? forecast) => Unwrap(forecast) switch
    {
        MetricForecast { Reached: { } reached } told => reached <= told.To ? "now" : reached.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
        MetricForecast { Confidence: ForecastConfidence.None } => "not known",
        MetricForecast => "not in sight",
        _ => "",
    };

    /// <summary>When something happened, without the year: <c>11-23 18:05:33</c>.</summary>
    /// <param name="moment">A moment, or nothing.</param>
    public static string EventTime(object? moment) => moment is DateTimeOffset value ? value.ToLocalTime().ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "";

    /// <summary>The number of an incident; nothing where there is none.</summary>
    /// <param name="number">A number, or nothing.</param>
    public static string EventIncident(object? number) => number is null || Convert.ToInt64(number, CultureInfo.InvariantCulture) == 0 ? "" : Convert.ToString(number, CultureInfo.InvariantCulture)!;

    /// <summary>What became of a message, in colour where the session has colours.</summary>
    /// <param name="status">A delivery status.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string Delivery(object? status, object? style) => status?.ToString() switch
    {
        nameof(DeliveryStatus.Delivered) => Paint("Delivered", "Green", style),
        nameof(DeliveryStatus.GivenUp) => Paint("Given up", "Red", style),
        nameof(DeliveryStatus.Pending) => Paint("Pending", "Yellow", style),
        _ => "",
    };

    private static double[] Means(MetricSeries history, int width)
    {
        var means = new double[width];
        int[] counts = new int[width];
        double length = Math.Max(1, (history.To - history.From).Ticks);
        foreach (var sample in history.Samples)
        {
            if (!double.IsFinite(sample.Value)) continue;
            int at = (int)Math.Clamp((sample.Time - history.From).Ticks / length * width, 0, width - 1);
            means[at] += (sample.Value - means[at]) / ++counts[at];
        }

        // A value counts for two and a half of the usual distances: where columns are narrower than those, nothing is missing.
        double column = length / width, reach = 2.5 * UsualDistance(history);
        int last = -1;
        for (int i = 0; i < width; i++)
        {
            if (counts[i] > 0) last = i;
            else means[i] = last >= 0 && (i - last) * column <= reach ? means[last] : double.NaN;
        }

        return means;
    }

    /// <summary>The median of the distances from one value to the next, in ticks.</summary>
    private static double UsualDistance(MetricSeries history)
    {
        if (history.Samples.Count < 2) return 0;
        long[] distances = [.. Enumerable.Range(1, history.Samples.Count - 1).Select(i => (history.Samples[i].Time - history.Samples[i - 1].Time).Ticks)];
        Array.Sort(distances);
        return distances[distances.Length / 2];
    }

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
