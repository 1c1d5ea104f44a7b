using Xunit.Abstractions;

namespace ProdOps.Lab.Tests.LoadBalancing;

/// <summary>Two balancers with a configuration that was written by hand, two applications, and clients that notice everything.</summary>
[Collection(LabCollection.Name)]
public sealed class DrainTests(Fleet fleet, ITestOutputHelper output)
{
    private const string Ask = "-Server lb1, lb2 -Pool be_shop";

    [LabFact]
    [Trait(CountsTable.Trait, "yes")]
    public async Task Servers_are_drained_and_put_back_under_load_and_no_request_is_lost()
    {
        var (lb1, lb2, admin) = await StartAsync();
        using (admin)
        {
            await using var clients = await LabClients.StartAsync(Effort.Of(full: 600, usual: 200), $"http://{lb1.Address}/", $"http://{lb2.Address}/");
            int runs = Effort.Of(full: 10, usual: 1);
            for (int run = 0; run < runs; run++)
            {
                var cycles = await admin.RunAsync($$"""
                    foreach ($cycle in 1..5) { foreach ($name in 'app1', 'app2') { (Disable-BackendServer $name {{Ask}}).Action; (Enable-BackendServer $name {{Ask}}).Action } }
                    """);
                Assert.Equal(Enumerable.Repeat(new[] { "drained, in maintenance", "in service" }, 10).SelectMany(pair => pair), cycles.Clean.Select(action => action.ToString()));
            }

            var count = await clients.StopAsync(await fleet.UpAsync("app1", "app2"));
            output.WriteLine($"{runs * 10} cycles of drain and ready: {count}");
            CountsTable.Add($"{runs * 10} cycles of drain and ready, two balancers", count);
            count.AssertWhole();
        }
    }

    [LabFact]
    public async Task The_last_server_stays_and_what_is_stopped_in_the_middle_is_put_back()
    {
        var (lb1, lb2, admin) = await StartAsync();
        using (admin)
        {
            Assert.Equal("Maintenance", (await admin.RunAsync($"(Disable-BackendServer app2 {Ask}).To")).Text);
            Assert.Equal("BackendLastServer", (await admin.RunAsync($"Disable-BackendServer app1 {Ask}")).ErrorId);
            Assert.Equal("Up", (await admin.RunAsync($"(Enable-BackendServer app2 {Ask}).To")).Text);

            // A request whose client does not read on: it keeps the server busy.
            using var stuck = new System.Net.Sockets.TcpClient();
            await stuck.ConnectAsync(lb1.Address, 8081);
            await lb1.WaitAsync("ss -Htn state established sport = :8081 | grep -q .");
            var draining = admin.Start($"Disable-BackendServer app1 -Server lb1, lb2 -Pool be_tcp -TimeoutSec 600");
            await UntilAsync(admin, "app1", "Drain Drain", "be_tcp");
            Assert.InRange((await draining.StopAsync()).TotalSeconds, 0, 20);
            await UntilAsync(admin, "app1", "Up Up", "be_tcp");
            var late = await admin.RunAsync("Disable-BackendServer app1 -Server lb1, lb2 -Pool be_tcp -TimeoutSec 1");
            Assert.Equal("BackendServerBusy", late.ErrorId);
            Assert.Equal("in maintenance, 1 ended", (await admin.RunAsync("(Disable-BackendServer app1 -Server lb1, lb2 -Pool be_tcp -TimeoutSec 1 -OnTimeout Shutdown).Action")).Text);
            Assert.Equal("in service", (await admin.RunAsync("(Enable-BackendServer app1 -Server lb1, lb2 -Pool be_tcp).Action")).Text);
        }
    }

    [LabFact]
    public async Task A_reload_keeps_what_is_out_and_a_balancer_that_is_gone_keeps_the_others_unchanged()
    {
        var (lb1, lb2, admin) = await StartAsync();
        using (admin)
        {
            Assert.Equal("True", (await admin.RunAsync($"(Disable-BackendServer app2 {Ask}).IsPersistent")).Text);
            foreach (var host in new[] { lb1, lb2 }) await host.RunAsync("systemctl reload haproxy");
            await UntilAsync(admin, "app2", "Maintenance Maintenance", "be_shop");
            await admin.RunAsync($"Enable-BackendServer app2 {Ask}");
            try
            {
                await lb2.RunAsync("systemctl stop haproxy");
                Assert.Equal("BalancerMissing", (await admin.RunAsync($"Disable-BackendServer app1 {Ask}")).ErrorId);
                Assert.Equal("Up", (await admin.RunAsync("(Get-BackendServer app1 -Server lb1 -Pool be_shop).State")).Text);
                Assert.Equal("lb2 could not be asked", (await admin.RunAsync($"(Disable-BackendServer app1 {Ask} -AllowPartial).Differences")).Text);
                Assert.Equal("Up", (await admin.RunAsync($"(Enable-BackendServer app1 {Ask} -AllowPartial).To")).Text);
            }
            finally
            {
                await lb2.RunAsync("systemctl start haproxy");
            }
        }
    }

    [LabFact]
    public async Task An_admin_who_is_not_root_asks_by_sudo()
    {
        var (lb1, _, root) = await StartAsync();
        root.Dispose();
        await lb1.AccountAsync("keeper", "sudo=nopassword");
        await lb1.AccountAsync("guest", "sudo=no");
        using (var keeper = new Admin("keeper", lb1)) Assert.Equal("app1", (await keeper.RunAsync("(Get-BackendServer app1 -Server lb1 -Pool be_shop).Name")).Text);
        using (var guest = new Admin("guest", lb1)) Assert.Equal("HAProxySocketForbidden", (await guest.RunAsync("Get-BackendServer -Server lb1 -Pool be_shop")).ErrorId);
    }

    private async Task<(LabHost First, LabHost Second, Admin Admin)> StartAsync()
    {
        var hosts = await fleet.UpAsync("lb1", "lb2", "app1", "app2");
        string configuration = $"""
            global
                stats socket /run/haproxy/admin.sock mode 600 level admin expose-fd listeners
                server-state-file /var/lib/haproxy/state
                maxconn 4000
            defaults
                mode http
                timeout connect 5s
                timeout client 1h
                timeout server 1h
                timeout check 2s
                option redispatch 1
                option idle-close-on-response
                load-server-state-from-file global
                default-server check inter 100ms fall 3 rise 2 weight 100
            frontend www
                bind :80
                default_backend be_shop
            backend be_shop
                option httpchk GET /health
                server app1 {hosts[2].Address}:8080
                server app2 {hosts[3].Address}:8080
            listen be_tcp
                mode tcp
                bind :8081
                server app1 {hosts[2].Address}:8080
                server app2 {hosts[3].Address}:8080 weight 1

            """;
        await Task.WhenAll(hosts[2..].Select(host => LabLoad.PrepareAsync(host)));
        foreach (var balancer in hosts[..2]) await balancer.RunAsync("cat >/etc/haproxy/haproxy.cfg; rm -f /var/lib/haproxy/state; systemctl restart haproxy", configuration);
        var admin = new Admin(hosts);
        foreach (string name in new[] { "app1", "app2" }) await UntilAsync(admin, name, "Up Up", "be_shop");
        return (hosts[0], hosts[1], admin);
    }

    private static async Task UntilAsync(Admin admin, string name, string states, string pool)
    {
        // Asked beside what the admin's session may be doing.
        using var other = new Engine();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        string seen = "";
        while (seen != states)
        {
            limit.Token.ThrowIfCancellationRequested();
            seen = string.Join(' ', other.Run($"Get-BackendServer {name} -Server lb1, lb2 -Pool {pool} -Environment '{admin.EnvironmentFile}' -ErrorAction SilentlyContinue").Select(server => $"{server.Properties["State"].Value}"));
            await Task.Delay(50, limit.Token);
        }
    }
}
