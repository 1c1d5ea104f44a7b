using System.Diagnostics;
using Xunit.Abstractions;

namespace ProdOps.Lab.Tests.LoadBalancing;

/// <summary>Publishing to Debian's HAProxy on whole hosts, under requests.</summary>
[Collection(LabCollection.Name)]
public sealed class PublishTests(Fleet fleet, ITestOutputHelper output)
{
    [LabFact]
    [Trait(CountsTable.Trait, "yes")]
    public async Task Publications_under_load_lose_no_request_and_bad_ones_leave_what_was_there()
    {
        var (admin, balancers, servers) = await SetUpAsync();
        using (admin)
        {
            await WriteAsync(admin, balancers, "");
            var first = await admin.RunAsync("Publish-LoadBalancer shop");
            Assert.Equal(["Published", "Published"], first.Clean.Select(item => item.Properties["Status"].Value.ToString()));
            Assert.Equal(["pub2", "pub1"], first.Clean.Select(item => item.Properties["Server"].Value.ToString()));
            Assert.All((await admin.RunAsync("Publish-LoadBalancer shop")).Clean, item => Assert.Equal("Unchanged", item.Properties["Status"].Value.ToString()));

            int publications = Effort.Of(full: 100, usual: 6);
            await using (var clients = await LabClients.StartAsync(300, $"http://{balancers[0].Address}/item"))
            {
                for (int i = 1; i <= publications; i++)
                {
                    await WriteAsync(admin, balancers, $"MaxConnections = {1000 + i}");
                    Assert.Equal("Published", (await admin.RunAsync("(Publish-LoadBalancer shop -Server pub1).Status.ToString()")).Text);
                }

                var count = await clients.StopAsync(servers);
                output.WriteLine($"{publications} publications: {count}");
                CountsTable.Add($"{publications} publications", count);
                count.AssertWhole();
            }

            string good = await balancers[0].RunAsync("cat /etc/haproxy/haproxy.cfg");
            await WriteAsync(admin, balancers, "FrontendLines = 'nonsense here'");
            Assert.Equal("LoadBalancerConfigurationRefused", (await admin.RunAsync("Publish-LoadBalancer shop")).Errors[0].FullyQualifiedErrorId.Split(',')[0]);
            await WriteAsync(admin, balancers, "PoolPort = 8081");
            var unserving = await admin.RunAsync("Publish-LoadBalancer shop -Server pub1 -TimeoutSec 3");
            Assert.Equal("LoadBalancerNotServing", unserving.Errors[0].FullyQualifiedErrorId.Split(',')[0]);
            Assert.Equal(good, await balancers[0].RunAsync("cat /etc/haproxy/haproxy.cfg"));
            await balancers[0].WaitAsync("curl -fs http://127.0.0.1/ >/dev/null");

            await WriteAsync(admin, balancers, "MaxConnections = 900");
            await admin.RunAsync("Publish-LoadBalancer shop");
            string undone = (await admin.RunAsync("(Undo-LoadBalancer shop -Server pub1 -Confirm:$false).Revision")).Text;
            string serving = await balancers[0].RunAsync("cat /etc/haproxy/haproxy.cfg");
            Assert.Contains($"maxconn {1000 + publications}", serving, StringComparison.Ordinal);
            Assert.Contains(undone.Split('-')[1], serving, StringComparison.Ordinal);
            // What a balancer went back to is what it is told to serve by from then on.
            Assert.Contains($"serves revision {undone} on pub1, published", (await admin.RunAsync("(Get-ProductionReadiness balancer-revisions).Message")).Text, StringComparison.Ordinal);
        }
    }

    [LabFact]
    public async Task A_balancer_that_is_cut_off_holds_the_others_back_unless_it_is_insisted()
    {
        var (admin, balancers, _) = await SetUpAsync();
        using (admin)
        {
            await WriteAsync(admin, balancers, "MaxConnections = 700");
            (await admin.RunAsync("Publish-LoadBalancer shop")).Clean.ToString();
            await WriteAsync(admin, balancers, "MaxConnections = 701");
            await balancers[1].CutAsync();
            try
            {
                var refused = await admin.RunAsync("Publish-LoadBalancer shop -ConnectTimeoutSec 3");
                Assert.Equal("LoadBalancerUnreachable", refused.Errors[0].FullyQualifiedErrorId.Split(',')[0]);
                Assert.Empty(refused.Output);
                var partial = await admin.RunAsync("Publish-LoadBalancer shop -AllowPartial -ConnectTimeoutSec 3");
                Assert.Equal("LoadBalancerLeftOut", partial.Errors[0].FullyQualifiedErrorId.Split(',')[0]);
                Assert.Equal("Published", Assert.Single(partial.Output).Properties["Status"].Value.ToString());
            }
            finally
            {
                await balancers[1].PlugAsync();
            }

            Assert.Equal(["Published", "Unchanged"], (await admin.RunAsync("Publish-LoadBalancer shop")).Clean.Select(item => item.Properties["Status"].Value.ToString()));
        }
    }

    [LabFact]
    public async Task A_run_that_is_killed_at_any_moment_leaves_the_balancer_serving_and_the_next_one_in_order()
    {
        var (admin, balancers, servers) = await SetUpAsync();
        using (admin)
        {
            await WriteAsync(admin, balancers, "MaxConnections = 800");
            (await admin.RunAsync("Publish-LoadBalancer shop -Server pub1")).Clean.ToString();
            await using var load = await LabLoad.StartAsync($"http://{balancers[0].Address}/item", 100);
            // Killed when the lock is taken, when the former files are noted, and some time after: before, in and behind the reload.
            string[] moments = ["[ -s /var/lib/prodops/balancer/haproxy/lock ]", "[ -d /var/lib/prodops/balancer/haproxy/former ]", "[ -d /var/lib/prodops/balancer/haproxy/former ] && sleep 0.2", "[ -d /var/lib/prodops/balancer/haproxy/former ] && sleep 1"];
            for (int i = 0; i < moments.Length; i++)
            {
                await WriteAsync(admin, balancers, $"MaxConnections = {810 + i}");
                using var prodops = Process.Start(new ProcessStartInfo(Built.Host, ["-NoProfile", "-Command", $"Publish-LoadBalancer shop -Server pub1 -Environment '{admin.EnvironmentFile}'"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                await balancers[0].WaitAsync(moments[i], seconds: 60);
                prodops.Kill();
                await prodops.WaitForExitAsync();
                await balancers[0].WaitAsync("curl -fs http://127.0.0.1/ >/dev/null");
                // The lock goes with its owner.
                await balancers[0].WaitAsync("flock -n /var/lib/prodops/balancer/haproxy/lock true");
                (await admin.RunAsync("Publish-LoadBalancer shop -Server pub1")).Clean.ToString();
                Assert.Contains($"maxconn {810 + i}", await balancers[0].RunAsync("cat /etc/haproxy/haproxy.cfg"), StringComparison.Ordinal);
                Assert.Equal("", await balancers[0].RunAsync("ls -d /var/lib/prodops/balancer/haproxy/former /etc/haproxy/*.prodops-new 2>/dev/null || true"));
            }

            var result = await load.StopAsync(servers);
            Assert.True((result.Failed, result.Lost, result.Replayed) == (0, 0, 0), $"{result}");
        }
    }

    private async Task<(Admin Admin, LabHost[] Balancers, LabHost[] Servers)> SetUpAsync()
    {
        var hosts = await fleet.UpAsync("pub1", "pub2", "webp1", "webp2");
        await Task.WhenAll(hosts[2..].Select(host => LabLoad.PrepareAsync(host)));
        return (new Admin(hosts), hosts[..2], hosts[2..]);
    }

    /// <summary>Writes the entry <c>shop</c> into the admin's environment.</summary>
    internal static async Task WriteAsync(Admin admin, LabHost[] balancers, string more)
    {
        const string mark = "    LoadBalancers";
        string text = await File.ReadAllTextAsync(admin.EnvironmentFile);
        int old = text.IndexOf(mark, StringComparison.Ordinal);
        text = old >= 0 ? text[..old] : text[..text.TrimEnd().LastIndexOf('}')];
        string port = more.StartsWith("PoolPort", StringComparison.Ordinal) ? "" : "PoolPort = 8080; ";
        // The hosts of the lab may not open as many files as the default number of connections needs.
        string connections = more.StartsWith("MaxConnections", StringComparison.Ordinal) ? "" : "MaxConnections = 1000; ";
        await File.WriteAllTextAsync(admin.EnvironmentFile, $"{text}{mark} = @{{ shop = @{{ Servers = '{balancers[0].Name}', '{balancers[1].Name}'; Pool = 'role:App'; {port}{connections}Check = '/'; {more} }} }}\n}}\n");
    }
}
