using System.Text.Json;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Store.Chunks;
using ProdOps.Recovery.Consoles;
using ProdOps.Recovery.Tests.Reports;

namespace ProdOps.Recovery.Tests.Consoles;

/// <summary>The page of metrics.</summary>
public sealed class MetricConsoleTests
{
    [Fact]
    public async Task A_chart_has_its_values_in_words_its_gap_and_the_ways_to_another_time()
    {
        await using var console = RunningConsole.OfSources(SampleSources.Of());
        var page = await PageAsync(console, "/metrics?server=web1&metric=cpu.busy&from=1795780000000&to=1795783600000");
        Assert.Equal("cpu.busy, web1: 99 % at the end, 0 % to 100 %, 50.6 % on average", page.All("figcaption").Single().Value);
        // A band and a line of what is before the gap, and of what is after it.
        Assert.Equal(4, page.All("path").Count());
        var zoom = page.All("div").Single(static part => (string?)part.Attribute("class") == "zoom");
        var points = JsonDocument.Parse((string)zoom.Attribute("data-points")!).RootElement.EnumerateArray().ToList();
        Assert.Equal(89, points.Count);
        Assert.Equal(1795780000000, points[0][0].GetInt64());
        Assert.EndsWith(": 0.5 %, 0 % to 1 %", points[0][1].GetString(), StringComparison.Ordinal);
        string[] links = [.. page.All("p").Single(static part => (string?)part.Attribute("class") == "steps-of-time").Elements("a").Select(static link => link.Value)];
        Assert.Contains("Earlier", links);
        Assert.Contains("Zoom in", links);
        Assert.Contains("from=", (string)page.All("a").Single(static link => (string?)link.Attribute("id") == "out").Attribute("href")!, StringComparison.Ordinal);
        Assert.Equal(["cpu.busy", "disk.used", "net.received"], page.All("datalist").Single(static list => (string?)list.Attribute("id") == "known").Elements("option").Select(static option => (string)option.Attribute("value")!));
        // A time that is over does not go on.
        Assert.Equal("0", (string?)page.All("main").Single().Attribute("data-again"));
        Assert.Equal("30", (string?)(await PageAsync(console, "/metrics")).All("main").Single().Attribute("data-again"));
    }

    [Fact]
    public async Task What_is_not_there_or_cannot_be_read_is_told()
    {
        await using var console = RunningConsole.OfSources(SampleSources.Of());
        Assert.Contains("There is no such metric of it. There are: cpu.busy, disk.used, net.received.", (await PageAsync(console, "/metrics?metric=none")).Html, StringComparison.Ordinal);
        await using var broken = RunningConsole.OfSources(SampleSources.Of() with { Metrics = static () => throw MonitoringErrors.NoStore() });
        Assert.Single((await PageAsync(broken, "/metrics")).All("p"), static part => (string?)part.Attribute("role") == "alert");
        Assert.Single((await PageAsync(broken, "/metrics?last=never")).All("form"));
    }

    [Theory]
    [InlineData("from=0&to=4102444799999", true)]
    [InlineData("last=20000d", true)]
    [InlineData("from=0&to=4102444800000", false)]
    [InlineData("from=1&to=2", false)]
    [InlineData("from=99999999999999999999&to=9", false)]
    [InlineData("from=0001-01-01T00:00&to=9999-12-31T23:59", false)]
    public async Task A_time_of_any_length_can_be_shown_or_is_refused(string time, bool isShown)
    {
        await using var console = RunningConsole.OfSources(SampleSources.Of());
        var page = await PageAsync(console, $"/metrics?{time}");
        Assert.Equal(isShown ? 1 : 0, page.All("svg").Count());
        Assert.Equal(isShown ? 0 : 1, page.All("p").Count(static part => (string?)part.Attribute("role") == "alert"));
    }

    [Fact]
    public async Task Names_and_what_was_typed_are_text()
    {
        await using var console = RunningConsole.OfSources(SampleSources.Of(SampleReport.Hostile));
        var page = await PageAsync(console, $"/metrics?metric=*&server={Uri.EscapeDataString("'\"><script>alert(1)</script>")}");
        Assert.Empty(page.All("img"));
        Assert.Equal(2, page.All("script").Count());
        Assert.Equal(3, page.All("figure").Count());
    }

    [Fact]
    public void However_many_values_there_are_a_picture_has_so_many_places_and_no_peak_is_lost()
    {
        var from = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var values = new MetricValues(from, from.AddDays(30));
        for (int i = 0; i < 100_000; i++) values.Add(new Rollup(from.AddSeconds(i * 25.92).ToUnixTimeMilliseconds(), 1, i == 54_321 ? 1e300 : 1, i == 54_321 ? 1e300 : 1, 1, 1));
        values.Add(new Rollup(from.AddDays(30).ToUnixTimeMilliseconds(), 1, double.NaN, double.NaN, double.NaN, double.NaN));
        Assert.Equal(MetricValues.Places, values.All.Count);
        Assert.Equal((1e300, 1.0, 100_000), (values.Greatest, values.Least, values.All.Sum(static place => place.Count)));
        Assert.Single(values.Runs());
    }

    [Theory]
    [InlineData(double.MaxValue, double.MinValue)]
    [InlineData(0, 0)]
    [InlineData(5, 5)]
    [InlineData(-3, -7)]
    public void A_picture_bears_any_numbers(double one, double other)
    {
        var from = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var values = new MetricValues(from, from.AddHours(1));
        foreach (var (value, at) in new[] { (one, 0), (other, 30) }) values.Add(new Rollup(from.AddMinutes(at).ToUnixTimeMilliseconds(), 1, value, value, value, value));
        var html = new Html.HtmlWriter();
        MetricChart.Write(html, 0, new(1, "web1", "x", null, ""), values, TimeZoneInfo.Utc);
        Assert.DoesNotContain("d=\"M\u221E", html.ToString(), StringComparison.Ordinal);
        foreach (System.Text.RegularExpressions.Match path in System.Text.RegularExpressions.Regex.Matches(html.ToString(), " d=\"([^\"]*)\"")) Assert.Matches("^[MLZh0-9. ]+$", path.Groups[1].Value);
    }

    private static async Task<ReportPage> PageAsync(RunningConsole console, string address) => new((await console.GetAsync(address)).Split("\r\n\r\n", 2)[1]);
}
