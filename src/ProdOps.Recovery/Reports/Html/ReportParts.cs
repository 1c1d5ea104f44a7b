using ProdOps.Recovery.Html;

namespace ProdOps.Recovery.Reports.Html;

/// <summary>A report in pieces that are put together to a file, or sent one by one as they change.</summary>
/// <param name="Made">When it was made: a paragraph.</param>
/// <param name="Navigation">The list of sections: a nav.</param>
/// <param name="Sections">The sections.</param>
/// <param name="Footer">What stands below: text within a footer.</param>
internal sealed record ReportParts(ReportPart Made, ReportPart Navigation, IReadOnlyList<ReportPart> Sections, HtmlWriter Footer)
{
    private static readonly (string Id, string Title, Func<Report, bool> IsThere, Action<Page> Write)[] All =
    [
        ("overview", "Overview", static _ => true, OverviewSection.Write),
        ("servers", "Servers", static _ => true, HealthSections.Servers),
        ("incidents", "Incidents", static report => report.Health.Value is not null, HealthSections.Incidents),
        ("availability", "Availability", static report => report.Health.Value is { Availability.Count: > 0 }, HealthSections.Availability),
        ("balancers", "Load balancing", static report => report.Environment.LoadBalancers.Count + report.Balancers.Count > 0, BalancerSection.Write),
        ("backups", "Backups", static _ => true, BackupSection.Write),
        ("recovery", "Recovery", static _ => true, RecoverySections.Plans),
        ("risks", "Single points of failure", static _ => true, RecoverySections.SinglePoints),
        ("logs", "Logs", static _ => true, LogSection.Write),
        ("readiness", "Readiness", static _ => true, ReadinessSection.Write),
    ];

    /// <param name="report">What is told.</param>
    /// <param name="canAct">Whether what may be done about it is beside it: in a console that does it.</param>
    public static ReportParts Of(Report report, bool canAct = false)
    {
        var page = new Page(report);
        var there = All.Where(section => section.IsThere(report)).ToList();
        var made = new HtmlWriter().Add($"<p id=\"made\">Made {page.Time(report.Time)} <span class=\"dim\">{Offset(report)}</span>, from {page.Time(report.From)}</p>\n");
        var navigation = new HtmlWriter().Add($"<nav id=\"sections\" aria-label=\"Sections\"><ul>\n").Each(there, static (html, section) => html.Add($"<li><a href=\"#{section.Id}\">{section.Title}</a></li>\n")).Add($"</ul></nav>\n");
        var footer = new HtmlWriter().Add($"ProdOps {report.Version}. Times are of {report.Zone.Id}. It holds what servers and logs say: show it only to whom they may be shown.");
        return new ReportParts(new ReportPart("made", made), new ReportPart("sections", navigation), [.. there.Select(section => new ReportPart(section.Id, Section(report, canAct, section.Write)))], footer);
    }

    private static HtmlWriter Section(Report report, bool canAct, Action<Page> write)
    {
        var page = new Page(report, canAct);
        write(page);
        return page.Html;
    }

    private static string Offset(Report report)
    {
        var offset = report.Zone.GetUtcOffset(report.Time);
        return $"UTC{(offset < TimeSpan.Zero ? "-" : "+")}{offset.Duration():hh\\:mm}";
    }
}

/// <summary>A piece of a report: one element.</summary>
/// <param name="Id">Its id in the page.</param>
/// <param name="Html">The element.</param>
internal sealed record ReportPart(string Id, HtmlWriter Html);
