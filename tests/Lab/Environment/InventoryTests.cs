namespace ProdOps.Lab.Tests.Inventory;

/// <summary>The environment file and the hosts it speaks of.</summary>
[Collection(LabCollection.Name)]
public sealed class InventoryTests(Fleet fleet)
{
    [LabFact]
    public async Task Servers_are_named_by_wildcard_role_and_pipeline()
    {
        var hosts = await fleet.UpAsync("web1", "web2", "odd1");
        using var admin = new Admin(hosts);
        foreach (var (script, expected) in new (string, string[])[]
        {
            ("Get-Server | Invoke-ServerCommand hostname", ["odd1", "web1", "web2"]),
            ("Get-Server web* | Invoke-ServerCommand hostname", ["web1", "web2"]),
            ("Get-Server -Role App | Invoke-ServerCommand hostname", ["web1", "web2"]),
            ("Get-Server role:Other | Invoke-ServerCommand hostname", ["odd1"]),
            ("'web2', 'o*' | Invoke-ServerCommand hostname", ["odd1", "web2"]),
            ("Invoke-ServerCommand hostname -Server role:App, web1", ["web1", "web2"]),
            ("Invoke-ServerCommand hostname -Server *[12]", ["odd1", "web1", "web2"]),
            ("Get-Server | Get-ServerClock | Invoke-ServerCommand hostname", ["odd1", "web1", "web2"]),
        })
        {
            var answer = await admin.RunAsync(script + " | ForEach-Object { if ($_.Server -ne $_.StandardOutput) { throw } $_.Server }");
            Assert.Equal(expected, answer.Sorted);
        }

        var unknown = await admin.RunAsync("Invoke-ServerCommand hostname -Server web1, web9 | ForEach-Object Server");
        Assert.Equal(("ServerNotFound", "web9"), (unknown.ErrorId, unknown.Error.TargetObject.ToString()));
        Assert.Equal("web1", Assert.Single(unknown.Output).ToString());
    }

    [LabFact]
    public async Task Test_ProdOpsEnvironment_connects_and_finds_what_is_wrong_with_the_servers()
    {
        var hosts = await fleet.UpAsync("web1", "web2", "odd1", "victim1");
        await hosts[0].AccountAsync("ops", "sudo=nopassword");
        await hosts[0].RunAsync("printf '[Service]\\nExecStart=/bin/sleep 1000\\n' > /run/systemd/system/lab-stopped.service; systemctl daemon-reload");
        await hosts[1].AccountAsync("noroot", "sudo=no");
        await hosts[1].SetClockAsync("+90s");
        await hosts[3].KillAsync();
        try
        {
            using var admin = new Admin($"IdentityFile = '{Fleet.Key}'; ConfigFile = 'none'; ConnectTimeout = '4s'; KnownHosts = '{Fleet.KnownHosts}'", $$"""
                @{ Name = 'web1'; Address = '{{hosts[0].Address}}'; Ssh = @{ User = 'ops' }; Services = 'cron', 'lab-stopped', 'lab-missing' }
                @{ Name = 'web2'; Address = '{{hosts[1].Address}}'; Ssh = @{ User = 'noroot' } }
                @{ Name = 'odd1'; Address = '{{hosts[2].Address}}'; Ssh = @{ User = 'root'; KnownHosts = 'changed' } }
                @{ Name = 'victim1'; Address = '{{hosts[3].Address}}'; Ssh = @{ User = 'root' } }
                """);
            // What is remembered of odd1 is web1's key.
            await File.WriteAllTextAsync(Path.Combine(admin.Folder, "changed"), hosts[0].HostKey("ssh-ed25519").Replace(hosts[0].Address, hosts[2].Address) + "\n");
            var answer = await admin.RunAsync("Test-ProdOpsEnvironment -Connect | ForEach-Object { if ($_.Server) { \"$($_.Server) $($_.Check) $($_.Status) $($_.ErrorId)\".Trim() } }");
            Assert.Equal(
                [
                    "odd1 Connection Failed HostKeyChanged",
                    "victim1 Connection Failed ConnectTimedOut",
                    "web1 Clock Passed", "web1 Connection Passed", "web1 Root Passed",
                    "web1 Service Failed ServiceNotFound", "web1 Service Failed ServiceStopped", "web1 Service Passed",
                    "web2 Clock Failed ClockOff", "web2 Connection Passed", "web2 Root Warning SudoRefused",
                ],
                answer.Sorted.Select(line => line.Replace("ServerUnreachable", "ConnectTimedOut")));
            var advice = await admin.RunAsync("Test-ProdOpsEnvironment -Connect -Server web2, odd1 | ForEach-Object { if ($_.Status -ne 'Passed' -and $_.Server) { if (-not $_.Recommendation) { throw } $_.Message } }");
            Assert.Contains(advice.Sorted, message => message.Contains("ahead", StringComparison.Ordinal));
            Assert.InRange(answer.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        }
        finally
        {
            await hosts[1].SetClockAsync("0");
            await hosts[3].BootAsync();
        }
    }

    [LabFact]
    public async Task New_ProdOpsEnvironment_writes_what_it_sees_and_its_file_works()
    {
        var hosts = await fleet.UpAsync("web1", "web2", "odd1");
        // As packages have them: units of the distribution's, PostgreSQL's an instance beside one that has ended, listening on loopback alone.
        await ServiceAsync(hosts[0], "/lib/systemd/system", "haproxy", "busybox httpd -f -p 443");
        await ServiceAsync(hosts[1], "/lib/systemd/system", "nginx", "busybox httpd -f -p 80");
        await ServiceAsync(hosts[1], "/etc/systemd/system", "shop", "busybox httpd -f -p 8080");
        await ServiceAsync(hosts[2], "/lib/systemd/system", "postgresql@", "busybox httpd -f -p 127.0.0.1:5432", "postgresql@15-main");
        await hosts[2].RunAsync("printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/bin/true\\n' > /lib/systemd/system/postgresql.service; systemctl daemon-reload; systemctl start postgresql");
        var home = Directory.CreateTempSubdirectory("prodops-lab-").FullName;
        var before = System.Environment.GetEnvironmentVariable("HOME");
        try
        {
            // An admin who has ssh set up, and nothing of ProdOps.
            Directory.CreateDirectory(Path.Combine(home, ".ssh"));
            await File.WriteAllTextAsync(Path.Combine(home, ".ssh", "config"), $"Host *\n    IdentityFile {Fleet.Key}\n");
            System.Environment.SetEnvironmentVariable("HOME", home);
            using var admin = new Admin(hosts);
            File.Delete(admin.Environment);
            var names = string.Join(", ", hosts.Select(host => $"'root@{host.Address}'"));
            var written = await admin.RunAsync($"New-ProdOpsEnvironment {names} -Name shop -AcceptNewHostKey");
            Assert.Equal(admin.Environment, Assert.Single(written.Clean).ToString());
            var servers = await admin.RunAsync("Get-Server | ForEach-Object { \"$($_.Name) $($_.Roles) $($_.Services) > $($_.DependsOn)\" }");
            Assert.Equal(["odd1 Database postgresql@15-main > ", "web1 LoadBalancer haproxy > web2", "web2 App nginx shop > odd1"], servers.Sorted);
            var text = await File.ReadAllTextAsync(admin.Environment);
            Assert.Contains("# guessed: Role, Services, DependsOn", text);
            Assert.Contains("listens on 22, 80, 8080", text);
            var checks = await admin.RunAsync("Test-ProdOpsEnvironment -Connect | ForEach-Object { if ($_.Status -ne 'Passed') { \"$($_.Server) $($_.Check) $($_.Status) $($_.Message)\" } }");
            Assert.Empty(checks.Clean);
            Assert.Equal(["odd1", "web1", "web2"], (await admin.RunAsync("Invoke-ServerCommand hostname -Server * | ForEach-Object StandardOutput")).Sorted);

            var again = await admin.RunAsync($"New-ProdOpsEnvironment {names}");
            Assert.Equal("EnvironmentExists", again.ErrorId);
        }
        finally
        {
            System.Environment.SetEnvironmentVariable("HOME", before);
            Directory.Delete(home, recursive: true);
            foreach (var host in hosts)
                await host.RunAsync("for unit in haproxy nginx shop postgresql@15-main postgresql; do systemctl stop $unit || true; rm -f /lib/systemd/system/${unit%15-main}.service /etc/systemd/system/$unit.service; done 2> /dev/null; systemctl daemon-reload; systemctl reset-failed");
        }
    }

    private static Task ServiceAsync(LabHost host, string folder, string unit, string command, string? instance = null) => host.RunAsync(
        $"cat > {folder}/{unit}.service; systemctl daemon-reload; systemctl start {instance ?? unit}", $"[Service]\nExecStart=/bin/{command}\nSuccessExitStatus=143\n");
}
