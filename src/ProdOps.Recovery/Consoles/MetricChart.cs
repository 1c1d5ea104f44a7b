using System.Globalization;
using System.Text;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Store.Chunks;
using ProdOps.Recovery.Html;

namespace ProdOps.Recovery.Consoles;

/// <summary>
/// A chart that can be zoomed: SVG with its axes as text around it, so that it is read, printed and seen in any colours without a script. Zooming reads anew from the store and needs no more points than there are
/// places: a library that draws many of them would gain nothing.
/// </summary>
internal static class MetricChart
{
    private const int Width = 1440, Height = 200, Times = 5;

    public static void Write(HtmlWriter html, int number, SeriesRow series, MetricValues values, TimeZoneInfo zone)
    {
        string name = $"{series.Metric}{(series.Instance is { } instance ? $" {instance}" : "")}, {series.Server}";
        html.Add($"<figure class=\"metric\" id=\"chart-{number}\"><figcaption><strong>{name}</strong>");
        if (values.All.Count == 0)
        {
            html.Add($": nothing was measured in that time.</figcaption></figure>\n");
            return;
        }

        var (low, high) = Scale(values, series.Unit);
        string Format(double value) => HealthThreshold.Format(value, series.Unit);
        string about = $"{Format(values.Last)} at the end, {Format(values.Least)} to {Format(values.Greatest)}, {Format(values.Mean)} on average";
        html.Add($": {about}</figcaption>\n<div class=\"plot\"><span class=\"high\">{Format(high)}</span><span class=\"low\">{Format(low)}</span>\n");
        html.Add($"<div class=\"zoom\" tabindex=\"0\" role=\"group\" aria-label=\"{name}. Arrow keys go from value to value, with Shift they choose a time, Enter shows it alone, Escape shows more.\" data-from=\"{values.From.ToUnixTimeMilliseconds()}\" data-to=\"{values.To.ToUnixTimeMilliseconds()}\" data-points=\"{Points(values, Format, zone)}\">\n");
        html.Add($"<svg class=\"line\" role=\"img\" viewBox=\"0 0 {Width} {Height}\" preserveAspectRatio=\"none\" aria-label=\"{name}: {about}\">");
        foreach (var run in values.Runs()) html.Add($"<path class=\"band\" d=\"{Band(run, values, low, high)}\"/><path d=\"{Line(run, values, low, high)}\"/>");
        html.Add($"</svg></div>\n</div>\n<div class=\"moments\" aria-hidden=\"true\">");
        for (int i = 0; i < Times; i++) html.Add($"<span>{Moment(values.From + ((values.To - values.From) * i / (Times - 1)), values, zone)}</span>");
        html.Add($"</div>\n<p class=\"value\" role=\"status\"></p>\n</figure>\n");
    }

    private static (double Low, double High) Scale(MetricValues values, string unit)
    {
        if (unit == "%" && values.Least >= 0 && values.Greatest <= 100) return (0, 100);
        double low = Math.Min(0, values.Least), high = values.Greatest;
        return high > low ? (low, high) : (low, low + 1);
    }

    private static string Line(IReadOnlyList<Rollup> run, MetricValues values, double low, double high)
    {
        var path = new StringBuilder();
        foreach (var place in run) path.Append(CultureInfo.InvariantCulture, $"{(path.Length == 0 ? 'M' : 'L')}{X(place, values):0.#} {Y(place.Mean, low, high):0.#}");
        return path.Append("h.1").ToString();
    }

    private static string Band(IReadOnlyList<Rollup> run, MetricValues values, double low, double high)
    {
        var path = new StringBuilder();
        foreach (var place in run) path.Append(CultureInfo.InvariantCulture, $"{(path.Length == 0 ? 'M' : 'L')}{X(place, values):0.#} {Y(place.Max, low, high):0.#}");
        foreach (var place in run.Reverse()) path.Append(CultureInfo.InvariantCulture, $"L{X(place, values):0.#} {Y(place.Min, low, high):0.#}");
        return path.Append('Z').ToString();
    }

    private static double X(in Rollup place, MetricValues values) => Math.Clamp((place.Start - values.From.ToUnixTimeMilliseconds()) / Math.Max(1, (values.To - values.From).TotalMilliseconds), 0, 1) * Width;

    private static double Y(double value, double low, double high) => Height - 1 - ((Math.Clamp(value, low, high) / 2 - low / 2) / (high / 2 - low / 2) * (Height - 2));

    /// <summary>The places as the script tells them: when, and what is said of it.</summary>
    private static string Points(MetricValues values, Func<double, string> format, TimeZoneInfo zone) => System.Text.Json.JsonSerializer.Serialize(values.All.Select(place => new object[]
    {
        place.Start,
        $"{TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(place.Start), zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}: {format(place.Mean)}{(place.Min < place.Max ? $", {format(place.Min)} to {format(place.Max)}" : "")}",
    }));

    private static string Moment(DateTimeOffset time, MetricValues values, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(time, zone).ToString((values.To - values.From).TotalDays switch { <= 0.1 => "HH:mm:ss", <= 2 => "HH:mm", <= 7 => "MM-dd HH:mm", _ => "yyyy-MM-dd" }, CultureInfo.InvariantCulture);
}
