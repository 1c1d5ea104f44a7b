using ProdOps.Recovery.Html;

namespace ProdOps.Recovery.Reports.Html;

/// <summary>How ready for production the environment is, item by item.</summary>
internal static class ReadinessSection
{
    public static void Write(Page page)
    {
        var (report, html) = (page.Report, page.Html);
        page.Begin("readiness", "Readiness", "What was proved, and not what is declared: a proof counts less as it gets older.");
        page.Table("Areas", ["Area", "Score", "Met", "Partly", "Missing", "Unknown"], report.Summary.Areas, static (row, area) =>
            row.Add($"<th scope=\"row\">{area.Area.ToString()}</th><td><meter min=\"0\" max=\"100\" value=\"{area.Score:0.#}\">{area.Score:0}</meter> {area.Score:0}</td><td>{area.Met}</td><td>{area.Partly}</td><td>{area.Missing}</td><td>{area.Unknown}</td>"), "There is nothing to judge.");
        foreach (var area in report.Items.GroupBy(static item => item.Area))
        {
            html.Add($"<details><summary><strong>{area.Key.ToString()}</strong></summary>\n");
            page.Table($"Items of {area.Key}", ["Status", "What should be so", "What is", "Proved", "Next"], [.. area.OrderByDescending(static item => item.Gain)], (row, item) =>
                row.Add($"<td>{Page.State(ReportText.Of(item.Status))}</td><th scope=\"row\">{item.Title} <span class=\"dim\">{item.Name}</span></th><td>{item.Message}</td><td>{Proved(page, item)}</td><td>{OverviewSection.Command(item.Advice)}</td>"), "");
            html.Add($"</details>\n");
        }

        page.End();
    }

    private static HtmlWriter Proved(Page page, ReadinessItem item) => item.EvidenceTime is { } time ? page.Age(time) : new HtmlWriter();
}
