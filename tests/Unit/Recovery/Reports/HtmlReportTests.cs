using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using ProdOps.Recovery.Html;
using ProdOps.Recovery.Readiness;
using ProdOps.Recovery.Reports;
using ProdOps.Recovery.Reports.Html;
using ProdOps.Recovery.Tests.Readiness;

namespace ProdOps.Recovery.Tests.Reports;

public sealed class HtmlReportTests
{
    private static readonly DateTimeOffset Now = ReadyShop.Now;

    [Fact]
    public void Everything_that_was_gathered_is_in_it()
    {
        var page = new ReportPage(HtmlReport.Write(SampleReport.Of("web1")));
        Assert.Equal(["overview", "servers", "incidents", "availability", "balancers", "backups", "recovery", "risks", "logs", "readiness"], page.All("section").Select(static section => (string)section.Attribute("id")!));
        var tiles = page.All("a").Where(static link => (string?)link.Attribute("class") == "tile").Select(static tile => string.Join('|', tile.Elements().Select(static part => part.Value.Trim()))).ToList();
        Assert.Contains("State|✖ Critical|1 of 2 servers want attention; seen 20 s ago", tiles);
        Assert.Contains("Open incidents|1|1 acknowledged", tiles);
        Assert.Contains("Availability, 30 days|99.9 %|promised 99.9 %; kept", tiles);
        Assert.Equal(["✖ Critical", "disk.used /", "93 %", "2026-11-27 11:59:40", "is nearly full"], page.Rows("Checks of web1").Single());
        Assert.Equal("web1", page.Rows("Open incidents").Single()[2]);
        Assert.Contains(page.Rows("Pools"), static row => row[1] == "web" && row[2] == "▲ 1 of 2");
        Assert.Contains(page.Rows("Backups as they were noted on this machine"), static row => row is ["db", "db1", "✔ in time", ..]);
        Assert.Contains(page.Rows("Recovery plans"), static row => row[0] == "db1" && row[3].StartsWith("✔ drill", StringComparison.Ordinal));
        Assert.Equal(["2026-11-27 11:58:00", "✖ Error", "web1", "syslog", "connect() failed"], page.Rows("Lines")[0]);
        Assert.Equal(ReadyShop.Facts.Environment.Name, page.All("h1").Single().Value);
        Assert.Equal(SampleReport.Of("web1").Items.Count, page.Section("readiness")!.Descendants("details").Descendants("tbody").Elements("tr").Count());
    }

    [Fact]
    public void Whatever_servers_and_logs_call_things_is_text()
    {
        var page = new ReportPage(HtmlReport.Write(SampleReport.Of(SampleReport.Hostile)));
        Assert.Empty(page.All("img"));
        Assert.Single(page.All("script"));
        Assert.Single(page.All("style"));
        Assert.DoesNotContain(page.Root.DescendantsAndSelf().Attributes(), static attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase) || attribute.Name.LocalName is "style" or "src" or "srcset" or "action" or "formaction" or "background");
        Assert.All(page.All("a").Select(static link => (string)link.Attribute("href")!), href => Assert.StartsWith("#", href, StringComparison.Ordinal));
        Assert.DoesNotContain('\u202E', page.Html);
        Assert.DoesNotContain('\0', page.Html);
        // It is told all the same.
        Assert.Contains("</script><img src=x onerror=alert(1)>\"'&", page.Rows("Lines")[0][4], StringComparison.Ordinal);
    }

    [Fact]
    public void No_request_can_be_made_and_nothing_runs_but_what_is_known_by_its_hash()
    {
        var page = new ReportPage(HtmlReport.Write(SampleReport.Of("web1")));
        string policy = (string)page.All("meta").Single(static meta => (string?)meta.Attribute("http-equiv") == "Content-Security-Policy").Attribute("content")!;
        Assert.Equal($"default-src 'none'; style-src '{Hash(page.StyleText)}'; script-src '{Hash(page.ScriptText)}'; base-uri 'none'; form-action 'none'", policy);
        Assert.DoesNotContain("http", page.StyleText + page.ScriptText, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", page.StyleText, StringComparison.OrdinalIgnoreCase);
        foreach (string way in (string[])["innerHTML", "eval", "fetch", "XMLHttpRequest", "import", "document.write", "insertAdjacent"]) Assert.DoesNotContain(way, page.ScriptText, StringComparison.Ordinal);

        static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
    }

    [Fact]
    public void Who_does_not_see_it_and_who_has_no_mouse_gets_all_of_it()
    {
        var page = new ReportPage(HtmlReport.Write(SampleReport.Of("web1")));
        Assert.Equal("en", (string?)page.Root.Attribute("lang"));
        Assert.Single(page.All("h1"));
        Assert.All(page.All("section"), section => Assert.Equal("h2", section.Elements().First().Name.LocalName));
        string[] ids = [.. page.Root.Descendants().Attributes("id").Select(static id => id.Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(page.All("a"), link => Assert.Contains(((string)link.Attribute("href")!)[1..], ids));
        Assert.All(page.All("section"), section => Assert.Contains((string)section.Attribute("aria-labelledby")!, ids));
        Assert.All(page.All("svg"), picture => Assert.True(picture.Attribute("aria-label")?.Value.Length > 0 && (string?)picture.Attribute("role") == "img"));
        Assert.All(page.All("th"), heading => Assert.True((string?)heading.Attribute("scope") is "col" or "row"));
        Assert.All(page.All("table"), table => Assert.False(string.IsNullOrEmpty(table.Element("caption")?.Value)));
        Assert.All(page.All("input"), input => Assert.Equal("label", input.Parent!.Name.LocalName));
        // What scrolls can be reached by the keyboard, and has a name.
        Assert.All(page.All("div").Where(static part => (string?)part.Attribute("class") == "scroll"), part => Assert.True((string?)part.Attribute("tabindex") == "0" && part.Attribute("aria-label")?.Value.Length > 0));
        // No state is told by a colour alone.
        Assert.All(page.All("span").Where(static part => part.Attribute("class")?.Value.StartsWith("state", StringComparison.Ordinal) == true), part => Assert.True(part.Elements("span").Count() == 1 && part.Value.Trim().Length > 2));
    }

    [Fact]
    public void What_could_not_be_gathered_says_why_and_takes_nothing_else_with_it()
    {
        var report = SampleReport.Of("web1") with { Health = Fact<HealthReport>.Unknown("no monitor has run <here>"), Logs = Fact<LogReport>.Unknown("the index is damaged"), Balancers = [] };
        var page = new ReportPage(HtmlReport.Write(report));
        Assert.Contains("no monitor has run <here>", page.Section("servers")!.Value, StringComparison.Ordinal);
        Assert.Contains("the index is damaged", page.Section("logs")!.Value, StringComparison.Ordinal);
        Assert.Null(page.Section("incidents"));
        Assert.Equal(page.All("section").Count(), page.All("nav").Single().Descendants("a").Count());
        Assert.Contains("? Unknown", page.Section("overview")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_too_old_is_not_told_as_if_it_were_so_now()
    {
        var full = SampleReport.Of("web1");
        var stale = full with { Health = Fact<HealthReport>.Of(full.Health.Value! with { IsStale = true, Age = TimeSpan.FromHours(3), Servers = [new ServerReport(new ServerHealth { Server = "web1", State = HealthState.OK, Time = Now.AddHours(-3) }, [])] }) };
        var page = new ReportPage(HtmlReport.Write(stale));
        Assert.Contains("State? Unknown", string.Concat(page.Section("overview")!.Descendants("a").First().Elements().Select(static part => part.Value)), StringComparison.Ordinal);
        Assert.Contains("last seen 3 h ago", page.Section("overview")!.Value, StringComparison.Ordinal);
        Assert.Contains("nobody knows how they are now", page.Section("servers")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_thousand_servers_those_that_are_well_are_told_in_a_line()
    {
        var full = SampleReport.Of("web1");
        var ill = full.Health.Value!.Servers[0];
        ServerReport[] servers = [ill, .. Enumerable.Range(0, 1000).Select(number => ill with { Health = ill.Health with { Server = $"app{number}", State = HealthState.OK, Problems = [] } })];
        var page = new ReportPage(HtmlReport.Write(full with { Health = Fact<HealthReport>.Of(full.Health.Value! with { Servers = servers }) }));
        Assert.InRange(page.Html.Length, 500_000, 3_000_000);
        Assert.Equal(["web1"], page.All("details").Where(static details => (string?)details.Attribute("class") == "server" && details.Elements("figure").Any()).Select(static details => (string)details.Attribute("data-server")!));
        Assert.Equal(1001, page.All("details").Count(static details => (string?)details.Attribute("class") == "server"));
    }

    [Fact]
    public void A_chart_has_a_gap_where_nothing_was_measured_and_bears_any_numbers()
    {
        var from = Now.AddHours(-1);
        MetricSample[] samples = [.. Enumerable.Range(0, 60).Where(static minute => minute is < 20 or > 40).Select(minute => new MetricSample { Time = from.AddMinutes(minute), Value = minute % 7 == 0 ? double.NaN : minute })];
        var html = new HtmlWriter();
        Charts.Line(html, new MetricSeries { Name = "x", From = from, To = Now, Samples = samples }, (720, 90), "x");
        var picture = XElement.Parse(html.ToString());
        Assert.Equal(2, picture.Elements("path").Count());
        foreach (double value in (double[])[0, -5, double.MaxValue, double.NaN, double.PositiveInfinity])
        {
            html = new HtmlWriter();
            Charts.Line(html, new MetricSeries { Name = "x", From = from, To = Now, Samples = [new MetricSample { Time = Now, Value = value }] }, (720, 90), "x");
            Assert.DoesNotContain("NaN", html.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("Infinity", html.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("<b>", "&lt;b&gt;")]
    [InlineData("a\r\nb\tc", "a\nb\tc")]
    [InlineData("\u001B[31mred\u0007", "\uFFFD[31mred\uFFFD")]
    [InlineData("abc\u202Etxt.exe\u2069", "abc\uFFFDtxt.exe\uFFFD")]
    [InlineData("zero\u200Bwidth\uFEFF", "zero\uFFFDwidth\uFFFD")]
    [InlineData("\u0645\u06CC\u200C\u062E", "\u0645\u06CC\u200C\u062E")]
    public void Text_cannot_change_how_the_rest_is_read(string text, string expected) => Assert.Equal(expected, HtmlWriter.Escape(text));
}
