using System.Text;
using System.Xml.Linq;
using ProdOps.Recovery.Tests.Reports;

namespace ProdOps.Recovery.Tests.Consoles;

/// <summary>A form of a page as a browser sends it: with what stands in it, or what somebody changed.</summary>
internal sealed class SentForm
{
    private readonly Dictionary<string, string> _fields = [];

    public SentForm(string html)
    {
        Page = new ReportPage(html);
        var form = Page.All("form").Single();
        Assert.Equal("post", (string?)form.Attribute("method"));
        Path = (string)form.Attribute("action")!;
        foreach (var field in form.Descendants().Where(static part => part.Name.LocalName == "input" && ((string?)part.Attribute("type") != "checkbox" || part.Attribute("checked") is not null)))
            _fields[(string)field.Attribute("name")!] = (string)field.Attribute("value")!;
        foreach (var select in form.Descendants().Where(static part => part.Name.LocalName == "select"))
            _fields[(string)select.Attribute("name")!] = (string)(select.Elements().FirstOrDefault(static option => option.Attribute("selected") is not null) ?? select.Elements().First()).Attribute("value")!;
    }

    public ReportPage Page { get; }

    public string Path { get; }

    /// <summary>What stands above the form.</summary>
    public (string Name, string Value)[] Facts => [.. Page.All("dl").Descendants().Where(static part => part.Name.LocalName == "div").Select(static part => (part.Elements().First().Value, part.Elements().Last().Value))];

    public string Text => string.Join('&', _fields.Select(static one => $"{one.Key}={Encoded(one.Value)}"));

    public string this[string field]
    {
        get => _fields[field];
        set => _fields[field] = value;
    }

    // Half of a pair and NUL too, which Uri does not do.
    private static string Encoded(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(static one => $"%{one:X2}"));
}
