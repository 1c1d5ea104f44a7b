namespace ProdOps.Lab.Tests.Monitoring;

/// <summary>Hosts that are gone: by accident, and because somebody works on them.</summary>
[Collection(LabCollection.Name)]
public sealed class OutageTests(Fleet fleet)
{
    [LabFact]
    public async Task A_database_that_is_cut_off_is_one_message_with_what_needs_it_and_a_host_that_is_worked_on_none_until_the_work_is_over()
    {
        var hosts = await fleet.UpAsync("db1", "web2", "victim1");
        var (database, victim) = (hosts[0], hosts[2]);
        using var admin = new Admin(
            $"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'config'; ConnectTimeout = '5s'",
            $"@{{ Name = 'db1'; Address = '{database.Address}' }}, @{{ Name = 'web2'; Address = '{hosts[1].Address}'; DependsOn = 'db1' }}, @{{ Name = 'victim1'; Address = '{victim.Address}' }}");
        await File.WriteAllTextAsync(Path.Combine(admin.Folder, "config"), "Host *\n    ServerAliveInterval 1\n    ServerAliveCountMax 2\n");
        await using var monitor = await LabMonitor.StartAsync(
            admin,
            ["@{ Name = 'reachability'; For = '0s'; Attempts = 2; RecoverFor = '0s'; RecoverAttempts = 1 }", "@{ Name = 'check'; RecoverFor = '0s'; RecoverAttempts = 1 }"],
            // It takes longer to be certain of than a first look at a server that is gone, which ends after 10 seconds.
            $"Checks = @(@{{ Name = 'database'; Server = 'web2'; Script = 'timeout 2 bash -c \"exec 3<>/dev/tcp/{database.Address}/22\"'; Interval = '1s'; For = '15s'; Attempts = 1 }})");
        foreach (string server in new[] { "db1", "web2", "victim1" }) await monitor.WellAsync(server, "reachability");
        await monitor.WellAsync("web2", "database");

        Assert.Equal("victim1", (await admin.RunAsync("(Suspend-HealthCheck victim1 -For 1h -Reason 'a new disk').Server")).Text);
        Message gone, over;
        try
        {
            await Task.WhenAll(victim.KillAsync(), database.CutAsync());
            gone = await monitor.MessageAsync("Problem", "db1");
            // Which of them is certain first is chance; it says how many it takes with it, if it knows.
            Assert.StartsWith("Critical: db1 cannot be reached", gone.Title, StringComparison.Ordinal);
            await monitor.EventAsync("victim1 is down", happened => happened is { Kind: "Server", Server: "victim1", State: "Critical" });
            var folded = await monitor.EventAsync("web2 cannot work", happened => happened is { Kind: "Check", Server: "web2", Check: "database", State: "Critical" });
            Assert.Equal(gone.Incidents[0].Incident, folded.Incident);
            Assert.Single(monitor.Messages);

            Assert.Equal("victim1", (await admin.RunAsync("(Resume-HealthCheck victim1).Server")).Text);
            over = await monitor.MessageAsync("Problem", "victim1");
            Assert.Equal("Critical: victim1 cannot be reached", over.Title);
        }
        finally
        {
            await Task.WhenAll(victim.BootAsync(), database.PlugAsync());
        }

        var back = await monitor.MessageAsync("Recovery", "db1");
        var up = await monitor.MessageAsync("Recovery", "victim1");
        Assert.Equal((gone.Incidents[0].Incident, over.Incidents[0].Incident), (back.Incidents[0].Incident, up.Incidents[0].Incident));
        Assert.Equal(4, monitor.Messages.Length);
    }

    [LabFact]
    public async Task Hosts_behind_one_that_is_gone_are_unreachable_and_all_of_it_is_one_message()
    {
        var hosts = await fleet.UpAsync("door1", "behind1", "behind2");
        using var admin = new Admin(
            $"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'config'; ConnectTimeout = '5s'",
            $"@{{ Name = 'door1'; Address = '{hosts[0].Address}' }}, " + string.Join(", ", hosts.Skip(1).Select(host => $"@{{ Name = '{host.Name}'; Address = '{host.Address}'; DependsOn = 'door1' }}")));
        await File.WriteAllTextAsync(Path.Combine(admin.Folder, "config"), "Host *\n    ServerAliveInterval 1\n    ServerAliveCountMax 2\n");
        await using var monitor = await LabMonitor.StartAsync(admin, ["@{ Name = 'reachability'; For = '0s'; Attempts = 2; RecoverFor = '0s'; RecoverAttempts = 1 }"]);
        foreach (var host in hosts) await monitor.WellAsync(host.Name, "reachability");
        Message gone;
        try
        {
            await Task.WhenAll(hosts.Select(host => host.CutAsync()));
            gone = await monitor.MessageAsync("Problem", "door1");
            Assert.StartsWith("Critical: door1 cannot be reached", gone.Title, StringComparison.Ordinal);
            foreach (var host in hosts.Skip(1)) await monitor.EventAsync($"{host.Name} cannot be asked", happened => happened is { Kind: "Server", State: "Unreachable" } && happened.Server == host.Name);
            Assert.Single(monitor.Messages);
        }
        finally
        {
            await Task.WhenAll(hosts.Select(host => host.PlugAsync()));
        }

        var back = await monitor.MessageAsync("Recovery", "door1");
        Assert.Equal(gone.Incidents[0].Incident, back.Incidents[0].Incident);
        Assert.Equal(2, monitor.Messages.Length);
    }
}
