using ProdOps.Recovery.Html;
using ProdOps.Recovery.Readiness;

namespace ProdOps.Recovery.Reports.Html;

/// <summary>What one looks at first: how it is, how sure that is, and what to do about it.</summary>
internal static class OverviewSection
{
    public static void Write(Page page)
    {
        var (report, html) = (page.Report, page.Html);
        page.Begin("overview", "Overview");
        html.Add($"<div class=\"tiles\">\n");
        Health(page);
        Tile(html, "Ready for production", Big($"{report.Summary.Score:0} of 100"), new HtmlWriter().Add($"{report.Summary.Met} met, {report.Summary.Partly} partly, {report.Summary.Missing} missing, {report.Summary.Unknown} unknown"), "readiness");
        Availability(page);
        Backups(page);
        Recovery(page);
        html.Add($"</div>\n");
        if (report.Summary.NextSteps.Count > 0)
        {
            html.Add($"<h3>Next steps</h3>\n<ol class=\"steps\">\n");
            foreach (var item in report.Summary.NextSteps) html.Add($"<li><strong>{item.Title}</strong> <span class=\"dim\">+{item.Gain:0.#} points</span><br>{item.Message}{Command(item.Advice)}</li>\n");
            html.Add($"</ol>\n");
        }

        page.End();
    }

    /// <summary>Advice, which is a command line or a sentence.</summary>
    public static HtmlWriter Command(string advice) => advice.Length == 0 ? new HtmlWriter() : new HtmlWriter().Add($" <code>{advice}</code>");

    private static void Health(Page page)
    {
        var health = page.Report.Health;
        if (health.Value is not { } known)
        {
            Tile(page.Html, "State", Page.State(ReportText.Of(HealthState.Unknown)), new HtmlWriter().Add($"{health.Problem}"), "servers");
            return;
        }

        // What is too old says nothing about now.
        var worst = known.IsStale || known.Servers.Count == 0 ? HealthState.Unknown : known.Servers.Max(static server => server.Health.State);
        int wrong = known.Servers.Count(static server => server.Health.State is not (HealthState.OK or HealthState.Maintenance));
        var about = new HtmlWriter().Add($"{wrong} of {known.Servers.Count} servers want attention; ");
        if (known.Age is { } age) about.Add($"{(known.IsStale ? "last seen " : "seen ")}{ReportText.Ago(age)}");
        else about.Add($"nothing was measured yet");
        Tile(page.Html, "State", Page.State(ReportText.Of(worst)), about, "servers");
        Tile(page.Html, "Open incidents", Big($"{known.Open.Count}"), new HtmlWriter().Add($"{known.Open.Count(static incident => incident.By.Length > 0)} acknowledged"), "incidents");
    }

    private static void Availability(Page page)
    {
        if (page.Report.Health.Value?.Availability.LastOrDefault() is not { } all) return;
        string promise = all.Objective is { } objective ? $"promised {Words.Percent(objective)}; {(all.MeetsObjective switch { true => "kept", false => "not kept", _ => "not known" })}" : "no objective";
        Tile(page.Html, $"Availability, {HealthGatherer.DayCount} days", Big(all.Availability is { } share ? Words.Percent(share) : "not known"), new HtmlWriter().Add($"{promise}"), "availability");
    }

    private static void Backups(Page page)
    {
        if (page.Report.Facts.BackupRuns.Value is not { } runs) return;
        var last = runs.Where(static run => run.Status == BackupSetStatus.Complete).MaxBy(static run => run.Time);
        Tile(page.Html, "Last backup", Big(last is null ? "never" : ReportText.Ago(page.Report.Time - last.Time)), new HtmlWriter().Add($"{(page.Report.Summary.RecoveryPoint.Length > 0 ? $"recovery point {page.Report.Summary.RecoveryPoint}" : "no recovery point is known")}"), "backups");
    }

    private static void Recovery(Page page)
    {
        var summary = page.Report.Summary;
        // "not known; 15 min were promised"
        string[] parts = summary.RecoveryTime.Split("; ", 2);
        string basis = summary.RecoveryTimeBasis == ReadinessBasis.None ? "never tried" : summary.RecoveryTimeBasis.ToString().ToLowerInvariant();
        Tile(page.Html, "Recovery time", Big(parts[0].Length > 0 ? parts[0] : "not known"), new HtmlWriter().Add($"{(parts.Length > 1 ? $"{parts[1]}; " : "")}{basis}"), "recovery");
    }

    private static HtmlWriter Big(string text) => new HtmlWriter().Add($"<span class=\"big\">{text}</span>");

    private static void Tile(HtmlWriter html, string title, HtmlWriter value, HtmlWriter about, string target) =>
        html.Add($"<a class=\"tile\" href=\"#{target}\"><span class=\"title\">{title}</span>{value}<span class=\"dim\">{about}</span></a>\n");
}
