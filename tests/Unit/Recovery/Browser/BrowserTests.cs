using ProdOps.Recovery.Readiness;
using ProdOps.Recovery.Reports;
using ProdOps.Recovery.Reports.Html;
using ProdOps.Recovery.Tests.Consoles;
using ProdOps.Recovery.Tests.Reports;

namespace ProdOps.Recovery.Tests.Browser;

/// <summary>The report and the console in a real browser: whether anybody can read and use them, and whether anything that servers say is carried out.</summary>
public sealed class BrowserTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private static readonly int[] Widths = [400, 900, 1400];
    private static readonly string Check = File.ReadAllText(Path.Join(Built.Root, "tests/Unit/Recovery/Browser/PageCheck.js"));

    // What would show that something of it was carried out is there to be carried out in each way that a page has.
    private const string Hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'onfocus=alert(1) autofocus=\"&lt;\u202Egpj.\0\u001B[31m<svg/onload=alert(1)></section></main></script><!--javascript:alert(1)";

    private readonly TemporaryFile _file = new();

    public void Dispose() => _file.Dispose();

    [ChromiumTheory]
    [InlineData("web1")]
    [InlineData(Hostile)]
    [InlineData("long")]
    public async Task The_file_is_well_at_each_width_in_both_schemes_and_asks_nobody(string name)
    {
        await File.WriteAllTextAsync(_file.Path, HtmlReport.Write(SampleReport.Of(name == "long" ? new string('x', 5000) : name)));
        await using var page = await chromium.OpenAsync();
        await page.GoAsync($"file://{_file.Path}");
        await IsWellAsync(page, openAll: true);
        Assert.Equal([$"file://{_file.Path}"], page.Requests);
    }

    [ChromiumTheory]
    [InlineData("web1")]
    [InlineData(Hostile)]
    public async Task The_console_is_well_at_each_width_in_both_schemes_and_asks_nobody_else(string name)
    {
        await using var console = RunningConsole.OfReport(() => SampleReport.Of(name));
        await using var page = await InAsync(console);
        await IsWellAsync(page, openAll: true);
        Assert.All(page.Requests, address => Assert.True(address == "data:," || address.StartsWith($"http://127.0.0.1:{console.Port}/", StringComparison.Ordinal), address));
        // The token is in no address that is looked at any more.
        Assert.Equal($"http://127.0.0.1:{console.Port}/", (await page.EvaluateAsync("location.href")).GetString());
    }

    [ChromiumTheory]
    [InlineData("web1")]
    [InlineData(Hostile)]
    public async Task Logs_and_metrics_are_well_at_each_width_in_both_schemes(string name)
    {
        await using var console = RunningConsole.OfSources(SampleSources.Of(name));
        await using var page = await InAsync(console);
        await page.GoAsync($"http://127.0.0.1:{console.Port}/logs?q={Uri.EscapeDataString(name)}&where=x");
        await page.UntilAsync("document.querySelectorAll('tbody tr').length === 3");
        await IsWellAsync(page);
        await page.GoAsync($"http://127.0.0.1:{console.Port}/metrics?metric=*&server={Uri.EscapeDataString(name)}");
        await page.UntilAsync("document.querySelectorAll('figure svg').length === 3");
        await IsWellAsync(page);
    }

    [ChromiumFact]
    public async Task A_time_is_chosen_with_the_mouse_or_the_keyboard_and_the_way_back_is_the_browser_s()
    {
        await using var console = RunningConsole.OfSources(SampleSources.Of());
        await using var page = await InAsync(console);
        await page.GoAsync($"http://127.0.0.1:{console.Port}/metrics?from=1795780000000&to=1795783600000");
        await page.EvaluateAsync("document.querySelector('.zoom').scrollIntoView({ block: 'center' })");
        var box = await page.EvaluateAsync("(({ left, top, width, height }) => [left, top, width, height])(document.querySelector('.zoom').getBoundingClientRect())");
        var (left, top, wide, tall) = (box[0].GetDouble(), box[1].GetDouble(), box[2].GetDouble(), box[3].GetDouble());
        await page.DragAsync((left + (wide * 0.2), top + (tall / 2)), (left + (wide * 0.3), top + (tall / 3)));
        await page.UntilAsync("location.search.includes('from=179578072')");
        Assert.Equal("1795780720000,1795781080001", (await page.EvaluateAsync("[document.querySelector('.zoom').dataset.from, document.querySelector('.zoom').dataset.to].join()")).GetString());

        await page.EvaluateAsync("history.back()");
        await page.UntilAsync("document.querySelector('.zoom').dataset.from === '1795780000000'");
        await page.EvaluateAsync("document.querySelector('.zoom').focus()");
        await page.PressAsync("Home");
        for (int i = 0; i < 10; i++) await page.PressAsync("ArrowRight", modifiers: 8);
        Assert.StartsWith("2026-11-27", (await page.EvaluateAsync("document.querySelector('.value').textContent")).GetString(), StringComparison.Ordinal);
        await page.PressAsync("Enter");
        await page.UntilAsync("document.querySelector('.zoom').dataset.to === '1795780360001'");
        Assert.Equal("zoom", (await page.EvaluateAsync("document.activeElement.className")).GetString());
        await page.PressAsync("Escape");
        await page.UntilAsync("Number(document.querySelector('.zoom').dataset.from) < 1795780000000");
        Assert.Empty(page.Problems);
    }

    [ChromiumFact]
    public async Task What_changes_is_put_in_place_and_the_reader_stays_where_they_are()
    {
        var report = SampleReport.Of("web1");
        await using var console = RunningConsole.OfReport(() => Volatile.Read(ref report), TimeSpan.FromMilliseconds(50));
        await using var page = await InAsync(console);
        await page.UntilAsync("document.getElementById('link').textContent === 'Kept current.'");
        await page.EvaluateAsync("""
            document.querySelector('details[data-server=web2]').open = true;
            const search = document.querySelector('[data-filter=log]');
            search.focus();
            search.value = 'connect';
            search.dispatchEvent(new Event('input', { bubbles: true }));
            search.mark = 'the same';
            document.getElementById('servers').scrollIntoView();
            """);
        const string place = "document.getElementById('servers').getBoundingClientRect().top";
        double scrolled = (await page.EvaluateAsync(place)).GetDouble();
        var health = report.Health.Value!;
        // The ill one is well, the other is not: they change places, and another section is gone.
        ServerReport[] turned = [health.Servers[1] with { Health = health.Servers[1].Health with { State = HealthState.Critical } }, health.Servers[0] with { Health = health.Servers[0].Health with { State = HealthState.OK, Problems = [] } }];
        Volatile.Write(ref report, report with { Health = Fact<HealthReport>.Of(health with { Servers = turned, Availability = [], Days = [], Open = [] }) });
        await page.UntilAsync("document.querySelector('#servers details').dataset.server === 'web2'");
        Assert.Equal("true,false,the same,connect,false,State: ✖ Critical; Open incidents: 0", (await page.EvaluateAsync("""
            [document.querySelector('details[data-server=web2]').open, document.querySelector('details[data-server=web1]').open, document.activeElement.mark, document.activeElement.value,
             document.getElementById('availability') !== null, document.getElementById('said').textContent].join()
            """)).GetString());
        Assert.InRange((await page.EvaluateAsync(place)).GetDouble(), scrolled - 2, scrolled + 2);
        // A section that was gone comes back in its place.
        Volatile.Write(ref report, report with { Health = Fact<HealthReport>.Of(health) });
        await page.UntilAsync("document.getElementById('incidents').nextElementSibling.id === 'availability'");
        await IsWellAsync(page);
    }

    [ChromiumFact]
    public async Task Hostile_names_that_come_while_it_is_looked_at_are_text_too()
    {
        var report = SampleReport.Of("web1");
        await using var console = RunningConsole.OfReport(() => Volatile.Read(ref report), TimeSpan.FromMilliseconds(50));
        await using var page = await InAsync(console);
        Volatile.Write(ref report, SampleReport.Of(Hostile));
        await page.UntilAsync("document.querySelector('#logs td.line').textContent.includes('<img src=x onerror=alert(1)>')");
        await page.UntilAsync("document.querySelector('#servers').textContent.includes('autofocus')");
        Assert.Equal(0, (await page.EvaluateAsync("document.querySelectorAll('img, main script').length")).GetInt32());
        await IsWellAsync(page, openAll: true);
    }

    [ChromiumFact]
    public async Task What_is_done_by_keyboard_is_seen_on_every_open_page_at_once()
    {
        using var shop = new MonitoredShop(Hostile);
        await using var console = RunningConsole.OfSources(shop.Sources);
        await using var page = await InAsync(console);
        await using var other = await InAsync(console);
        await other.EvaluateAsync("document.querySelector('main').mark = 'the same'");
        await page.EvaluateAsync("document.querySelector('a[href^=\"/acknowledge\"]').focus()");
        await page.PressAsync("Enter");
        await page.UntilAsync("document.activeElement.name === 'comment'");
        await IsWellAsync(page);
        await page.TypeAsync(Hostile);
        await page.PressAsync("Enter");
        await page.UntilAsync("document.getElementById('done')?.textContent.endsWith(' root acknowledged incident 4 of web1.')");
        await other.UntilAsync("document.getElementById('done').textContent.endsWith(' root acknowledged incident 4 of web1.')");
        await other.UntilAsync("[...document.querySelectorAll('#incidents tbody tr:first-child td')].some(cell => cell.textContent === 'root')");
        Assert.Equal("the same", (await other.EvaluateAsync("document.querySelector('main').mark")).GetString());
        Assert.StartsWith("<script>alert(1)</script><img src=x", shop.Acknowledgement!.Comment, StringComparison.Ordinal);

        // Another name is the proposal from then on, in this browser.
        await page.GoAsync($"http://127.0.0.1:{console.Port}/pause?server=web1&check=disk.*");
        await page.EvaluateAsync("document.querySelector('[name=by]').value = 'anna'");
        await IsWellAsync(page);
        await page.EvaluateAsync("document.querySelector('[name=reason]').focus()");
        await page.TypeAsync("new disk");
        await page.PressAsync("Enter");
        await other.UntilAsync("document.getElementById('done').textContent.includes(' anna paused web1 disk.* until ')");
        await other.UntilAsync("document.querySelector('a[href^=\"/resume\"]') !== null");
        await other.EvaluateAsync("document.querySelector('a[href^=\"/resume\"]').click()");
        await other.UntilAsync("document.querySelector('.facts')?.textContent.includes('new disk')");
        await IsWellAsync(other);
        Assert.Equal("root", (await other.EvaluateAsync("document.querySelector('[name=by]').value")).GetString());
        await other.EvaluateAsync("document.querySelector('button.main').click()");
        await page.UntilAsync("document.getElementById('done').textContent.endsWith(' root resumed web1 disk.*.')");
        await page.UntilAsync("document.querySelector('a[href^=\"/resume\"]') === null");
        await page.GoAsync($"http://127.0.0.1:{console.Port}/pause");
        Assert.Equal("anna", (await page.EvaluateAsync("document.querySelector('[name=by]').value")).GetString());
        await IsWellAsync(page);
    }

    [ChromiumFact]
    public async Task Without_scripts_it_is_done_as_well()
    {
        using var shop = new MonitoredShop();
        await using var console = RunningConsole.OfSources(shop.Sources);
        await using var page = await chromium.OpenAsync();
        await page.ScriptsAsync(areOn: false);
        await page.GoAsync($"http://127.0.0.1:{console.Port}/?token={RunningConsole.Token}");
        await page.UntilAsync("document.querySelector('a[href^=\"/pause\"]') !== null");
        await page.GoAsync($"http://127.0.0.1:{console.Port}/pause");
        await page.EvaluateAsync("document.querySelector('[name=server]').value = 'web*'; document.querySelector('button.main').click()");
        // What it covers is shown first.
        await page.UntilAsync("document.querySelector('.facts')?.textContent.includes('web1, web2')");
        await page.EvaluateAsync("document.querySelector('button.main').click()");
        await page.UntilAsync("document.getElementById('done')?.textContent.includes(' root paused web* until ')");
        Assert.Equal("web*", shop.Downtimes.Single().Server);
    }

    [ChromiumFact]
    public async Task A_page_that_gets_nothing_any_more_says_so()
    {
        await using var page = await chromium.OpenAsync();
        await using (var console = RunningConsole.OfReport())
        {
            await page.GoAsync($"http://127.0.0.1:{console.Port}/?token={RunningConsole.Token}");
            await page.UntilAsync("document.getElementById('link')?.textContent === 'Kept current.'");
        }

        await page.EvaluateAsync("document.querySelector('main').dataset.still = 'there'");
        await page.UntilAsync("document.getElementById('link').classList.contains('old')");
        Assert.Equal("there", (await page.EvaluateAsync("document.querySelector('main').dataset.still")).GetString());
    }

    [ChromiumFact]
    public async Task Without_scripts_all_of_it_is_there_to_read()
    {
        await using var console = RunningConsole.OfReport();
        await using var page = await chromium.OpenAsync();
        await page.ScriptsAsync(areOn: false);
        await page.GoAsync($"http://127.0.0.1:{console.Port}/?token={RunningConsole.Token}");
        await page.UntilAsync("document.querySelectorAll('section').length === 10");
        Assert.Equal("3600", (await page.EvaluateAsync("document.querySelector('noscript meta')?.content ?? document.querySelector('head noscript').textContent.match(/content=\"(\\d+)/)[1]")).GetString());
        Assert.Empty(page.Problems);
    }

    [ChromiumFact]
    public async Task Who_has_no_mouse_sees_where_they_are_and_gets_everywhere()
    {
        await using var console = RunningConsole.OfReport();
        await using var page = await InAsync(console);
        var seen = new HashSet<string>();
        int focusable = (await page.EvaluateAsync("[...document.querySelectorAll('a[href], summary, input, [tabindex=\"0\"]')].filter(node => node.checkVisibility()).length")).GetInt32();
        for (int i = 0; i < focusable; i++)
        {
            await page.PressAsync("Tab");
            var at = await page.EvaluateAsync("""
                (() => { const node = document.activeElement, style = getComputedStyle(node); return [[...document.querySelectorAll('*')].indexOf(node), node.outerHTML.slice(0, 80), parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none'].join('\t'); })()
                """);
            string[] parts = at.GetString()!.Split('\t');
            seen.Add(parts[0]);
            Assert.True(parts[2] == "true", $"It cannot be seen that this has the focus: {parts[1]}");
        }

        Assert.Equal(focusable, seen.Count);
    }

    /// <summary>A page of somebody who was let in.</summary>
    private async Task<BrowserPage> InAsync(RunningConsole console)
    {
        var page = await chromium.OpenAsync();
        await page.GoAsync($"http://127.0.0.1:{console.Port}/?token={RunningConsole.Token}");
        await page.UntilAsync("document.querySelector('main section') !== null && document.readyState === 'complete'");
        return page;
    }

    private static async Task IsWellAsync(BrowserPage page, bool openAll = false)
    {
        if (openAll) await page.EvaluateAsync("for (const folded of document.querySelectorAll('details')) folded.open = true");
        foreach (int width in Widths)
        {
            foreach (bool isDark in (bool[])[false, true])
            {
                await page.LookAsync(width, isDark);
                string[] wrong = [.. (await page.EvaluateAsync(Check)).EnumerateArray().Select(static one => one.GetString()!)];
                Assert.True(wrong.Length == 0, $"At {width} pixels, {(isDark ? "dark" : "light")}:\n{string.Join('\n', wrong)}");
                if (Environment.GetEnvironmentVariable("PRODOPS_PICTURES") is { Length: > 0 } folder) await File.WriteAllBytesAsync(Path.Join(folder, $"{Guid.NewGuid():N}-{width}-{(isDark ? "dark" : "light")}.png"), await page.PictureAsync());
            }
        }

        Assert.Empty(page.Problems);
    }

    private sealed class TemporaryFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.Join(System.IO.Path.GetTempPath(), $"prodops-{Guid.NewGuid():N}.html");

        public void Dispose() => File.Delete(Path);
    }
}
