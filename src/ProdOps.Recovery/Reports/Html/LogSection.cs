using ProdOps.Recovery.Html;
using static System.FormattableString;

namespace ProdOps.Recovery.Reports.Html;

/// <summary>How many lines the logs got, and the newest of them, to look through.</summary>
internal static class LogSection
{
    // A line may be a megabyte.
    private const int LongestMessage = 2000;
    private const int Moments = 4;

    /// <summary>What is told of a line.</summary>
    public static readonly string[] Columns = ["Time", "Level", "Server", "Source", "Message"];

    private static readonly string[] Looks = ["rest", "warning", "critical"];

    public static void Write(Page page)
    {
        var (report, html) = (page.Report, page.Html);
        page.Begin("logs", "Logs");
        if (report.Logs.Value is not { } logs)
        {
            page.Missing("What the logs hold is not known", report.Logs.Problem);
            page.End();
            return;
        }

        foreach (string problem in logs.Problems) page.Missing("Not all of the store could be read", problem);
        Histogram(html, logs, report.Time, report.Zone);
        if (logs.Entries.Count > 0)
        {
            html.Add($"<p><label>Search these lines <input type=\"search\" data-filter=\"log\" autocomplete=\"off\"></label> <span class=\"dim\" data-count=\"log\" role=\"status\"></span></p>\n");
            html.Add($"<p class=\"about\">The newest lines{(logs.OnlySevere ? " that are a warning or worse" : "")}: {logs.Entries.Count}. Search-Log looks through all.</p>\n");
        }

        page.Table("Lines", Columns, [.. logs.Entries.Reverse()], (row, entry) => Cells(row, entry, report.Zone), "There are no lines of that time.");
        page.End();
    }

    /// <summary>The cells of a line, below <see cref="Columns"/>.</summary>
    public static void Cells(HtmlWriter row, LogEntry entry, TimeZoneInfo zone) =>
        row.Add($"<td>{Page.Time(entry.Time, zone)}</td><td>{Level(entry.Level)}</td><td>{entry.Server}</td><td>{entry.Source}</td><td class=\"line\" data-log>{Cut(entry.Message)}</td>");

    /// <summary>How many lines there are over time, by how bad they are.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="logs">The counts.</param>
    /// <param name="end">When the time ends.</param>
    /// <param name="zone">The zone that times are told in.</param>
    /// <param name="addressOf">Where a bar leads that begins at a moment; <see langword="null"/>: nowhere.</param>
    public static void Histogram(HtmlWriter html, LogReport logs, DateTimeOffset end, TimeZoneInfo zone, Func<DateTimeOffset, string>? addressOf = null)
    {
        if (logs.Counts.Count == 0 || logs.Interval <= TimeSpan.Zero) return;
        var first = logs.Counts.Min(static count => count.Time) ?? end;
        int length = (int)Math.Clamp(Math.Ceiling((end - first) / logs.Interval), 1, 2000);
        long[][] bars = [.. Enumerable.Range(0, length).Select(static _ => new long[Looks.Length])];
        foreach (var count in logs.Counts)
        {
            int at = (int)(((count.Time ?? first) - first) / logs.Interval);
            if (at >= 0 && at < length) bars[at][KindOf(count)] += count.Count;
        }

        long errors = bars.Sum(static bar => bar[2]), warnings = bars.Sum(static bar => bar[1]), all = bars.Sum(static bar => bar.Sum());
        html.Add($"<figure><figcaption>{all:N0} lines since {Page.Time(first, zone)}, {errors:N0} of them errors, {warnings:N0} warnings; a bar is {Readiness.Words.Of(logs.Interval)}</figcaption>");
        Charts.Bars(html, bars, Looks, "Lines over time", at => Invariant($"{TimeZoneInfo.ConvertTime(first + (at * logs.Interval), zone):yyyy-MM-dd HH:mm}: {bars[at].Sum():N0} lines, {bars[at][2]:N0} errors, {bars[at][1]:N0} warnings"),
            addressOf is null ? null : at => addressOf(first + (at * logs.Interval)));
        html.Add($"<div class=\"moments\" aria-hidden=\"true\">");
        for (int i = 0; i < Moments; i++) html.Add($"<span>{TimeZoneInfo.ConvertTime(first + (length * logs.Interval * i / (Moments - 1)), zone):MM-dd HH:mm}</span>");
        html.Add($"</div></figure>\n");
    }

    private static int KindOf(LogMeasure count) => count.Group.Values.FirstOrDefault() is LogLevel level ? level <= LogLevel.Error ? 2 : level == LogLevel.Warning ? 1 : 0 : 0;

    private static HtmlWriter Level(LogLevel? level) => level switch
    {
        null => new HtmlWriter(),
        <= LogLevel.Error => Page.State(("critical", "✖", level.Value.ToString())),
        LogLevel.Warning => Page.State(("warning", "▲", "Warning")),
        _ => new HtmlWriter().Add($"{level.Value.ToString()}"),
    };

    private static string Cut(string text) => text.Length <= LongestMessage ? text : $"{text[..LongestMessage]} … ({text.Length - LongestMessage} more characters)";
}
