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
        page.Table("Open incidents", ["Since", "State", "Where", "What", "Taken on by"], health.Open, (html, incident) =>
            html.Add($"<td>{page.Age(incident.Time)}</td><td>{Page.State(ReportText.Of(incident.State ?? HealthState.Unknown))}</td><td>{incident.Server}</td><td>{Name(incident.Check, incident.Instance)}: {incident.Message}</td><td>{(incident.By.Length > 0 ? incident.By : "nobody")}</td>"),
            "No incident is open.");
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
        html.Add($"<details class=\"server\" data-server=\"{health.Server}\"><summary>{Page.State(ReportText.Of(health.State))} <strong>{health.Server}</strong> <span class=\"dim\">{string.Join(", ", health.Roles)}</span>");
        foreach (var one in series.Where(static one => one.Name != "disk.used").Concat(series.Where(static one => one.Name == "disk.used").OrderByDescending(static one => one.Current).Take(1)))
        {
            html.Add($"<span class=\"spark\"><span>{Title(one)} {HealthThreshold.Format(one.Current, one.Unit)}</span>");
            Charts.Line(html, one, Small, Label(one));
            html.Add($"</span>");
        }

        html.Add($"<span class=\"why\">{string.Join("; ", health.Problems.Take(3).Select(static problem => $"{problem}: {problem.Message}"))}</span></summary>\n");
        if (isBrief)
        {
            html.Add($"</details>\n");
            return;
        }

        foreach (var one in series)
        {
            html.Add($"<figure><figcaption>{Title(one)}{(one.Instance is { } instance ? $" {instance}" : "")}: {HealthThreshold.Format(one.Current, one.Unit)} now, {HealthThreshold.Format(one.Minimum, one.Unit)} to {HealthThreshold.Format(one.Maximum, one.Unit)}, {HealthThreshold.Format(one.Average, one.Unit)} on average</figcaption>");
            Charts.Line(html, one, Large, Label(one));
            html.Add($"</figure>\n");
        }

        page.Table($"Checks of {health.Server}", ["State", "Check", "Value", "Since or at", "What"], health.Checks, (row, check) =>
            row.Add($"<td>{Page.State(ReportText.Of(check.State))}</td><td>{check.ToString()}</td><td>{(check.Value is { } value ? HealthThreshold.Format(value, check.Unit) : "")}</td><td>{page.Time(check.Time)}</td><td>{check.Message}</td>"),
            "No check was made of it.");
        html.Add($"</details>\n");
    }

    private static string Title(MetricSeries series) => series.Name switch { "cpu.busy" => "CPU", "memory.available" => "memory free", "disk.used" => "disk", _ => series.Name };

    private static string Label(MetricSeries series) =>
        $"{series}: {HealthThreshold.Format(series.Current, series.Unit)} now, {HealthThreshold.Format(series.Minimum, series.Unit)} to {HealthThreshold.Format(series.Maximum, series.Unit)}";

    private static string Name(string check, string? instance) => instance is null ? check : $"{check} {instance}";
}
