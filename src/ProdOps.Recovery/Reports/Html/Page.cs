using ProdOps.Recovery.Html;

namespace ProdOps.Recovery.Reports.Html;

/// <summary>What all sections of a report are written with.</summary>
/// <param name="report">What is told.</param>
/// <param name="canAct">Whether what may be done about it is beside it.</param>
internal sealed class Page(Report report, bool canAct = false)
{
    public Report Report { get; } = report;

    public bool CanAct => canAct;

    public HtmlWriter Html { get; } = new();

    /// <summary>A moment in the report's zone, to the second.</summary>
    public HtmlWriter Time(DateTimeOffset time) => Time(time, Report.Zone);

    /// <summary>A moment in a zone, to the second.</summary>
    public static HtmlWriter Time(DateTimeOffset time, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(time, zone);
        return new HtmlWriter().Add($"<time datetime=\"{time.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\">{local:yyyy-MM-dd HH:mm:ss}</time>");
    }

    /// <summary>A moment and how long ago it was.</summary>
    public HtmlWriter Age(DateTimeOffset? time) => time is { } known ? new HtmlWriter().Add($"{Time(known)} <span class=\"ago dim\">{ReportText.Ago(Report.Time - known)}</span>") : new HtmlWriter().Add($"<span class=\"dim\">never</span>");

    /// <summary>A day in the report's zone.</summary>
    public string Day(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, Report.Zone).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    public static HtmlWriter State((string Look, string Symbol, string Word) state) => new HtmlWriter().Add($"<span class=\"state {state.Look}\"><span aria-hidden=\"true\">{state.Symbol}</span> {state.Word}</span>");

    /// <summary>Begins a section.</summary>
    public void Begin(string id, string title, string about = "")
    {
        Html.Add($"<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{title}</h2>\n");
        if (about.Length > 0) Html.Add($"<p class=\"about\">{about}</p>\n");
    }

    /// <summary>The headings of a table whose rows something may be done about.</summary>
    public string[] Columns(params string[] columns) => CanAct ? [.. columns, "Action"] : columns;

    public void End() => Html.Add($"</section>\n");

    /// <summary>What could not be gathered, and why.</summary>
    public void Missing(string what, string why) => Html.Add($"<p class=\"missing\">{State(("unknown", "?", "Unknown"))} {what}: {why}</p>\n");

    /// <summary>A table, or a sentence where it would be empty.</summary>
    /// <param name="caption">What it is, for who does not see it.</param>
    /// <param name="columns">The headings.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="cells">Writes the cells of a row.</param>
    /// <param name="empty">The sentence.</param>
    public void Table<T>(string caption, string[] columns, IReadOnlyCollection<T> rows, Action<HtmlWriter, T> cells, string empty)
    {
        if (rows.Count == 0)
        {
            Html.Add($"<p class=\"dim\">{empty}</p>\n");
            return;
        }

        Html.Add($"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\"><table>\n<caption>{caption}</caption>\n<thead><tr>");
        foreach (string column in columns) Html.Add($"<th scope=\"col\">{column}</th>");
        Html.Add($"</tr></thead>\n<tbody>\n");
        foreach (var row in rows)
        {
            Html.Add($"<tr>");
            cells(Html, row);
            Html.Add($"</tr>\n");
        }

        Html.Add($"</tbody>\n</table></div>\n");
    }
}
