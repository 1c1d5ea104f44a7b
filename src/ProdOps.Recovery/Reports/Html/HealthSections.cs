using ProdOps.Recovery.Html;
using ProdOps.Recovery.Readiness;

namespace ProdOps.Recovery.Reports.Html;

/// <summary>Servers with their history, what happened, and for how much of the time they did their work.</summary>
internal static class HealthSections
{
    // Of a thousand servers that are well nobody opens one, and each would have 20 KB.
    private const int MostInFull = 100;

    private static readonly (int Width, int Height) Small = (120, 24), Large = (720, 90);

    public static void Servers(Page page)
    {
        var (report, html) = (page.Report, page.Html);
        page.Begin("servers", "Servers");
        if (report.Health.Value is not { } health)
        {
            page.Missing("How the servers are is not known", report.Health.Problem);
            page.End();
            return;
        }

        html.Add($"<p class=\"about\">{Sentence(health)} Charts begin at {page.Time(report.From)}.</p>\n");
        if (health.Servers.Count > 5) html.Add($"<p><label>Find a server <input type=\"search\" data-filter=\"server\" autocomplete=\"off\"></label> <span class=\"dim\" data-count=\"server\" role=\"status\"></span></p>\n");
        bool isLong = health.Servers.Count > MostInFull;
        foreach (var server in health.Servers) Server(page, server, isBrief: isLong && server.Health.State == HealthState.OK);
        if (isLong) html.Add($"<p class=\"dim\">Of servers that are well it has no more than this. Get-HealthStatus NAME -Detailed shows the checks of one, Get-Metric its history.</p>\n");
        page.End();
    }

    public static void Incidents(Page page)
    {
        if (page.Report.Health.Value is not { } health) return;
        page.Begin("incidents", "Incidents");
        page.Table("Open incidents", page.Columns("Since", "State", "Where", "What", "Taken on by"), health.Open, (html, incident) =>
        {
            html.Add($"<td>{page.Age(incident.Time)}</td><td>{Page.State(ReportText.Of(incident.State ?? HealthState.Unknown))}</td><td>{incident.Server}</td><td>{Name(incident.Check, incident.Instance)}: {incident.Message}</td><td>{(incident.By.Length > 0 ? incident.By : "nobody")}</td>");
            if (page.CanAct) html.Add($"<td>{ActionLinks.Acknowledge(incident)}</td>");
        }, "No incident is open.");
        page.Html.Add($"<h3>Announced work</h3>\n");
        page.Table("Announced work", page.Columns("What", "From", "Until", "Why", "Who"), health.Announced, (html, work) =>
        {
            html.Add($"<td>{(work.Matchers.Length > 0 ? work.Matchers : work.ToString())}{(work.IsActive ? "" : " (not now)")}</td><td>{page.Time(work.From)}</td><td>{Until(page, work)}</td><td>{work.Reason}</td><td>{work.By}{(work.Source.Length > 0 ? $" at {work.Source}" : "")}</td>");
            if (page.CanAct) html.Add($"<td>{ActionLinks.Resume(work)}</td>");
        }, "None: whatever is wrong is told.");
        page.Html.Add($"<h3>What happened</h3>\n");
        page.Table("Events", ["Time", "Kind", "State", "Where", "What"], health.Events, (html, told) =>
        {
            html.Add($"<td>{page.Time(told.Time)}</td><td>{told.Kind.ToString()}</td><td>");
            if (told.State is { } state) html.Add($"{Page.State(ReportText.Of(state))}");
            html.Add($"</td><td>{told.Server}</td><td>{told.Message}</td>");
        }, "Nothing happened in that time.");
        if (health.HasMoreEvents) page.Html.Add($"<p class=\"dim\">These are the newest {health.Events.Count}. Get-HealthEvent shows all.</p>\n");
        page.End();
    }

    public static void Availability(Page page)
    {
        if (page.Report.Health.Value is not { Availability.Count: > 0 } health) return;
        page.Begin("availability", "Availability", $"A box is a day of the last {HealthGatherer.DayCount}, its height how much of it was well. What nobody watched, and work that was announced, count for nothing.");
        var rows = health.Availability.Select((whole, index) => (Whole: whole, Days: (IReadOnlyList<HealthAvailability>)[.. health.Days.Select(day => day[index])])).Reverse().ToList();
        page.Table("Availability", ["What", "Days", "Availability", "Longest outage", "Left of what may fail"], rows, (html, row) =>
        {
            var (whole, days) = row;
            string name = whole.Server.Length > 0 ? whole.Server : $"{whole.Environment} as a whole";
            html.Add($"<th scope=\"row\">{name}</th><td>");
            Charts.Days(html, days, name, page.Day);
            html.Add($"</td><td>{ReportText.Availability(whole)}</td><td>{(whole.Outages > 0 ? Words.Of(whole.LongestOutage) : "")}</td><td>");
            if (whole.BudgetLeft is { } left && whole.MeetsObjective is { } kept) html.Add($"{Page.State(ReportText.Of(kept, Words.Of(left), $"{Words.Of(-left)} too long"))}");
            html.Add($"</td>");
        }, "Nothing is known of it.");
        page.End();
    }

    private static string Sentence(HealthReport health) => health switch
    {
        { Servers.Count: 0 } => "No server was looked at.",
        { IsStale: true, Age: { } age } => $"This is how they were when they were last seen, {ReportText.Ago(age)}: nobody knows how they are now.",
        { Age: { } age } => $"Known from: {health.Source}, {ReportText.Ago(age)}.",
        _ => $"Known from: {health.Source}.",
    };

    private static void Server(Page page, ServerReport server, bool isBrief)
    {
        var (health, series) = (server.Health, server.Series);
        var html = page.Html;
        html.Add($"<details class=\"server\" data-server=\"{health.Server}\"><summary>{Page.State(ReportText.Of(health.State))} <span class=\"who\"><strong>{health.Server}</strong> <span class=\"dim\">{string.Join(", ", health.Roles)}</span></span>");
        foreach (var one in series.Where(static one => one.Name != "disk.used").Concat(series.Where(static one => one.Name == "disk.used").OrderByDescending(static one => one.Current).Take(1)))
        {
            html.Add($"<span class=\"spark\"><span>{Title(one)} {HealthThreshold.Format(one.Current, one.Unit)}</span>");
            Charts.Line(html, one, Small, Label(one));
            html.Add($"</span>");
        }

        html.Add($"<span class=\"why\">{string.Join("; ", health.Problems.Take(3).Select(static problem => $"{problem}: {problem.Message}"))}</span></summary>\n");
        if (isBrief)
        {
            Acts(page, health);
            html.Add($"</details>\n");
            return;
        }

        Acts(page, health);
        foreach (var one in series)
        {
            html.Add($"<figure><figcaption>{Title(one)}{(one.Instance is { } instance ? $" {instance}" : "")}: {HealthThreshold.Format(one.Current, one.Unit)} now, {HealthThreshold.Format(one.Minimum, one.Unit)} to {HealthThreshold.Format(one.Maximum, one.Unit)}, {HealthThreshold.Format(one.Average, one.Unit)} on average</figcaption>");
            Charts.Line(html, one, Large, Label(one));
            html.Add($"</figure>\n");
        }

        page.Table($"Checks of {health.Server}", page.Columns("State", "Check", "Value", "Since or at", "What"), health.Checks, (row, check) =>
        {
            row.Add($"<td>{Page.State(ReportText.Of(check.State))}</td><td>{check.ToString()}</td><td>{(check.Value is { } value ? HealthThreshold.Format(value, check.Unit) : "")}</td><td>{page.Time(check.Time)}</td><td>{check.Message}</td>");
            if (page.CanAct) row.Add($"<td>{ActionLinks.Of(check)}</td>");
        }, "No check was made of it.");
        html.Add($"</details>\n");
    }

    private static void Acts(Page page, ServerHealth health)
    {
        if (page.CanAct) page.Html.Add($"<p class=\"acts\">{ActionLinks.Pause(health)}</p>\n");
    }

    /// <summary>When work is over; of what comes again and again, how long each time is.</summary>
    private static HtmlWriter Until(Page page, HealthDowntime work)
    {
        string each = work.Length is not { } length ? "" : work.Recurrence is { } recurrence ? $"{Words.Of(length)} each time ({recurrence})" : $"{Words.Of(length)} from the first problem on";
        if (work.Until is not { } until) return new HtmlWriter().Add($"{(each.Length > 0 ? each : "it is resumed")}");
        return each.Length > 0 ? new HtmlWriter().Add($"{each}, until {page.Time(until)}") : page.Time(until);
    }

    private static string Title(MetricSeries series) => series.Name switch { "cpu.busy" => "CPU", "memory.available" => "memory free", "disk.used" => "disk", _ => series.Name };

    private static string Label(MetricSeries series) =>
        $"{series}: {HealthThreshold.Format(series.Current, series.Unit)} now, {HealthThreshold.Format(series.Minimum, series.Unit)} to {HealthThreshold.Format(series.Maximum, series.Unit)}";

    private static string Name(string check, string? instance) => instance is null ? check : $"{check} {instance}";
}
