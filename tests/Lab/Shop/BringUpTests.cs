using System.Net;
using Xunit.Abstractions;

namespace ProdOps.Lab.Tests.Shop;

/// <summary>examples/shop is built from blank hosts with ProdOps itself.</summary>
[Collection(LabCollection.Name)]
public sealed class BringUpTests(Fleet fleet, ShopFixture fixture, ITestOutputHelper output) : IClassFixture<ShopFixture>
{
    [LabFact]
    public async Task The_shop_is_built_from_blank_hosts_within_five_minutes_and_answers_at_its_address()
    {
        var shop = await fixture.OfAsync(fleet);
        output.WriteLine($"built within {shop.Took.TotalSeconds:0} s\n{shop.Output}");
        Assert.True(shop.Took < TimeSpan.FromMinutes(5), $"{shop.Took}");
        using var client = new HttpClient { BaseAddress = new Uri($"http://{shop.Address}/"), Timeout = TimeSpan.FromSeconds(10) };
        string[] served = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (await client.GetAsync("/")).Headers.GetValues("X-Served-By").Single()));
        Assert.Equal(["web1-v1", "web2-v1"], served.Distinct().Order(StringComparer.Ordinal));
        using (var placed = await client.PostAsync("/orders", new StringContent("a teapot"))) Assert.Equal(HttpStatusCode.Created, placed.StatusCode);
        Assert.Equal("1", await shop["db1"].RunAsync("runuser -u postgres -- psql -A -t shop -c \"select count(*) from orders where item = 'a teapot'\""));
        foreach (string web in (string[])["web1", "web2"])
        {
            using var one = new HttpClient { BaseAddress = new Uri($"http://{shop[web].Address}:8080/") };
            using (var uploaded = await one.PutAsync("/uploads/logo.txt", new StringContent($"of {web}"))) Assert.Equal(HttpStatusCode.Created, uploaded.StatusCode);
            Assert.Equal($"of {web}", await one.GetStringAsync("/uploads/logo.txt"));
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

    [Fact]
    public void Servers_that_are_alike_have_plans_that_are_alike()
    {
        string plans = Path.Combine(Built.Root, "examples", "shop", "plans");
        string Plan(string server) => File.ReadAllText(Path.Combine(plans, $"{server}.recovery.psd1"));
        Assert.Equal(Plan("web1"), Plan("web2").Replace("web2", "web1", StringComparison.Ordinal));
        Assert.Equal(Plan("lb1"), Plan("lb2").Replace("lb2", "lb1", StringComparison.Ordinal));
    }
}
