using Xunit.Abstractions;

namespace ProdOps.Lab.Tests.LoadBalancing;

/// <summary>A balancer that is an nginx, with a configuration that was written by hand.</summary>
[Collection(LabCollection.Name)]
public sealed class NginxTests(Fleet fleet, ITestOutputHelper output)
{
    private const string File = "/etc/nginx/pools/web.conf";

    [LabFact]
    public async Task Servers_are_taken_out_put_back_and_updated_and_nothing_else_in_the_file_changes()
    {
        var hosts = await fleet.UpAsync("nbal1", "app1", "app2");
        var (balancer, servers) = (hosts[0], hosts[1..]);
        await Task.WhenAll(servers.Select(server => LabLoad.PrepareAsync(server)));
        string[] addresses = [.. servers.Select(server => $"{server.Address}:8080")];
        string former = $$"""
            # Pools by hand: kept as they are, übrigens.
            upstream web {
                least_conn;
                server {{addresses[0]}} max_fails=2;   # app1
                server {{addresses[1]}}; # app2
                keepalive 8;
            }

            """.ReplaceLineEndings("\n");
        await balancer.RunAsync($$"""
            systemctl stop haproxy nginx || true
            rm -f /etc/nginx/sites-enabled/*; mkdir -p /etc/nginx/pools
            cat >{{File}}
            echo 'include /etc/nginx/pools/*; server { listen 80; location = /nginx_status { stub_status; allow 127.0.0.1; deny all; } location / { proxy_pass http://web; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_next_upstream error timeout; } }' >/etc/nginx/conf.d/front.conf
            systemctl start nginx
            """, former);
        using var admin = new Admin(hosts);
        string text = (await System.IO.File.ReadAllTextAsync(admin.EnvironmentFile)).TrimEnd().TrimEnd('}');
        await System.IO.File.WriteAllTextAsync(admin.EnvironmentFile, $"{text}    LoadBalancers = @{{ web = @{{ Kind = 'Nginx'; Servers = 'nbal1'; Pool = 'app1', 'app2'; PoolPort = 8080; Managed = $false; Configuration = '{File}' }} }}\n}}\n");
        string ask = "Get-BackendServer | ForEach-Object { \"$($_.Name) $($_.State)\" }";
        Assert.Equal(["app1 Up", "app2 Up"], (await admin.RunAsync(ask)).Sorted);

        await using var clients = await LabLoad.StartAsync($"http://{balancer.Address}/", 200);
        dynamic change = (await admin.RunAsync("Disable-BackendServer app1 -Wait")).Clean.Single();
        Assert.Equal(0, (long)change.SessionsLeft);
        Assert.Equal(["app1 Maintenance", "app2 Up"], (await admin.RunAsync(ask)).Sorted);
        Assert.Equal(former.Replace("max_fails=2;", "max_fails=2 down;").TrimEnd('\n'), await balancer.RunAsync($"cat {File}"));
        Assert.Equal("BackendLastServer", (await admin.RunAsync("Disable-BackendServer app2")).ErrorId);
        await admin.RunAsync("Enable-BackendServer app1");
        Assert.Equal(former.TrimEnd('\n'), await balancer.RunAsync($"cat {File}"));

        var steps = await admin.RunAsync("Invoke-RollingUpdate web -HealthCheck /health -SettleTime 1s -AsRoot -Command 'systemctl stop nginx && echo 2 >/srv/version && systemctl start nginx' | ForEach-Object { \"$($_.Phase) $($_.Status) $($_.Message)\" }");
        Assert.All(steps.Sorted, step => Assert.Equal("Done", step.Split(' ')[1]));
        // nginx does not count by server; its page counts all requests.
        Assert.Equal(2, steps.Sorted.Count(step => System.Text.RegularExpressions.Regex.IsMatch(step, "^Settle Done [1-9][0-9]* requests to all servers together; failures are not counted by server$")));
        Assert.Equal(10, steps.Sorted.Count());
        var seen = await clients.StopAsync();
        output.WriteLine($"{seen}");
        // A reload closes connections that clients keep: few of them notice, and nothing else fails.
        Assert.True(seen.Failed < seen.Requests / 100 && seen.Failed == seen.ResetOnReused, $"{seen}");
        Assert.Equal(former.TrimEnd('\n'), await balancer.RunAsync($"cat {File}"));

        // What nginx refuses is not left behind, and who drains meanwhile has it back.
        await balancer.RunAsync("echo 'nonsense;' >/etc/nginx/conf.d/bad.conf");
        var refused = await admin.RunAsync("Disable-BackendServer app1");
        Assert.Equal("NginxConfigurationRefused", refused.ErrorId);
        Assert.Contains("nonsense", refused.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(former.TrimEnd('\n'), await balancer.RunAsync($"rm /etc/nginx/conf.d/bad.conf; cat {File}"));
        Assert.Equal("web.conf", await balancer.RunAsync("ls -A /etc/nginx/pools"));

        // A server that only its address tells, which is a pattern of wildcards, too.
        await balancer.RunAsync($"echo 'upstream web {{ server [::1]:8080; server 127.0.0.1:8081; }}' >{File} && nginx -s reload");
        dynamic byAddress = (await admin.RunAsync("Get-BackendServer | Where-Object Name -eq '[::1]:8080' | Disable-BackendServer")).Clean.Single();
        Assert.Equal("[::1]:8080", (string)byAddress.Name);
        Assert.Equal("upstream web { server [::1]:8080 down; server 127.0.0.1:8081; }", await balancer.RunAsync($"cat {File}"));
    }
}
