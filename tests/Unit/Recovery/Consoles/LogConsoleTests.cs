using System.Text;
using System.Xml.Linq;
using ProdOps.Logging;
using ProdOps.Logging.Searching;
using ProdOps.Recovery.Tests.Reports;

namespace ProdOps.Recovery.Tests.Consoles;

/// <summary>The page that searches logs.</summary>
public sealed class LogConsoleTests
{
    [Fact]
    public async Task What_was_asked_is_what_is_looked_for_and_stands_in_the_form_again()
    {
        var lines = new SampleSources.Lines();
        await using var console = RunningConsole.OfSources(SampleSources.Of() with { Logs = _ => Task.FromResult(new OpenSearch(lines, new SampleSources.Nothing())) });
        var page = await PageAsync(console, "/logs?q=a%20%3Cb%3E&regex=on&where=%24_.Status+-eq+500&level=Warning&server=web*%2C+role%3AApp&source=nginx&limit=7&from=2026-11-27T10%3A00&to=2026-11-27T11%3A00%3A30");
        var asked = lines.Asked!;
        Assert.Equal(("a <b>", true, LogLevel.Warning, 7), (asked.Patterns.Single(), asked.IsRegex, asked.Level, asked.Newest));
        Assert.Equal(["web*", "role:App"], asked.Servers);
        Assert.Equal((new DateTimeOffset(2026, 11, 27, 10, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 11, 27, 11, 0, 30, TimeSpan.Zero)), (asked.After, asked.Before));
        Assert.NotNull(asked.Where);
        var fields = page.All("input").ToDictionary(static input => (string)input.Attribute("name")!, static input => (string?)input.Attribute("value"));
        Assert.Equal(("a <b>", "$_.Status -eq 500", "web*, role:App", "2026-11-27T10:00:00"), (fields["q"], fields["where"], fields["server"], fields["from"]));
        Assert.Equal(["line 0 of web1", "line 1 of web1", "line 2 of web1"], page.Rows("Lines").Select(static row => row[4]));
        Assert.Equal("The newest 7 of 2,100.", page.All("p").Single(static part => (string?)part.Attribute("id") == "count").Value);
        // A bar leads to its time, with everything else as it was.
        string bar = (string)page.All("a").First(static link => link.Parent!.Name.LocalName == "svg").Attribute("href")!;
        Assert.StartsWith("/logs?q=a%20%3Cb%3E&regex=on&where=%24_.Status%20-eq%20500&level=Warning&", bar, StringComparison.Ordinal);
        Assert.Contains("from=2026-11-27T10%3A00%3A00&to=2026-11-27T10%3A00%3A31", bar, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_the_two_ways_to_say_a_time_the_one_that_was_changed_counts()
    {
        var lines = new SampleSources.Lines();
        await using var console = RunningConsole.OfSources(SampleSources.Of() with { Logs = _ => Task.FromResult(new OpenSearch(lines, new SampleSources.Nothing())) });
        var moments = new DateTimeOffset(2026, 11, 27, 10, 0, 0, TimeSpan.Zero);
        var page = await PageAsync(console, "/logs?last=1h&from=2026-11-27T10%3A00&to=2026-11-27T11%3A00");
        Assert.Equal(moments, lines.Asked!.After);
        Assert.Equal("moments", (string?)page.All("input").Single(static input => (string?)input.Attribute("name") == "was").Attribute("value"));
        page = await PageAsync(console, "/logs?last=1h&was=moments&from=2026-11-27T10%3A00&to=2026-11-27T11%3A00");
        Assert.InRange(lines.Asked!.After!.Value, TimeProvider.System.GetUtcNow().AddMinutes(-65), TimeProvider.System.GetUtcNow().AddMinutes(-59));
        Assert.DoesNotContain(page.All("input"), static input => (string?)input.Attribute("name") == "was");
    }

    [Theory]
    [InlineData("/logs?where=bad", "it is bad <b>")]
    [InlineData("/logs?last=soon", "'soon' is no time")]
    [InlineData("/logs?from=2026-11-27T10:00&to=2026-11-27T09:00", "is no time")]
    [InlineData("/logs?from=%00%3Cscript%3E", "is no time")]
    [InlineData("/logs?to=0", "is no time")]
    [InlineData("/logs?last=99999999d", "is no time")]
    public async Task What_cannot_be_looked_for_is_told_in_the_page(string address, string told)
    {
        await using var console = RunningConsole.OfSources(SampleSources.Of());
        var page = await PageAsync(console, address);
        Assert.Contains(told, page.All("p").Single(static part => (string?)part.Attribute("role") == "alert").Value, StringComparison.Ordinal);
        Assert.Single(page.All("form"));
    }

    [Fact]
    public async Task A_store_that_is_not_there_is_told_in_the_page()
    {
        await using var console = RunningConsole.OfSources(SampleSources.Of() with { Logs = static _ => throw LoggingErrors.StoreEmpty("/srv/none") });
        Assert.Contains("/srv/none", (await PageAsync(console, "/logs")).All("p").Single(static part => (string?)part.Attribute("role") == "alert").Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_come_as_they_are_found_and_the_search_ends_when_the_browser_goes()
    {
        var lines = new SampleSources.Lines { IsEndless = true };
        await using var console = RunningConsole.OfSources(SampleSources.Of() with { Logs = _ => Task.FromResult(new OpenSearch(lines, new SampleSources.Nothing())) });
        using (var client = await console.OpenAsync($"GET /logs?q=x HTTP/1.1\r\nHost: localhost:{console.Port}\r\nCookie: {await console.LogInAsync()}\r\n\r\n"))
        {
            byte[] buffer = new byte[4096];
            for (string read = ""; !read.Contains("line 5 of", StringComparison.Ordinal);) read = read[Math.Max(0, read.Length - 100)..] + Encoding.UTF8.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer));
            Assert.False(lines.Ended.Task.IsCompleted);
        }

        await lines.Ended.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await RunningConsole.UntilAsync(() => console.Server.Serving == 0, "It is still served.");
    }

    [Fact]
    public async Task What_lines_hold_and_what_was_typed_is_text()
    {
        await using var console = RunningConsole.OfSources(SampleSources.Of(SampleReport.Hostile));
        var page = await PageAsync(console, $"/logs?q={Uri.EscapeDataString("\"><img src=x onerror=alert(1)>")}&server={Uri.EscapeDataString("\" autofocus onfocus=alert(1)")}");
        Assert.Empty(page.All("img"));
        Assert.DoesNotContain(page.Root.Descendants().Attributes(), static attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase) || attribute.Name.LocalName == "autofocus");
    }

    private static async Task<ReportPage> PageAsync(RunningConsole console, string address) => new((await console.GetAsync(address)).Split("\r\n\r\n", 2)[1]);
}
