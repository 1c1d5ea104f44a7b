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
        var parts = ReportParts.Of(report);
        var body = new HtmlWriter().Add($"</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#overview\">To the report</a>\n<header>\n<h1>{report.Environment.Name}</h1>\n{parts.Made.Html}{parts.Navigation.Html}</header>\n<main>\n")
            .Each(parts.Sections, static (html, section) => html.Add($"{section.Html}"))
            .Add($"</main>\n<footer>{parts.Footer}</footer>\n<script>");
        return text.Append(body).Append(Script.Value).Append("</script>\n</body>\n</html>\n").ToString();
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    /// <summary>A file that stands in this assembly.</summary>
    internal static string Resource(string name)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
