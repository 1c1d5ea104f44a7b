using System.Security.Cryptography;
using System.Text;
using ProdOps.Recovery.Html;

namespace ProdOps.Recovery.Reports.Html;

/// <summary>
/// A report as one HTML file that needs nothing else: no request is made, and none could be, since its policy (Content Security Policy Level 3) allows the one style and the one script that are in it, by
/// their hashes. Without the script all of it is there to read.
/// </summary>
internal static class HtmlReport
{
    /// <summary>By which a file is known as a report.</summary>
    public const string Marker = "<meta name=\"generator\" content=\"ProdOps report\">";

    private static readonly Lazy<string> Style = new(static () => Resource("report.css")), Script = new(static () => Resource("report.js"));

    private static readonly (string Id, string Title, Func<Report, bool> IsThere)[] Sections =
    [
        ("overview", "Overview", static _ => true),
        ("servers", "Servers", static _ => true),
        ("incidents", "Incidents", static report => report.Health.Value is not null),
        ("availability", "Availability", static report => report.Health.Value is { Availability.Count: > 0 }),
        ("balancers", "Load balancing", static report => report.Environment.LoadBalancers.Count + report.Balancers.Count > 0),
        ("backups", "Backups", static _ => true),
        ("recovery", "Recovery", static _ => true),
        ("risks", "Single points of failure", static _ => true),
        ("logs", "Logs", static _ => true),
        ("readiness", "Readiness", static _ => true),
    ];

    public static string Write(Report report)
    {
        var head = new HtmlWriter().Add($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{Hash(Style.Value)}'; script-src '{Hash(Script.Value)}'; base-uri 'none'; form-action 'none'">
            <meta name="generator" content="ProdOps report">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <title>{report.Environment.Name}: report of {TimeZoneInfo.ConvertTime(report.Time, report.Zone):yyyy-MM-dd HH:mm}</title>
            <style>
            """);
        // Neither is text: they are ours, and their hashes are of exactly these characters.
        var text = new StringBuilder(head.ToString().TrimEnd()).Append(Style.Value);
        var body = new Page(report);
        body.Html.Add($"</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#overview\">To the report</a>\n<header>\n<h1>{report.Environment.Name}</h1>\n");
        body.Html.Add($"<p>Made {body.Time(report.Time)} <span class=\"dim\">{Offset(report)}</span>, from {body.Time(report.From)}</p>\n<nav aria-label=\"Sections\"><ul>\n");
        foreach (var section in Sections.Where(section => section.IsThere(report))) body.Html.Add($"<li><a href=\"#{section.Id}\">{section.Title}</a></li>\n");
        body.Html.Add($"</ul></nav>\n</header>\n<main>\n");
        OverviewSection.Write(body);
        HealthSections.Servers(body);
        HealthSections.Incidents(body);
        HealthSections.Availability(body);
        BalancerSection.Write(body);
        BackupSection.Write(body);
        RecoverySections.Plans(body);
        RecoverySections.SinglePoints(body);
        LogSection.Write(body);
        ReadinessSection.Write(body);
        body.Html.Add($"</main>\n<footer>ProdOps {report.Version}. Times are of {report.Zone.Id}. It holds what servers and logs say: show it only to whom they may be shown.</footer>\n<script>");
        return text.Append(body.Html).Append(Script.Value).Append("</script>\n</body>\n</html>\n").ToString();
    }

    private static string Offset(Report report)
    {
        var offset = report.Zone.GetUtcOffset(report.Time);
        return $"UTC{(offset < TimeSpan.Zero ? "-" : "+")}{offset.Duration():hh\\:mm}";
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Resource(string name)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
