using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Recovery.Consoles;
using ProdOps.Recovery.Readiness;
using ProdOps.Recovery.Reports;
using ProdOps.Recovery.Reports.Html;
using ProdOps.Recovery.Tests.Reports;

namespace ProdOps.Recovery.Tests.Consoles;

/// <summary>The report that is kept current.</summary>
public sealed class ReportConsoleTests
{
    [Fact]
    public async Task The_page_has_the_very_sections_of_the_file()
    {
        await using var console = RunningConsole.OfReport();
        string html = (await console.GetAsync("/")).Split("\r\n\r\n", 2)[1];
        var (page, file) = (new ReportPage(html), new ReportPage(HtmlReport.Write(SampleReport.Of("web1"))));
        Assert.Equal(file.All("section").Select(static section => section.ToString()), page.All("section").Select(static section => section.ToString()));
        Assert.Equal("page", (string?)page.All("nav").First().Descendants("a").Single(static link => (string?)link.Attribute("href") == "/").Attribute("aria-current"));
        // Without a script it is loaded anew now and then.
        Assert.Single(page.All("noscript").Single().Elements("meta"));
        string[] ids = [.. page.Root.Descendants().Attributes("id").Select(static id => id.Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public async Task Whatever_servers_call_things_is_text_here_too()
    {
        await using var console = RunningConsole.OfReport(static () => SampleReport.Of(SampleReport.Hostile));
        var page = new ReportPage((await console.GetAsync("/")).Split("\r\n\r\n", 2)[1]);
        Assert.Empty(page.All("img"));
        Assert.Equal(["/report.js", "/console.js"], page.All("script").Select(static script => (string)script.Attribute("src")!));
        Assert.DoesNotContain('\u202E', page.Html);
    }

    [Theory]
    [InlineData("/report.css", "text/css")]
    [InlineData("/console.css", "text/css")]
    [InlineData("/report.js", "text/javascript")]
    [InlineData("/console.js", "text/javascript")]
    public async Task What_a_page_is_made_of_comes_from_here(string path, string type)
    {
        await using var console = RunningConsole.OfReport();
        string answer = await console.GetAsync(path);
        Assert.Contains($"Content-Type: {type}; charset=utf-8\r\n", answer, StringComparison.Ordinal);
        foreach (string way in (string[])["innerHTML", "eval(", "document.write", "insertAdjacentHTML", "https://", "url("]) Assert.DoesNotContain(way, answer.Split("\r\n\r\n", 2)[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_is_not_there_says_which_are()
    {
        await using var console = RunningConsole.OfReport();
        Assert.StartsWith("HTTP/1.1 404", await console.GetAsync("/../etc/passwd"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 401", await console.AskAsync("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_what_has_changed_is_sent_and_who_comes_back_gets_what_they_missed()
    {
        var report = SampleReport.Of("web1");
        await using var console = RunningConsole.OfReport(() => Volatile.Read(ref report), TimeSpan.FromMilliseconds(20));
        string seen = (await console.GetAsync("/")).Split("data-seen=\"")[1].Split('"')[0];
        using var client = await console.OpenAsync($"GET /events?seen={seen} HTTP/1.1\r\nHost: localhost:{console.Port}\r\nCookie: {await console.LogInAsync()}\r\n\r\n");
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        var (_, first) = await NextAsync(reader, "report");
        Assert.Empty(first.GetProperty("parts").EnumerateObject());
        Assert.Equal(["made", "sections", "overview", "servers"], first.GetProperty("order").EnumerateArray().Take(4).Select(static id => id.GetString()!));

        Volatile.Write(ref report, report with { Logs = Fact<LogReport>.Unknown("the index\n\n</section> is damaged") });
        JsonElement changed;
        do (seen, changed) = await NextAsync(reader, "report");
        while (!changed.GetProperty("parts").EnumerateObject().Any());
        Assert.Equal(["logs"], changed.GetProperty("parts").EnumerateObject().Select(static part => part.Name));
        Assert.Contains("the index\n\n&lt;/section&gt; is damaged", changed.GetProperty("parts").GetProperty("logs").GetString(), StringComparison.Ordinal);

        Volatile.Write(ref report, report with { Health = Fact<HealthReport>.Unknown("no monitor") });
        using var again = await console.OpenAsync($"GET /events?seen=1 HTTP/1.1\r\nHost: localhost:{console.Port}\r\nLast-Event-ID: {seen}\r\nCookie: {await console.LogInAsync()}\r\n\r\n");
        using var anew = new StreamReader(again.GetStream(), Encoding.UTF8);
        JsonElement missed;
        do (_, missed) = await NextAsync(anew, "report");
        while (!missed.GetProperty("parts").EnumerateObject().Any());
        string[] parts = [.. missed.GetProperty("parts").EnumerateObject().Select(static part => part.Name)];
        Assert.Contains("servers", parts);
        Assert.DoesNotContain("logs", parts);
        Assert.DoesNotContain("incidents", missed.GetProperty("order").EnumerateArray().Select(static id => id.GetString()));
    }

    [Fact]
    public async Task What_cannot_be_gathered_for_a_moment_is_told_and_tried_again()
    {
        bool isBroken = false;
        // Made once: what takes long to gather is gathered seldom, and where other tests have the cores that may be minutes.
        var report = SampleReport.Of("web1");
        await using var console = RunningConsole.OfReport(() => Volatile.Read(ref isBroken) ? throw new ProdOpsException("EnvironmentInvalid", ErrorKind.InvalidData, "line 3 is half written", "") : report, TimeSpan.FromMilliseconds(20));
        using var client = await console.OpenAsync($"GET /events HTTP/1.1\r\nHost: localhost:{console.Port}\r\nCookie: {await console.LogInAsync()}\r\n\r\n");
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        await NextAsync(reader, "report");
        Volatile.Write(ref isBroken, true);
        var (_, problem) = await NextAsync(reader, "problem");
        Assert.Equal("line 3 is half written", problem.GetString());
        Assert.StartsWith("HTTP/1.1 500", await console.GetAsync("/"), StringComparison.Ordinal);
        Volatile.Write(ref isBroken, false);
        await NextAsync(reader, "report");
    }

    [Fact]
    public async Task It_is_gathered_once_for_all_who_look_and_never_while_nobody_does()
    {
        var time = new FakeTimeProvider();
        int count = 0;
        var under = new TaskCompletionSource();
        using var live = new LiveReport(SampleSources.Of() with
        {
            Report = async _ =>
            {
                count++;
                await under.Task;
                return SampleReport.Of("web1");
            },
            Interval = TimeSpan.FromSeconds(10),
            Time = time,
        }, default);
        var many = Enumerable.Range(0, 20).Select(_ => live.LookAsync(default)).ToList();
        under.SetResult();
        var states = await Task.WhenAll(many);
        Assert.Single(states.Distinct());
        time.Advance(TimeSpan.FromSeconds(9));
        await live.LookAsync(default);
        Assert.Equal(1, count);
        time.Advance(TimeSpan.FromHours(9));
        Assert.Equal(1, count);
        var later = await live.LookAsync(default);
        Assert.Equal(2, count);
        Assert.True(later.Number > states[0].Number);
        // Nothing of it is newer, since it is the same.
        Assert.All(later.Parts, part => Assert.Equal(states[0].Number, part.Since));
    }

    [Fact]
    public async Task Gathering_that_takes_long_leaves_the_machine_some_rest()
    {
        var time = new FakeTimeProvider();
        using var live = new LiveReport(SampleSources.Of() with
        {
            Report = _ =>
            {
                time.Advance(TimeSpan.FromSeconds(20));
                return Task.FromResult(SampleReport.Of("web1"));
            },
            Interval = TimeSpan.FromSeconds(10),
            Time = time,
        }, default);
        Assert.Equal(TimeSpan.FromSeconds(80), (await live.LookAsync(default)).Pause);
    }

    /// <summary>The next event of a kind.</summary>
    private static async Task<(string Id, JsonElement Data)> NextAsync(StreamReader reader, string kind)
    {
        string id = "", of = "";
        while (true)
        {
            string line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) ?? throw new EndOfStreamException();
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal)) of = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal) && of == kind) return (id, JsonDocument.Parse(line[6..]).RootElement);
        }
    }
}
