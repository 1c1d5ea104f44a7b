using ProdOps.Recovery.Html;
using ProdOps.Recovery.Readiness;

namespace ProdOps.Recovery.Reports.Html;

/// <summary>Balancers, and what was proved of them.</summary>
internal static class BalancerSection
{
    public static void Write(Page page)
    {
        var (report, html) = (page.Report, page.Html);
        if (report.Environment.LoadBalancers.Count == 0 && report.Balancers.Count == 0) return;
        page.Begin("balancers", "Load balancing");
        if (report.Balancers.Count > 0)
        {
            page.Table("Balancers as they are", ["Balancer", "Role", "Serves", "Sessions", "Nearest limit", "Problems"], report.Balancers, (row, balancer) =>
                row.Add($"<th scope=\"row\">{balancer.Server}</th><td>{balancer.Role.ToString()}</td><td>{balancer.Name} <span class=\"dim\">{balancer.Kind.ToString()} {balancer.Version}</span></td><td>{balancer.Sessions}</td><td>{Limit(balancer.NearestLimit)}</td><td>{Problems(balancer.Problems)}</td>"), "");
            var pools = report.Balancers.SelectMany(static balancer => balancer.Pools.Select(pool => (balancer.Server, Pool: pool))).ToList();
            page.Table("Pools", ["Balancer", "Pool", "Servers", "Requests", "Answers with 5xx", "Sent again", "Answer takes"], pools, (row, one) =>
                row.Add($"<td>{one.Server}</td><th scope=\"row\">{one.Pool.Name}</th><td>{Page.State(one.Pool.Up == 0 ? ("critical", "✖", "none") : one.Pool.Up < one.Pool.Servers ? ("warning", "▲", $"{one.Pool.Up} of {one.Pool.Servers}") : ("ok", "✔", $"{one.Pool.Up} of {one.Pool.Servers}"))}</td><td>{one.Pool.Total}</td><td>{one.Pool.ServerErrors}</td><td>{one.Pool.Redispatches}</td><td>{(one.Pool.ResponseTime is { } time ? Words.Of(time) : "")}</td>"), "They have no pools.");
        }
        else
        {
            html.Add($"<p class=\"about\">The balancers were not asked; Get-LoadBalancer | Export-ProdOpsReport shows how they are.</p>\n");
        }

        page.Table("What was proved", ["Balancer", "Published", "Failover", "Load"], report.Environment.LoadBalancers, (row, entry) =>
            row.Add($"<th scope=\"row\">{entry.Name}</th><td>{Publication(page, entry.Name)}</td><td>{Failover(page, entry.Name)}</td><td>{Load(page, entry.Name)}</td>"), "The environment names no load balancer.");
        page.End();
    }

    private static string Limit(LoadBalancerLimit? limit) => limit is null ? "" : $"{limit.Name} {Words.Percent(limit.Share)}";

    private static HtmlWriter Problems(IReadOnlyList<string> problems) =>
        problems.Count == 0 ? Page.State(("ok", "✔", "none")) : new HtmlWriter().Each(problems, static (html, problem) => html.Add($"{Page.State(("warning", "▲", problem))}<br>"));

    private static HtmlWriter Publication(Page page, string name) =>
        page.Report.Facts.Publications.Value?.Where(one => one.LoadBalancer == name).MaxBy(static one => one.Time) is { } last
            ? new HtmlWriter().Add($"{last.Revision} on {last.Server}{(last.Status == LoadBalancerPublicationStatus.PutBack ? " failed and was put back" : "")}, {page.Age(last.Time)}") : Never();

    private static HtmlWriter Failover(Page page, string name) =>
        page.Report.Facts.Failovers.Value?.Where(one => one.LoadBalancer == name).MaxBy(static one => one.Time) is { } last
            ? new HtmlWriter().Add($"{Page.State(ReportText.Of(last.Recovered, $"{last.Service} of {last.Server} stopped", $"{last.Service} of {last.Server} stopped, and nobody took over"))} {last.Failed} of {last.Requests} requests failed, {Words.Of(last.Gap)} without an answer, {page.Age(last.Time)}") : Never();

    private static HtmlWriter Load(Page page, string name) =>
        page.Report.Facts.LoadTests.Value?.Where(one => one.LoadBalancer == name).MaxBy(static one => one.Start) is { } last
            ? new HtmlWriter().Add($"{last.Requests} requests at {last.Rate:0} a second, 95 % within {Words.Of(last.Percentile95)}, {page.Age(last.Start)}") : Never();

    private static HtmlWriter Never() => new HtmlWriter().Add($"<span class=\"dim\">never</span>");
}
