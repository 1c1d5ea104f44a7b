using ProdOps.Recovery.Readiness;

namespace ProdOps.Recovery.Reports.Html;

/// <summary>Recovery plans with what their runs proved, and what takes the application down alone.</summary>
internal static class RecoverySections
{
    public static void Plans(Page page)
    {
        var facts = page.Report.Facts;
        page.Begin("recovery", "Recovery");
        if (facts.Plans.Value is { } plans)
        {
            page.Table("Recovery plans", ["Plan", "Server", "For", "Last run", "Took", "May take", "Problems"], plans, (row, plan) =>
            {
                var last = plan.Runs.MaxBy(static run => run.Time);
                row.Add($"<th scope=\"row\">{plan.Name}</th><td>{plan.Server}</td><td>{plan.Scenario}</td><td>");
                if (last is null) row.Add($"{Page.State(("unknown", "?", "never carried out"))}");
                else row.Add($"{Page.State(ReportText.Of(last.Succeeded, last.IsDrill ? "drill" : "recovery", last.IsDrill ? "drill failed" : "recovery failed"))} {page.Age(last.Time)}{(last.Revision == plan.Revision ? "" : ", of another revision")}");
                row.Add($"</td><td class=\"short\">{(last is null ? "" : Words.Of(last.Duration))}</td><td class=\"short\">{(plan.RecoveryTime is { } most ? Words.Of(most) : "")}</td><td>{string.Join("; ", plan.LastCheck?.Problems ?? [])}</td>");
            }, "There is no recovery plan: New-RecoveryPlan makes one of a server that lives.");
        }
        else
        {
            page.Missing("Recovery plans are not known", facts.Plans.Problem);
        }

        page.End();
    }

    public static void SinglePoints(Page page)
    {
        page.Begin("risks", "Single points of failure", "What takes the application or its data down alone.");
        var points = page.Report.Facts.SinglePoints;
        if (points.Value is { } found)
        {
            page.Table("Single points of failure", ["What", "Fails", "What would help"], [.. found.OrderByDescending(static point => point.Severity)], static (row, point) =>
                row.Add($"<th scope=\"row\">{point.Component}</th><td>{Page.State(point.Severity >= 1 ? ("critical", "✖", point.Message) : ("warning", "▲", point.Message))}</td><td>{point.Advice}</td>"),
                "None was found by what the environment's file says.");
        }
        else
        {
            page.Missing("They are not known", points.Problem);
        }

        page.End();
    }
}
