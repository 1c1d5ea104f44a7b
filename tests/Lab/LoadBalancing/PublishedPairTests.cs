using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Xunit.Abstractions;

namespace ProdOps.Lab.Tests.LoadBalancing;

/// <summary>A pair of balancers whose HAProxy, keepalived and nginx are published, what admins do to it at the same time, and what its clients notice.</summary>
[Collection(LabCollection.Name)]
public sealed class PublishedPairTests(Fleet fleet, ITestOutputHelper output)
{
    [LabFact]
    [Trait(CountsTable.Trait, "yes")]
    public async Task A_certificate_is_replaced_under_load_and_no_request_fails()
    {
        var (admin, balancers, _) = await SetUpAsync("root");
        using var issued = new TestCertificates(Path.Combine(admin.Folder, "issued"));
        using (admin)
        {
            string address = balancers[0].Address, first = Issue(issued, address), second = Issue(issued, address);
            await WriteAsync(admin, $"Servers = 'pub1'; Certificate = '/etc/haproxy/certs/shop.pem'; TlsPort = 443");
            // The process does not know the file yet: it reads it when it is published.
            Assert.Equal("False", (await admin.RunAsync($"(Update-LoadBalancerCertificate shop '{first}' -Force).IsLive")).Text);
            (await admin.RunAsync("Publish-LoadBalancer shop -Force")).Clean.ToString();
            Assert.Equal("600", await balancers[0].RunAsync("stat -c %a /etc/haproxy/certs/shop.pem"));
            string options = $"-CACertificate '{issued.Authority}'";
            var loads = await Task.WhenAll(LabLoad.StartAsync($"https://{address}/item", 50, options), LabLoad.StartAsync($"https://{address}/item", 50, options + " -Close"));
            await using var kept = loads[0];
            await using var anew = loads[1];
            for (int i = 0; i < 4; i++)
            {
                string file = i % 2 == 0 ? second : first;
                var changed = (await admin.RunAsync($"Update-LoadBalancerCertificate shop '{file}'")).Clean.Single();
                Assert.Equal(("Published", "True"), ($"{changed.Properties["Status"].Value}", $"{changed.Properties["IsLive"].Value}"));
                Assert.Equal(X509CertificateLoader.LoadCertificateFromFile(file).GetCertHashString(HashAlgorithmName.SHA256), await ServedAsync(address), ignoreCase: true);
                Assert.Equal(X509CertificateLoader.LoadCertificateFromFile(file).Thumbprint, (await admin.RunAsync("(Get-LoadBalancer shop).Certificates.Fingerprint")).Text, ignoreCase: true);
            }

            // A bad one is refused, and the good one goes on to be served.
            string bad = Path.Combine(admin.Folder, "bad.pem");
            await File.WriteAllTextAsync(bad, (await File.ReadAllTextAsync(first)).Split("-----BEGIN PRIVATE")[0] + "-----BEGIN PRIVATE" + (await File.ReadAllTextAsync(second)).Split("-----BEGIN PRIVATE")[1]);
            Assert.Equal("LoadBalancerCertificateInvalid", (await admin.RunAsync($"Update-LoadBalancerCertificate shop '{bad}'")).ErrorId);
            foreach (var load in loads)
            {
                var seen = await load.StopAsync();
                output.WriteLine($"certificate replaced four times: {seen.Requests} requests, {seen.Failed} failed");
                CountsTable.Add("certificate replaced four times", seen);
                Assert.True(seen.Failed == 0 && seen.Requests > 50, $"{seen}");
            }
        }
    }

    [LabFact]
    public async Task Of_two_admins_at_once_one_publishes_and_one_is_told_and_both_may_drain_the_same_server()
    {
        var (alice, balancers, servers) = await SetUpAsync("root");
        using var bob = new Admin([.. balancers, .. servers]);
        using (alice)
        {
            await WriteAsync(alice, "MaxConnections = 600");
            (await alice.RunAsync("Publish-LoadBalancer shop -Force")).Clean.ToString();
            await using var load = await LabLoad.StartAsync($"http://{balancers[0].Address}/item", 100);
            await WriteAsync(alice, "MaxConnections = 601");
            await WriteAsync(bob, "MaxConnections = 602");
            var publications = await Task.WhenAll(alice.RunAsync("Publish-LoadBalancer shop -Server pub1"), bob.RunAsync("Publish-LoadBalancer shop -Server pub1"));
            Assert.Contains(publications, answer => answer.Errors.Count == 0);
            // Whoever came second met the lock, or the change that was made meanwhile, or came after all of it.
            Assert.All(publications.Where(answer => answer.Errors.Count > 0), answer => Assert.Contains(answer.ErrorId, (string[])["LoadBalancerLocked", "LoadBalancerChangedMeanwhile"]));
            string served = await balancers[0].RunAsync("sed -n 's/^    maxconn \\(60[12]\\)$/\\1/p' /etc/haproxy/haproxy.cfg");
            Assert.Contains(served, (string[])["601", "602"]);
            var current = (await alice.RunAsync("Get-LoadBalancerRevision shop -Server pub1 | Where-Object IsCurrent")).Clean.Single();
            Assert.Contains($"+ maxconn {served}", string.Join(' ', (IEnumerable<string>)((dynamic)current).Changes), StringComparison.Ordinal);
            await alice.RunAsync("Publish-LoadBalancer shop");

            var drains = await Task.WhenAll(alice.RunAsync("Disable-BackendServer webp1"), bob.RunAsync("Disable-BackendServer webp1"));
            Assert.All(drains, answer => Assert.Equal("Maintenance", $"{answer.Clean.Single().Properties["To"].Value}"));
            Assert.Equal(["Maintenance", "Maintenance"], (await bob.RunAsync("Get-BackendServer webp1 | ForEach-Object { \"$($_.State)\" }")).Sorted);
            var enables = await Task.WhenAll(alice.RunAsync("Enable-BackendServer webp1"), bob.RunAsync("Enable-BackendServer webp1"));
            Assert.All(enables, answer => Assert.Equal("Up", $"{answer.Clean.Single().Properties["To"].Value}"));
            var seen = await load.StopAsync(servers);
            output.WriteLine($"two admins: {seen.Requests} requests, {seen.Failed} failed");
            Assert.True((seen.Failed, seen.Lost, seen.Replayed) == (0, 0, 0), $"{seen}");
        }
    }

    [LabFact]
    [Trait(CountsTable.Trait, "yes")]
    public async Task Keepalived_and_nginx_are_published_over_sudo_and_the_pair_survives_what_is_stopped()
    {
        var (root, balancers, servers) = await SetUpAsync("root");
        root.Dispose();
        await Task.WhenAll(balancers.Concat(servers).Select(host => host.AccountAsync("keeper", "sudo=nopassword")));
        using var admin = new Admin("keeper", [.. balancers, .. servers]);
        string address = balancers[0].Address[..(balancers[0].Address.LastIndexOf('.') + 1)] + "210";
        try
        {
            await WriteAsync(admin, $"VirtualAddress = '{address}'; VirtualRouter = 210", "; side = @{ Servers = 'pub2'; Kind = 'Nginx'; Pool = 'role:App'; Port = 8090; PoolPort = 8080; Check = '/health' }");
            await balancers[1].RunAsync("rm -f /etc/nginx/sites-enabled/default");
            var published = await admin.RunAsync("Publish-LoadBalancer -Force | ForEach-Object { \"$($_.LoadBalancer) $($_.Server) $($_.Status)\" }");
            Assert.Equal(["shop pub1 Published", "shop pub2 Published", "side pub2 Published"], published.Sorted);
            Assert.Contains(await balancers[1].RunAsync("curl -fs http://127.0.0.1:8090/"), servers.Select(host => host.Name));
            Assert.NotEqual("", (await admin.RunAsync("(Get-LoadBalancer side).Revision")).Text);
            foreach (var balancer in balancers) await balancer.WaitAsync($"{(balancer == balancers[0] ? "" : "! ")}ip -o addr show dev host0 | grep -q \"inet {address}/\"", seconds: 30);
            Assert.Equal(["pub1 Active", "pub2 Standby"], (await admin.RunAsync("Get-LoadBalancer shop | ForEach-Object { \"$($_.Server) $($_.Role)\" }")).Sorted);

            foreach (string stopped in (string[])["Balancer", "Keepalived"])
            {
                var measured = (await admin.RunAsync($"Test-LoadBalancer shop -Failover -Stop {stopped} -Confirm:$false")).Clean.Single();
                dynamic result = measured;
                output.WriteLine($"{stopped} stopped: {result.Failed} of {result.Requests} failed, gap {((TimeSpan)result.Gap).TotalMilliseconds:0} ms, recovered after {result.RecoveryTime}; on return {result.FailedOnReturn} failed");
                Assert.Equal((true, true, "pub1"), ((bool)result.Recovered, (bool)result.Restored, (string)result.Server));
                CountsTable.Add(stopped == "Balancer" ? "HAProxy stopped on the active balancer" : "keepalived stopped on the active balancer", (long)result.Requests, (long)result.Failed, (TimeSpan)result.Gap);
                // HAProxy's end counts after a fifth of a second, and then three adverts of 200 ms are missing; keepalived says good-bye. The rest is for a machine that does other things too.
                Assert.True((TimeSpan)result.Gap < TimeSpan.FromSeconds(2), $"{result.Gap}");
                foreach (var balancer in balancers) await balancer.WaitAsync($"{(balancer == balancers[0] ? "" : "! ")}ip -o addr show dev host0 | grep -q \"inet {address}/\"", seconds: 30);
            }

            await NotPutBackAsync(admin, balancers[1], address);

            // A peer that is gone is named as before.
            await balancers[1].CutAsync();
            try
            {
                await WriteAsync(admin, $"VirtualAddress = '{address}'; VirtualRouter = 210; MaxConnections = 555");
                var partial = await admin.RunAsync("Publish-LoadBalancer shop -AllowPartial -ConnectTimeoutSec 3");
                Assert.Equal("LoadBalancerLeftOut", partial.Errors[0].FullyQualifiedErrorId.Split(',')[0]);
                Assert.Equal("pub1 Published", string.Join(',', partial.Output.Select(item => $"{item.Properties["Server"].Value} {item.Properties["Status"].Value}")));
                Assert.Contains(balancers[1].Address, await balancers[0].RunAsync("cat /etc/keepalived/keepalived.conf"), StringComparison.Ordinal);
            }
            finally
            {
                await balancers[1].PlugAsync();
            }
        }
        finally
        {
            await Task.WhenAll(balancers.Select(host => host.RunAsync("systemctl stop keepalived nginx; systemctl disable -q keepalived nginx; rm -f /etc/keepalived/keepalived.conf /etc/nginx/conf.d/prodops.conf")));
        }
    }

    /// <summary>keepalived that can take up neither what is new nor what was there: that is said, HAProxy serves on, and the next publication puts it in order.</summary>
    private static async Task NotPutBackAsync(Admin admin, LabHost balancer, string address)
    {
        const string unit = "/etc/systemd/system/keepalived.service.d/lab.conf", former = "/var/lib/prodops/balancer/haproxy/former";
        await balancer.RunAsync($"mkdir -p {Path.GetDirectoryName(unit)}; printf '[Service]\\nExecReload=\\nExecReload=/bin/false\\n' >{unit}; systemctl daemon-reload");
        try
        {
            await WriteAsync(admin, $"VirtualAddress = '{address}'; VirtualRouter = 211");
            var failed = await admin.RunAsync("Publish-LoadBalancer shop -Server pub2");
            Assert.Equal("LoadBalancerNotPutBack", failed.ErrorId);
            Assert.Equal("there", await balancer.RunAsync($"curl -fs http://127.0.0.1/ >/dev/null; grep -q 'virtual_router_id 210' /etc/keepalived/keepalived.conf; test -d {former}; echo there"));
        }
        finally
        {
            await balancer.RunAsync($"rm {unit}; systemctl daemon-reload");
        }

        await WriteAsync(admin, $"VirtualAddress = '{address}'; VirtualRouter = 210; MaxConnections = 554");
        Assert.Equal("Published", (await admin.RunAsync("(Publish-LoadBalancer shop -Server pub2 -WarningAction SilentlyContinue).Status.ToString()")).Text);
        Assert.Equal("in order", await balancer.RunAsync($"test ! -e {former}; grep -q 'maxconn 554' /etc/haproxy/haproxy.cfg; systemctl is-active -q keepalived; echo in order"));
    }

    private async Task<(Admin Admin, LabHost[] Balancers, LabHost[] Servers)> SetUpAsync(string user)
    {
        var hosts = await fleet.UpAsync("pub1", "pub2", "webp1", "webp2");
        await Task.WhenAll(hosts[2..].Select(host => LabLoad.PrepareAsync(host)));
        return (new Admin(user, hosts), hosts[..2], hosts[2..]);
    }

    private static async Task WriteAsync(Admin admin, string more, string others = "")
    {
        const string mark = "    LoadBalancers";
        string text = await File.ReadAllTextAsync(admin.EnvironmentFile);
        int old = text.IndexOf(mark, StringComparison.Ordinal);
        text = old >= 0 ? text[..old] : text[..text.TrimEnd().LastIndexOf('}')];
        string servers = more.StartsWith("Servers", StringComparison.Ordinal) ? "" : "Servers = 'pub1', 'pub2'; ", connections = more.Contains("MaxConnections", StringComparison.Ordinal) ? "" : "MaxConnections = 1000; ";
        await File.WriteAllTextAsync(admin.EnvironmentFile, $"{text}{mark} = @{{ shop = @{{ {servers}Pool = 'role:App'; PoolPort = 8080; {connections}Check = '/health'; {more} }}{others} }}\n}}\n");
    }

    /// <summary>A new certificate with its key, in one file.</summary>
    private static string Issue(TestCertificates issued, string address)
    {
        var (certificate, key) = issued.Issue(address);
        string path = Path.Combine(issued.Folder, $"{Guid.NewGuid():N}.pem");
        File.WriteAllText(path, File.ReadAllText(certificate) + "\n" + File.ReadAllText(key));
        return path;
    }

    private static async Task<string> ServedAsync(string address)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address, 443);
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(address);
        return tls.RemoteCertificate!.GetCertHashString(HashAlgorithmName.SHA256);
    }
}
