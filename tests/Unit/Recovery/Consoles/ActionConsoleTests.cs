using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Recovery.Consoles;
using ProdOps.Recovery.Consoles.Actions;
using ProdOps.Recovery.Reports.Html;
using ProdOps.Recovery.Tests.Reports;
using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery.Tests.Consoles;

/// <summary>What a console does where it may, and what it does not do whatever is sent.</summary>
public sealed class ActionConsoleTests : IDisposable
{
    private const string Hostile = "</dd><script>alert(1)</script>\r\nSet-Cookie: a=b\"'&\u202E\u0000\uD800";

    private readonly MonitoredShop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Theory]
    [InlineData("/acknowledge?incident=4")]
    [InlineData("/pause?server=web1")]
    [InlineData("/resume?downtime=6")]
    [InlineData("/forget?server=web1&check=disk.used&instance=%2Fvar")]
    public async Task A_console_that_was_not_asked_to_act_has_nothing_to_act_with(string address)
    {
        await using var console = RunningConsole.OfSources(_shop.Sources with { Actions = null });
        Assert.StartsWith("HTTP/1.1 404", await console.GetAsync(address), StringComparison.Ordinal);
        string refused = await console.PostAsync(address.Split('?')[0], address.Split('?')[1]);
        Assert.StartsWith("HTTP/1.1 405", refused, StringComparison.Ordinal);
        Assert.Contains("\r\nAllow: GET, HEAD\r\n", refused, StringComparison.Ordinal);
        string page = await console.GetAsync("/");
        Assert.Contains("is nearly full", page, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"act\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"done\"", page, StringComparison.Ordinal);
        Assert.Equal(5, _shop.Events);
    }

    [Fact]
    public async Task An_incident_is_acknowledged_from_the_report_as_by_the_cmdlet()
    {
        await using var console = RunningConsole.OfSources(_shop.Sources);
        string link = (string)new ReportPage(Body(await console.GetAsync("/"))).All("a").Single(static link => ((string?)link.Attribute("href"))?.StartsWith("/acknowledge", StringComparison.Ordinal) == true).Attribute("href")!;
        string shown = await console.GetAsync(link);
        Assert.Contains("\r\nReferrer-Policy: same-origin\r\n", shown, StringComparison.Ordinal);
        var form = new SentForm(Body(shown));
        Assert.Equal(["4", "web1", "disk.used /var: is nearly full", "✖ Critical", "nobody"], form.Facts.Where(static fact => fact.Name != "Since").Select(static fact => fact.Value));
        Assert.Equal("root", form["by"]);
        (form["by"], form["comment"], form["for"], form["sticky"]) = ("anna", "on it", "2h", "on");
        var now = TimeProvider.System.GetUtcNow();
        string answer = await console.PostAsync(form.Path, form.Text);
        Assert.StartsWith("HTTP/1.1 303 See Other\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nLocation: /\r\n", answer, StringComparison.Ordinal);
        var kept = _shop.Acknowledgement!;
        Assert.Equal(("anna", "on it", true, HealthState.Critical), (kept.By, kept.Comment, kept.Sticky, kept.Severity));
        Assert.InRange(kept.Until!.Value, now.AddHours(2), now.AddHours(2).AddMinutes(5));
        var page = new ReportPage(Body(await console.GetAsync("/")));
        Assert.Equal("anna", page.Rows("Open incidents").Single()[4]);
        Assert.EndsWith(" anna acknowledged incident 4 of web1.", page.All("p").Single(static part => (string?)part.Attribute("id") == "done").Value, StringComparison.Ordinal);
        Assert.Contains(_shop.Activity.Lines, static line => line == "The console: anna acknowledged incident 4 of web1.");
    }

    [Fact]
    public async Task A_check_is_paused_for_a_while_and_resumed_and_whatever_was_typed_is_text()
    {
        await using var console = RunningConsole.OfSources(_shop.Sources);
        var form = new SentForm(Body(await console.GetAsync("/pause?server=web1&check=disk.used&instance=%2Fvar")));
        (form["reason"], form["by"], form["for"]) = (Hostile, Hostile, "1h30m");
        Assert.StartsWith("HTTP/1.1 303", await console.PostAsync(form.Path, form.Text), StringComparison.Ordinal);
        var set = _shop.Downtimes.Single();
        Assert.Equal(("web1", "disk.used", "/var"), (set.Server, set.Rule, set.Instance));
        Assert.Equal(TimeSpan.FromMinutes(90), set.Until - set.From);
        Assert.Equal(set.Reason, set.By);
        Assert.StartsWith("</dd><script>alert(1)</script> Set-Cookie: a=b\"'&", set.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(set.Reason, static c => char.IsControl(c) || c is '\u202E');

        var page = new ReportPage(Body(await console.GetAsync("/")));
        Assert.Equal(set.Reason, page.Rows("Announced work").Single()[3]);
        Assert.Equal(2, page.All("script").Count());
        form = new SentForm(Body(await console.GetAsync($"/resume?downtime={set.Id}")));
        Assert.Equal(2, form.Page.All("script").Count());
        Assert.Equal(("web1 disk.used /var", set.Reason), (form.Facts[0].Value, form.Facts[3].Value));
        Assert.StartsWith("HTTP/1.1 303", await console.PostAsync(form.Path, form.Text), StringComparison.Ordinal);
        Assert.Empty(_shop.Downtimes);
        string over = await console.GetAsync($"/resume?downtime={set.Id}");
        Assert.StartsWith("HTTP/1.1 404", over, StringComparison.Ordinal);
        Assert.Contains("role=\"alert\"", over, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Origin", null, 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Origin", "http://evil.example", 403)]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Cookie", null, 401)]
    [InlineData("Cookie", "prodops-console-80=x", 401)]
    [InlineData("Content-Type", "text/plain", 415)]
    [InlineData("Transfer-Encoding", "chunked", 400)]
    public async Task What_another_site_can_make_a_browser_send_does_nothing(string field, string? value, int status)
    {
        await using var console = RunningConsole.OfSources(_shop.Sources);
        var form = new SentForm(Body(await console.GetAsync("/acknowledge?incident=4")));
        Assert.StartsWith($"HTTP/1.1 {status} ", await console.PostAsync(form.Path, form.Text, (field, value)), StringComparison.Ordinal);
        Assert.Equal(5, _shop.Events);
        // The form itself was good.
        Assert.StartsWith("HTTP/1.1 303", await console.PostAsync(form.Path, form.Text), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_its_secret_with_that_of_another_page_or_cut_short_does_nothing()
    {
        await using var console = RunningConsole.OfSources(_shop.Sources);
        var form = new SentForm(Body(await console.GetAsync("/acknowledge?incident=4")));
        string secret = form["secret"];
        foreach (string other in (string[])["", "x", secret.ToUpperInvariant(), new SentForm(Body(await console.GetAsync("/pause?server=web1")))["secret"]])
        {
            form["secret"] = other;
            string refused = await console.PostAsync(form.Path, form.Text);
            Assert.StartsWith("HTTP/1.1 403", refused, StringComparison.Ordinal);
            // What was typed is in the form that comes with it, which may be sent.
            Assert.Contains("Nothing was done", new ReportPage(Body(refused)).All("p").Single(static part => (string?)part.Attribute("role") == "alert").Value, StringComparison.Ordinal);
            Assert.NotEqual(secret, new SentForm(Body(refused))["secret"]);
        }

        form["secret"] = secret;
        using (var cut = await console.OpenAsync($"POST {form.Path} HTTP/1.1\r\nHost: localhost:{console.Port}\r\nOrigin: http://localhost:{console.Port}\r\nCookie: {await console.LogInAsync()}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {form.Text.Length}\r\n\r\n{form.Text[..^1]}"))
        {
            using var reader = new StreamReader(cut.GetStream());
            cut.Client.Shutdown(SocketShutdown.Send);
            Assert.StartsWith("HTTP/1.1 400", await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60)), StringComparison.Ordinal);
        }

        Assert.Equal(5, _shop.Events);
        Assert.Empty(console.Activity.Warnings);
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_is_done_once()
    {
        await using var console = RunningConsole.OfSources(_shop.Sources);
        var form = new SentForm(Body(await console.GetAsync("/pause?server=web1")));
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => console.PostAsync(form.Path, form.Text)));
        Assert.All(answers, static answer => Assert.StartsWith("HTTP/1.1 303", answer, StringComparison.Ordinal));
        Assert.Single(_shop.Downtimes);
        form["server"] = "web2";
        Assert.StartsWith("HTTP/1.1 403", await console.PostAsync(form.Path, form.Text), StringComparison.Ordinal);
        Assert.Single(_shop.Downtimes);
    }

    [Fact]
    public async Task Two_at_once_both_do_what_they_want_and_who_comes_second_to_the_same_sees_it_first()
    {
        await using var console = RunningConsole.OfSources(_shop.Sources);
        string seen = (await console.GetAsync("/")).Split("data-seen=\"")[1].Split('"')[0];
        using var watching = await console.OpenAsync($"GET /events?seen={seen} HTTP/1.1\r\nHost: localhost:{console.Port}\r\nCookie: {await console.LogInAsync()}\r\n\r\n");
        using var events = new StreamReader(watching.GetStream());
        var (one, two, same) = (new SentForm(Body(await console.GetAsync("/pause?server=web2"))), new SentForm(Body(await console.GetAsync("/acknowledge?incident=4"))), new SentForm(Body(await console.GetAsync("/acknowledge?incident=4"))));
        two["by"] = "anna";
        same["by"] = "bert";
        string[] answers = await Task.WhenAll(console.PostAsync(one.Path, one.Text), console.PostAsync(two.Path, two.Text));
        Assert.All(answers, static answer => Assert.StartsWith("HTTP/1.1 303", answer, StringComparison.Ordinal));
        Assert.Equal(("anna", "web2"), (_shop.Acknowledgement!.By, _shop.Downtimes.Single().Server));
        // Long before the report would have been gathered anew, all who look are told.
        for (string line = ""; !line.Contains("acknowledged incident 4", StringComparison.Ordinal);) line = await events.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) ?? throw new EndOfStreamException();

        string changed = await console.PostAsync(same.Path, same.Text);
        Assert.StartsWith("HTTP/1.1 409", changed, StringComparison.Ordinal);
        Assert.Equal("anna", _shop.Acknowledgement!.By);
        var again = new SentForm(Body(changed));
        Assert.Contains(("Taken on by", "anna"), again.Facts);
        Assert.Equal("bert", again["by"]);
        Assert.StartsWith("HTTP/1.1 303", await console.PostAsync(again.Path, again.Text), StringComparison.Ordinal);
        Assert.Equal("bert", _shop.Acknowledgement!.By);
    }

    [Fact]
    public async Task What_covers_more_than_was_typed_is_shown_before_it_is_done()
    {
        await using var console = RunningConsole.OfSources(_shop.Sources);
        var form = new SentForm(Body(await console.GetAsync("/pause")));
        (form["server"], form["check"], form["for"]) = ("WEB*", "cpu.*", "");
        string shown = await console.PostAsync(form.Path, form.Text);
        Assert.StartsWith("HTTP/1.1 409", shown, StringComparison.Ordinal);
        Assert.Empty(_shop.Downtimes);
        form = new SentForm(Body(shown));
        Assert.Equal([("Servers", "web1, web2"), ("Checks", "web2 cpu.busy")], form.Facts);
        // Nor is it done if it is changed then.
        form["check"] = "*";
        shown = await console.PostAsync(form.Path, form.Text);
        Assert.StartsWith("HTTP/1.1 409", shown, StringComparison.Ordinal);
        form = new SentForm(Body(shown));
        Assert.StartsWith("HTTP/1.1 303", await console.PostAsync(form.Path, form.Text), StringComparison.Ordinal);
        Assert.Equal(("WEB*", "*", DateTimeOffset.MaxValue), (_shop.Downtimes.Single().Server, _shop.Downtimes.Single().Rule, _shop.Downtimes.Single().Until));
    }

    [Theory]
    [InlineData("/pause", "server", "", "No server is named")]
    [InlineData("/pause", "server", "wbe1", "No server that is known is 'wbe1'")]
    [InlineData("/pause", "server", "role:None", "role:None")]
    [InlineData("/pause", "for", "soon", "'soon' is no duration")]
    [InlineData("/pause", "for", "-5m", "'-5m' is no duration")]
    [InlineData("/pause", "for", "99999999999999999d", "is no duration")]
    [InlineData("/pause", "by", " \u0007 ", "Nobody is named")]
    [InlineData("/acknowledge", "for", "0s", "'0s' is no duration")]
    [InlineData("/acknowledge", "by", "", "Nobody is named")]
    [InlineData("/acknowledge", "incident", "99", "99")]
    [InlineData("/acknowledge", "incident", "<b>", "0")]
    public async Task What_cannot_be_done_is_told_in_the_page_with_what_was_typed(string path, string field, string value, string told)
    {
        await using var console = RunningConsole.OfSources(_shop.Sources);
        var form = new SentForm(Body(await console.GetAsync($"{path}?server=web1&incident=4")));
        form[field] = value;
        var page = new ReportPage(Body(await console.PostAsync(form.Path, form.Text)));
        // Of an incident that is not there nothing can be asked.
        Assert.Equal(field == "incident" ? 0 : 1, page.All("form").Count());
        Assert.Contains(told, page.All("p").Single(static part => (string?)part.Attribute("role") == "alert").Value, StringComparison.Ordinal);
        Assert.Equal(5, _shop.Events);
    }

    [Fact]
    public async Task Where_no_monitor_has_run_work_is_announced_and_no_incident_is_there()
    {
        string path = Path.Join(_shop.Folder.Path, "none");
        await using var console = RunningConsole.OfSources(_shop.Sources with { Actions = _shop.Sources.Actions! with { Folder = () => Task.FromResult(new Monitoring.Running.MonitoringFolder(path)) } });
        Assert.Contains("role=\"alert\"", await console.GetAsync("/acknowledge?incident=4"), StringComparison.Ordinal);
        var form = new SentForm(Body(await console.GetAsync("/pause?server=web1")));
        Assert.False(Directory.Exists(path));
        Assert.StartsWith("HTTP/1.1 303", await console.PostAsync(form.Path, form.Text), StringComparison.Ordinal);
        Assert.True(Directory.Exists(path));
    }

    [Theory]
    [InlineData("/var")]
    [InlineData("/a[b]*?")]
    [InlineData("*")]
    [InlineData("a&b=c+d%20")]
    public void A_link_speaks_of_exactly_what_it_stands_beside(string instance)
    {
        string html = ActionLinks.Pause(new HealthCheckResult { Server = "web1", Check = "disk.used", Instance = instance }).ToString();
        string address = System.Net.WebUtility.HtmlDecode(html.Split("href=\"")[1].Split('"')[0]);
        string pattern = ProdOps.Servers.Http.HttpRequestHead.Decode(address.Split('?')[1])["instance"];
        Assert.True(NamePattern.IsMatch(pattern, instance));
        Assert.False(NamePattern.IsMatch(pattern, "/ab") || NamePattern.IsMatch(pattern, "/abcd") || NamePattern.IsMatch(pattern, "x"));
    }

    [Fact]
    public void Only_so_many_forms_are_remembered_and_none_for_long()
    {
        var time = new FakeTimeProvider();
        var tickets = new FormTickets(time);
        string first = tickets.Issue("/a"), second = tickets.Issue("/a");
        Assert.NotNull(Send(first, "/a"));
        Assert.Null(Send(second, "/b"));
        for (int i = 0; i < 999; i++) tickets.Issue("/a");
        Assert.Null(Send(first, "/a"));
        Assert.NotNull(Send(second, "/a"));
        time.Advance(TimeSpan.FromMinutes(61));
        Assert.Null(Send(second, "/a"));
        Assert.NotNull(Send(tickets.Issue("/a"), "/a"));

        Task<ConsoleAnswer>? Send(string secret, string path) => tickets.Answer(secret, path, "x=1", static () => Task.FromResult(ConsoleAnswer.GoTo("/")));
    }

    private static string Body(string answer) => answer.Split("\r\n\r\n", 2)[1];
}
