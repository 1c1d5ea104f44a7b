using System.Net;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace ProdOps.Lab.Tests.Shop;

/// <summary>examples/shop, the whole of ProdOps at once: built from blank hosts with ProdOps itself, and its story while clients ask.</summary>
[Collection(LabCollection.Name)]
[TestCaseOrderer("ProdOps.Lab.Tests.Shop.ChosenOrder", "ProdOps.Lab.Tests")]
public sealed partial class ShopTests(Fleet fleet, ShopFixture fixture, ITestOutputHelper output) : IClassFixture<ShopFixture>
{
    [LabFact]
    public async Task It_is_built_from_blank_hosts_within_five_minutes_and_answers_at_its_address()
    {
        var shop = await fixture.OfAsync(fleet);
        output.WriteLine($"built within {shop.Took.TotalSeconds:0} s\n{shop.Output}");
        Assert.True(shop.Took < TimeSpan.FromMinutes(5), $"{shop.Took}");
        using var client = new HttpClient { BaseAddress = new Uri($"http://{shop.Address}/"), Timeout = TimeSpan.FromSeconds(10) };
        string[] served = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (await client.GetAsync("/")).Headers.GetValues("X-Served-By").Single()));
        Assert.Equal(["web1", "web2"], served.Select(server => server.Split('-')[0]).Distinct().Order(StringComparer.Ordinal));
        using (var placed = await client.PostAsync("/orders", new StringContent("a teapot"))) Assert.Equal(HttpStatusCode.Created, placed.StatusCode);
        Assert.Equal("1", await shop["db1"].RunAsync("runuser -u postgres -- psql -A -t shop -c \"select count(*) from orders where item = 'a teapot'\""));
        foreach (string web in (string[])["web1", "web2"])
        {
            using var one = new HttpClient { BaseAddress = new Uri($"http://{shop[web].Address}:8080/") };
            using (var uploaded = await one.PutAsync("/uploads/logo.txt", new StringContent("our logo"))) Assert.Equal(HttpStatusCode.Created, uploaded.StatusCode);
            Assert.Equal("our logo", await one.GetStringAsync("/uploads/logo.txt"));
            Assert.Equal(HttpStatusCode.NotFound, (await one.GetAsync("/uploads/%2e%2e/shop.py")).StatusCode);
        }

        // What is secret is where it must be, closed, and nowhere else.
        string[] secrets = [.. Directory.GetFiles(Path.Combine(shop.Folder, "secrets"), "*.key").Select(File.ReadAllText)];
        Assert.Equal(3, secrets.Distinct().Count());
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, shop.Output, StringComparison.Ordinal));
        Assert.Equal("400 shop", await shop["web1"].RunAsync("stat -c '%a %U' /etc/shop/database.key"));
        Assert.Equal("600\n600\n600\n600", await shop["ops"].RunAsync("stat -c %a /etc/prodops/secrets/*.key /etc/prodops/secrets/id_ed25519"));
        Assert.Equal("ops", await shop["ops"].RunAsync("uname -n"));
    }

    [LabFact]
    public async Task Its_story_is_told_while_clients_ask_and_none_of_their_requests_is_lost()
    {
        var shop = await fixture.OfAsync(fleet);
        var (told, count) = await shop.StoryAsync();
        output.WriteLine($"{told}\nstory: {count}");
        // Five phases of two servers, all done; four backups, each copied; and what proves them.
        Assert.Equal(10, Regex.Count(told, @"^ +[12] web[12] +(Drain|Update|Check|Enable|Settle) +Done ", RegexOptions.Multiline));
        Assert.Equal(4, Regex.Count(told, " Complete .* copied to offsite", RegexOptions.Multiline));
        Assert.Equal(5, Regex.Count(told, "^passed (ReadData|Restore)", RegexOptions.Multiline));
        count.AssertWhole(1_000);
        Assert.Equal(["web1-v2", "web2-v2"], count.Servers.Where(server => server.EndsWith("-v2", StringComparison.Ordinal)));

        // Every order that was taken is in the database once.
        Assert.Equal("0", await shop["db1"].RunAsync("runuser -u postgres -- psql -A -t shop -c \"select count(*) from (select request from orders where request <> '' group by request having count(*) > 1) twice\""));
        string report = await shop.OnOpsAsync("prodops -File /etc/prodops/story.ps1 -Part Failures,Report");
        output.WriteLine(report);
        Assert.DoesNotMatch("(?m)^(x Failed|FAILED)", report);
        Assert.Equal("600 yes", await shop["ops"].RunAsync("stat -c %a /root/shop.html; grep -qi '</html>' /root/shop.html && grep -q web2 /root/shop.html && echo yes").ContinueWith(text => text.Result.Replace('\n', ' '), TaskScheduler.Default));
        double after = await shop.ReadinessAsync();
        output.WriteLine($"readiness: {shop.ReadinessBefore:0.0} before, {after:0.0} after");
        Assert.InRange(after, shop.ReadinessBefore + 20, 100);
        // Lines come by syslog from every server, and by collection from the application's journal.
        string servers = await shop.OnOpsAsync("prodops -Command 'Measure-Log -By Server -Store /srv/logs | ForEach-Object { \"$_\" }'");
        Assert.All(ShopFixture.Servers.Except(["ops", "offsite"]), server => Assert.Contains(server, servers, StringComparison.Ordinal));
    }

    [Fact]
    public void Servers_that_are_alike_have_plans_that_are_alike()
    {
        string plans = Path.Combine(Built.Root, "examples", "shop", "plans");
        string Plan(string server) => File.ReadAllText(Path.Combine(plans, $"{server}.recovery.psd1"));
        Assert.Equal(Plan("web1"), Plan("web2").Replace("web2", "web1", StringComparison.Ordinal));
        Assert.Equal(Plan("lb1"), Plan("lb2").Replace("lb2", "lb1", StringComparison.Ordinal));
    }
}
