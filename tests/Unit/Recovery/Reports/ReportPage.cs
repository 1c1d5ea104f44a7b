using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ProdOps.Recovery.Tests.Reports;

/// <summary>A report as a browser would have it: its elements, once it is certain that it is well-formed.</summary>
internal sealed partial class ReportPage
{
    public ReportPage(string html)
    {
        Html = html;
        // The style and the script are no markup, and some elements have no end: all else must nest as XML does.
        string text = Script().Replace(Style().Replace(html, "<style></style>"), "<script></script>").Replace("<!DOCTYPE html>", "", StringComparison.Ordinal);
        Root = XElement.Parse(Flag().Replace(Void().Replace(text, "<$1$2/>"), "$1=\"\"$2"), LoadOptions.PreserveWhitespace);
    }

    public string Html { get; }

    public XElement Root { get; }

    public string StyleText => Style().Match(Html).Groups[1].Value;

    public string ScriptText => Script().Match(Html).Groups[1].Value;

    public IEnumerable<XElement> All(string name) => Root.Descendants(name);

    public XElement? Section(string id) => All("section").SingleOrDefault(section => (string?)section.Attribute("id") == id);

    /// <summary>The rows of a table, as texts of its cells.</summary>
    public IReadOnlyList<string[]> Rows(string caption) =>
        [.. All("table").Single(table => table.Element("caption")?.Value == caption).Element("tbody")!.Elements("tr").Select(static row => row.Elements().Select(static cell => cell.Value).ToArray())];

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<(meta|br|input|link)((?:\\s[^<>]*?)?)>")]
    private static partial Regex Void();

    [GeneratedRegex("(\\sdata-log)(>)")]
    private static partial Regex Flag();
}
