using ProdOps.Recovery.Html;
using static System.FormattableString;

namespace ProdOps.Recovery.Reports.Html;

/// <summary>Charts as SVG in the page: no script, no colour alone, and a text for who does not see them.</summary>
internal static class Charts
{
    private const int MostPoints = 240;

    /// <summary>A line of values over a time. Where nothing was measured there is a gap.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="series">The values.</param>
    /// <param name="size">Width and height, in units of the picture.</param>
    /// <param name="label">What it shows, in words.</param>
    public static void Line(HtmlWriter html, MetricSeries series, (int Width, int Height) size, string label)
    {
        var points = Reduce(series, Math.Min(MostPoints, size.Width / 2));
        bool isShare = series.Unit == "%";
        double low = isShare ? 0 : Math.Min(0, points.Select(static point => point.Value).DefaultIfEmpty(0).Min());
        double high = isShare ? 100 : points.Select(static point => point.Value).DefaultIfEmpty(1).Max();
        if (!(high > low)) high = low + 1;
        double span = Math.Max(1, (series.To - series.From).TotalSeconds);
        html.Add($"<svg class=\"line\" role=\"img\" viewBox=\"0 0 {size.Width} {size.Height}\" preserveAspectRatio=\"none\" aria-label=\"{label}\"><title>{label}</title>");
        foreach (string path in Paths(points, point => (Of(point.Time) * size.Width, (size.Height - 1) - ((Math.Clamp(point.Value, low, high) - low) / (high - low) * (size.Height - 2))))) html.Add($"<path d=\"{path}\"/>");
        html.Add($"</svg>");

        double Of(DateTimeOffset time) => Math.Clamp((time - series.From).TotalSeconds / span, 0, 1);
    }

    /// <summary>A box for each day: how much of it was well.</summary>
    public static void Days(HtmlWriter html, IReadOnlyList<HealthAvailability> days, string name, Func<DateTimeOffset, string> dayOf)
    {
        const int step = 8, width = 6, height = 22;
        html.Add($"<svg class=\"days\" role=\"img\" viewBox=\"0 0 {days.Count * step} {height}\" aria-label=\"{name}: availability of each of {days.Count} days\">");
        for (int i = 0; i < days.Count; i++)
        {
            var day = days[i];
            // The height says it as well as the colour does.
            var (look, tall) = day.Availability switch { null => ("unknown", 6), >= 1 => ("ok", height), >= 0.99 => ("warning", 16), _ => ("critical", 11) };
            html.Add($"<rect class=\"{look}\" x=\"{i * step}\" y=\"{height - tall}\" width=\"{width}\" height=\"{tall}\"><title>{dayOf(day.From)}: {ReportText.Availability(day)}</title></rect>");
        }

        html.Add($"</svg>");
    }

    /// <summary>Counts of each interval on top of each other.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="bars">The counts of each interval, in the order of <paramref name="looks"/>.</param>
    /// <param name="looks">A class for each, the lowest first.</param>
    /// <param name="label">What it shows, in words.</param>
    /// <param name="titleOf">What an interval says when it is pointed at.</param>
    /// <param name="addressOf">Where an interval leads; nowhere without it. Whoever has no mouse has other ways there.</param>
    public static void Bars(HtmlWriter html, IReadOnlyList<long[]> bars, string[] looks, string label, Func<int, string> titleOf, Func<int, string>? addressOf = null)
    {
        const int step = 8, width = 7, height = 120;
        long most = Math.Max(1, bars.Select(static bar => bar.Sum()).DefaultIfEmpty(1).Max());
        html.Add($"<svg class=\"bars\" role=\"{(addressOf is null ? "img" : "group")}\" viewBox=\"0 0 {bars.Count * step} {height}\" preserveAspectRatio=\"none\" aria-label=\"{label}\">");
        for (int i = 0; i < bars.Count; i++)
        {
            double y = height;
            if (bars[i].Sum() == 0) continue;
            if (addressOf is null) html.Add($"<g><title>{titleOf(i)}</title>");
            else html.Add($"<a href=\"{addressOf(i)}\" tabindex=\"-1\" aria-label=\"{titleOf(i)}\"><title>{titleOf(i)}</title>");
            for (int kind = 0; kind < looks.Length; kind++)
            {
                if (bars[i][kind] == 0) continue;
                // One line among a million is seen.
                double tall = Math.Max(1.5, (double)bars[i][kind] / most * (height - 6));
                y -= tall;
                html.Add($"<rect class=\"{looks[kind]}\" x=\"{i * step}\" y=\"{Math.Max(0, y):0.#}\" width=\"{width}\" height=\"{tall:0.#}\"/>");
            }

            if (addressOf is null) html.Add($"</g>");
            else html.Add($"</a>");
        }

        html.Add($"</svg>");
    }

    private static IEnumerable<string> Paths(IReadOnlyList<(DateTimeOffset Time, double Value)> points, Func<(DateTimeOffset Time, double Value), (double X, double Y)> placeOf)
    {
        if (points.Count == 0) yield break;
        // What is usual between two values; three times as long and something was not measured.
        var steps = points.Zip(points.Skip(1), static (one, next) => next.Time - one.Time).Order().ToList();
        var gap = steps.Count == 0 ? TimeSpan.MaxValue : steps[steps.Count / 2] * 3;
        var path = new System.Text.StringBuilder();
        for (int i = 0; i < points.Count; i++)
        {
            if (i > 0 && points[i].Time - points[i - 1].Time > gap)
            {
                yield return path.ToString();
                path.Clear();
            }

            var (x, y) = placeOf(points[i]);
            path.Append(path.Length == 0 ? Invariant($"M{x:0.#} {y:0.#}h.1") : Invariant($"L{x:0.#} {y:0.#}"));
        }

        yield return path.ToString();
    }

    /// <summary>Of many values that fall on one point their mean.</summary>
    private static List<(DateTimeOffset Time, double Value)> Reduce(MetricSeries series, int most)
    {
        var samples = series.Samples.Where(static sample => double.IsFinite(sample.Value)).ToList();
        if (samples.Count <= most) return [.. samples.Select(static sample => (sample.Time, sample.Value))];
        double width = Math.Max(1, (series.To - series.From).TotalSeconds / most);
        return [.. samples.GroupBy(sample => (long)((sample.Time - series.From).TotalSeconds / width)).Select(static point => (point.First().Time, point.Average(static sample => sample.Value)))];
    }
}
