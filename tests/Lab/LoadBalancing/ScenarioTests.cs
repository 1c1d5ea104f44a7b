namespace ProdOps.Lab.Tests.LoadBalancing;

/// <summary>What clients notice of servers that are lost, and of balancers that are stopped. HAProxy and nginx are configured as their manuals say; the application is nginx.</summary>
[Collection(LabCollection.Name)]
public sealed class ScenarioTests(Fleet fleet)
{
    private const int Rate = 200;

    // A check every 500 ms, two of which must fail, as Publish-LoadBalancer writes it with ConnectTimeout = '200ms'; a request whose connection breaks is not sent again.
    private const string HAProxy = """
        global
            stats socket /run/haproxy/admin.sock mode 600 level admin
        defaults
            mode http
            timeout connect 200ms
            timeout check 2s
            timeout client 30s
            timeout server 2s
            option redispatch 1
            retries 2
            option idle-close-on-response
        frontend web
            bind :80
            default_backend web
        backend web
            option httpchk GET /health
            default-server check inter 500ms fastinter 50ms fall 2 rise 2 on-marked-down shutdown-sessions
        """;

    [LabFact]
    [Trait(CountsTable.Trait, "yes")]
    public async Task A_server_whose_plug_is_pulled_costs_at_most_what_was_under_way_on_it_and_is_out_within_a_second()
    {
        var hosts = await fleet.UpAsync("lbproof", "proof1", "proof2", "proof3");
        var (balancer, servers) = (hosts[0], hosts[1..]);
        await PrepareAsync(servers);
        await StartHAProxyAsync(balancer, servers);
        try
        {
            await WaitForAsync(balancer, servers.Length);
            // An answer takes a tenth of a second: some are under way on the server that is lost.
            await using var load = await LabLoad.StartAsync($"http://{balancer.Address}/slow", Rate, "-Concurrency 200 -TimeoutSec 10");
            // Out of rotation: the balancer says so itself, by the clock that all hosts have.
            var down = balancer.RunAsync($"i=0; until perl /usr/local/bin/lab-stat {servers[2].Name} | grep -q DOWN || [ $((i += 1)) -gt 1000 ]; do sleep 0.02; done; date +%s%N");
            await servers[2].KillAsync();
            var outAt = DateTimeOffset.UnixEpoch.AddTicks(long.Parse(await down, System.Globalization.CultureInfo.InvariantCulture) / 100);
            var result = await load.StopAsync();
            CountsTable.Add("plug of one of three application servers pulled", result, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"out of rotation {(outAt - result.FirstFailure)?.TotalMilliseconds:0} ms after the first failed request was due"));
            // What was under way on it: a third of the requests that a tenth of a second, and the check's interval, have.
            Assert.True(result.Failed <= Rate / servers.Length * 1.5, $"{result}");
            Assert.True(result.FailingFor < TimeSpan.FromSeconds(1), $"{result}");
            // The first that failed was due a tenth of a second before the plug was pulled. Half a second is for a busy machine.
            Assert.True(outAt - result.FirstFailure < TimeSpan.FromSeconds(1.6), $"out {outAt - result.FirstFailure} after the first failure\n{result}");
            Assert.True(result.LongestGap < TimeSpan.FromSeconds(1), $"{result}");
        }
        finally
        {
            await balancer.RunAsync("systemctl stop haproxy");
            await servers[2].BootAsync();
        }
    }

    [LabFact]
    [Trait(CountsTable.Trait, "yes")]
    public async Task Requests_are_answered_each_once_whether_connections_are_kept_or_not()
    {
        int count = Effort.Of(full: 100_000, usual: 10_000);
        var hosts = await fleet.UpAsync("lbproof", "proof1", "proof2");
        var (balancer, servers) = (hosts[0], hosts[1..]);
        await PrepareAsync(servers);
        await StartHAProxyAsync(balancer, servers);
        try
        {
            await WaitForAsync(balancer, servers.Length);
            foreach (string options in (string[])["", "-Close -Method POST -BodySize 200"])
            {
                var result = await LabLoad.RunAsync($"http://{balancer.Address}/item", count, rate: 1000, options + " -TimeoutSec 30");
                result.Counted(await LabLoad.IdsAsync(result.Run, servers));
                CountsTable.Add($"nothing happens ({(options.Length == 0 ? "GET, connections kept" : "POST, closed")})", new LabCount([result]));
                Assert.True((result.Requests, result.Failed, result.Lost, result.Replayed) == (count, 0, 0, 0), $"{result}");
                Assert.Equal([servers[0].Name, servers[1].Name], result.Servers.Keys.Order());
            }
        }
        finally
        {
            await balancer.RunAsync("systemctl stop haproxy");
        }
    }

    [LabFact]
    public async Task Nginx_passes_over_a_server_whose_plug_is_pulled_after_its_connect_timeout()
    {
        var hosts = await fleet.UpAsync("lbproof", "proof1", "proof2", "proof3");
        var (balancer, servers) = (hosts[0], hosts[1..]);
        await PrepareAsync(servers);
        await balancer.RunAsync($$"""
            systemctl stop nginx haproxy
            rm -f /etc/nginx/sites-enabled/default /etc/nginx/conf.d/lab-app.conf
            cat >/etc/nginx/conf.d/lab-balancer.conf <<'END'
            upstream web {
            {{string.Join('\n', servers.Select(server => $"    server {server.Address}:8080 max_fails=1 fail_timeout=10s;"))}}
            }
            server {
                listen 80;
                location / { proxy_pass http://web; proxy_connect_timeout 500ms; proxy_read_timeout 2s; proxy_next_upstream error timeout; }
            }
            END
            nginx -t -q
            systemctl start nginx
            """);
        try
        {
            await using var load = await LabLoad.StartAsync($"http://{balancer.Address}/slow", Rate, "-Concurrency 200 -TimeoutSec 10");
            await servers[2].KillAsync();
            await balancer.WaitAsync("grep -q upstream /var/log/nginx/error.log", seconds: 30);
            var result = await load.StopAsync();
            // nginx asks another server, also for what was under way where the method allows it: what is lost is an answer that had begun.
            Assert.True(result.Failed <= Rate / servers.Length * 1.5, $"{result}");
            Assert.True(result.LongestGap < TimeSpan.FromSeconds(2), $"{result}");
        }
        finally
        {
            await balancer.RunAsync("systemctl stop nginx; rm -f /etc/nginx/conf.d/lab-balancer.conf /var/log/nginx/error.log");
            await servers[2].BootAsync();
        }
    }

    [LabFact]
    public async Task A_failover_test_stops_a_server_measures_and_starts_it_again_also_when_it_is_killed()
    {
        var hosts = await fleet.UpAsync("lbproof", "proof1", "proof2");
        var (balancer, servers) = (hosts[0], hosts[1..]);
        await PrepareAsync(servers);
        await StartHAProxyAsync(balancer, servers);
        using var admin = new Admin(hosts);
        File.WriteAllText(admin.EnvironmentFile, File.ReadAllText(admin.EnvironmentFile).TrimEnd().TrimEnd('}') + $$"""

                LoadBalancers = @{ web = @{ Servers = 'lbproof'; Pool = 'proof1', 'proof2'; PoolPort = 8080; Check = '/health' } }
            }
            """);
        try
        {
            await WaitForAsync(balancer, servers.Length);
            var findings = await admin.RunAsync("Test-LoadBalancer web -Readiness | ForEach-Object { \"$($_.Item) $($_.Status)\" }");
            Assert.Equal(["clock Passed", "content Warning", "headers Passed", "health Passed", "redirect Passed", "redundancy Failed", "redundancy Passed", "session Passed"], findings.Sorted);

            var measured = Assert.Single((await admin.RunAsync("Test-LoadBalancer web -Failover -Stop BackendServer -On proof2 -Service nginx -Confirm:$false")).Clean);
            Assert.Equal((true, true), ((bool)measured.Properties["Recovered"].Value, (bool)measured.Properties["Restored"].Value));
            Assert.True((TimeSpan)measured.Properties["Gap"].Value < TimeSpan.FromSeconds(2), $"{measured}");
            Assert.Equal("active", await servers[1].RunAsync("systemctl is-active nginx; systemctl list-timers --all --no-legend 'prodops-failover-*'"));

            // Whoever asked is killed while it is stopped: systemd starts it again by itself. Its timer is there, and brought forward here.
            using var doomed = HostProcess.Start(["-Command", $"Test-LoadBalancer web -Failover -Stop BackendServer -On proof2 -Service nginx -Confirm:$false -Environment '{admin.EnvironmentFile}'"]);
            await servers[1].WaitAsync("! systemctl is-active --quiet nginx", seconds: 60);
            doomed.Kill(entireProcessTree: true);
            await doomed.WaitForExitAsync();
            Assert.Contains("prodops-failover-nginx.timer", await servers[1].RunAsync("systemctl list-timers --no-legend 'prodops-failover-*'"), StringComparison.Ordinal);
            await servers[1].RunAsync("systemctl start prodops-failover-nginx.service");
            await servers[1].WaitAsync("systemctl is-active --quiet nginx");
        }
        finally
        {
            await balancer.RunAsync("systemctl stop haproxy");
            await servers[1].RunAsync("systemctl stop prodops-failover-nginx.timer 2>/dev/null || true; systemctl start nginx");
        }
    }

    private static Task StartHAProxyAsync(LabHost balancer, LabHost[] servers) => balancer.RunAsync($"""
        systemctl stop nginx haproxy
        cat >/etc/haproxy/haproxy.cfg <<'END'
        {HAProxy}
        {string.Join('\n', servers.Select(server => $"    server {server.Name} {server.Address}:8080"))}
        END
        systemctl start haproxy
        """);

    private static async Task PrepareAsync(IEnumerable<LabHost> servers)
    {
        foreach (var server in servers) await LabLoad.PrepareAsync(server);
    }

    // perl-base is what Debian has by nature. In a file: a condition that is waited for holds no quotes.
    private static async Task WaitForAsync(LabHost balancer, int servers)
    {
        await balancer.RunAsync("cat >/usr/local/bin/lab-stat", """
            use IO::Socket::UNIX;
            my $socket = IO::Socket::UNIX->new(Peer => "/run/haproxy/admin.sock") or exit 1;
            print $socket "show stat\n";
            while (<$socket>) { print if /^web,$ARGV[0]/ }
            """);
        await balancer.WaitAsync($"[ $(perl /usr/local/bin/lab-stat proof | grep -c ,UP,) = {servers} ]");
    }
}
