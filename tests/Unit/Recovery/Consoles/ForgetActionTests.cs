using ProdOps.Monitoring.Store;
using ProdOps.Recovery.Reports.Html;
using ProdOps.Recovery.Tests.Reports;

namespace ProdOps.Recovery.Tests.Consoles;

/// <summary>A check that is forgotten from a console.</summary>
public sealed class ForgetActionTests
{
    [Theory]
    [InlineData("/var")]
    [InlineData("/mnt/a*[b] &\"<i>é")]
    public async Task A_check_of_what_is_gone_is_forgotten_as_by_the_cmdlet(string instance)
    {
        using var shop = new MonitoredShop(instance);
        await using var console = RunningConsole.OfSources(shop.Sources);
        var key = shop.Miss(instance);
        var row = new ReportPage($"<html>{ActionLinks.Of(new HealthCheckResult { Server = key.Server, Check = key.Rule, Instance = key.Instance, State = HealthState.Unknown })}</html>");
        Assert.Equal(["Pause", "Forget"], row.All("a").Select(static link => link.Value));
        var form = new SentForm(Body(await console.GetAsync((string)row.All("a").Last().Attribute("href")!)));
        Assert.Equal(["web1", $"disk.used {instance}", "✖ Critical", "Nothing was heard of it."], form.Facts.Where(static fact => fact.Name != "Since").Select(static fact => fact.Value));
        (form["by"], form["reason"]) = ("anna", "it was taken out");
        Assert.StartsWith("HTTP/1.1 303", await console.PostAsync(form.Path, form.Text), StringComparison.Ordinal);
        Assert.DoesNotContain(key, shop.State().Checks.Keys);
        Assert.Empty(shop.State().Incidents);
        using (var store = shop.Folder.Open(TimeProvider.System, SilentActivity.Instance, readOnly: true))
            Assert.Contains("\"by\":\"anna\",\"reason\":\"it was taken out\"", Assert.Single(store.Events.Query(new EventQuery { Kind = "dropped" }, default)).Json, StringComparison.Ordinal);
        Assert.Contains(shop.Activity.Lines, line => line == $"The console: anna forgot {key}.");
        Assert.StartsWith("HTTP/1.1 404", await console.GetAsync((string)row.All("a").Last().Attribute("href")!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_measured_is_not_forgotten()
    {
        using var shop = new MonitoredShop();
        await using var console = RunningConsole.OfSources(shop.Sources);
        const string Link = "/forget?server=web1&check=disk.used&instance=%2Fvar";
        var form = new SentForm(Body(await console.GetAsync(Link)));
        string refused = await console.PostAsync(form.Path, form.Text);
        Assert.StartsWith("HTTP/1.1 4", refused, StringComparison.Ordinal);
        Assert.Contains("is measured", refused, StringComparison.Ordinal);
        // What has changed since it was looked at is seen first.
        form = new SentForm(Body(await console.GetAsync(Link)));
        shop.Miss();
        Assert.StartsWith("HTTP/1.1 409", await console.PostAsync(form.Path, form.Text), StringComparison.Ordinal);
        Assert.Equal(6, shop.Events);
    }

    private static string Body(string answer) => answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
}
