namespace ProdOps.Lab.Tests.Monitoring;

/// <summary>What goes wrong on a host: it is told, something is done about it, and its end is told, whatever becomes of the monitor between.</summary>
[Collection(LabCollection.Name)]
public sealed class ProblemTests(Fleet fleet)
{
    // It does its work when the message has arrived: what is over before it was told is not told.
    private const string Repair = "until [ -e /run/lab-told ]; do sleep 0.05; done; systemctl start nginx; echo \"$PRODOPS_INSTANCE of $PRODOPS_SERVER is $(systemctl is-active nginx)\"";

    private const string NewKeys = """
        mkdir /root/lab-keys
        mv /etc/ssh/ssh_host_* /root/lab-keys/
        ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
        systemctl restart ssh
        journalctl -q -n 1 --show-cursor | sed -n 's/^-- cursor: //p' >/run/lab-cursor
        pkill -f '^sshd: root' || true
        """;

    private const string OldKeys = "[ ! -d /root/lab-keys ] || { cp -a /root/lab-keys/* /etc/ssh/; rm -r /root/lab-keys; systemctl restart ssh; }";

    private const string Since = "journalctl -q -t sshd --after-cursor=\"$(cat /run/lab-cursor)\"";

    [LabFact]
    public async Task A_service_and_a_disk_are_told_of_until_they_are_well_and_a_monitor_that_was_killed_between_tells_nothing_twice()
    {
        var host = await fleet.UpAsync("web1");
        await host.RunAsync("systemctl start nginx; rm -f /run/lab-told; mkdir -p /srv/lab; mount -t tmpfs -o size=4m lab /srv/lab");
        using var admin = new Admin(
            $"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'", $"@{{ Name = 'web1'; Address = '{host.Address}'; Services = 'nginx' }}");
        try
        {
            await using var monitor = await LabMonitor.StartAsync(
                admin,
                [$"@{{ Name = 'service'; {LabMonitor.AtOnce} }}", $"@{{ Name = 'disk.used'; Instance = '/srv/lab'; {LabMonitor.AtOnce} }}"],
                $"Actions = @(@{{ Name = 'repair'; Rule = 'service'; Command = '{Repair}' }})");
            await monitor.WellAsync("web1", "service", "nginx");
            await monitor.WellAsync("web1", "disk.used", "/srv/lab");

            await host.RunAsync("systemctl stop nginx");
            var stopped = await monitor.MessageAsync("Problem", "nginx");
            Assert.Equal(("Critical", "web1", "service nginx"), (stopped.Severity, stopped.Incidents[0].Server, stopped.Incidents[0].Check));
            await monitor.EventAsync("the action begins", happened => happened is { Kind: "Action", By: "repair", Server: "web1", Instance: "nginx" });
            await host.RunAsync("touch /run/lab-told");
            await monitor.EventAsync("the action is over", happened => happened is { Kind: "Action", Output: "nginx of web1 is active" } && happened.Message.EndsWith("ended with 0.", StringComparison.Ordinal));
            var started = await monitor.MessageAsync("Recovery", "nginx");
            Assert.Equal(stopped.Incidents[0].Incident, started.Incidents[0].Incident);

            await host.RunAsync("head -c 4100000 /dev/zero >/srv/lab/big");
            var full = await monitor.MessageAsync("Problem", "/srv/lab");
            Assert.Equal("Critical", full.Severity);
            Assert.Contains("disk.used /srv/lab Critical", (await admin.RunAsync("(Get-HealthStatus web1).Problems | ForEach-Object { \"$($_.Check) $($_.Instance) $($_.State)\" }")).Sorted);
            Assert.Equal("Acknowledgement", (await admin.RunAsync($"(Confirm-HealthEvent {full.Incidents[0].Incident} 'on it').Kind")).Text);

            await monitor.KillAsync();
            monitor.Start();
            await monitor.EventAsync("it says how long nobody looked", happened => happened.Kind == "Monitor" && happened.Message.StartsWith("Nobody looked for ", StringComparison.Ordinal) && happened.Message.EndsWith("the monitor was not running.", StringComparison.Ordinal));
            await host.RunAsync("rm /srv/lab/big");
            var free = await monitor.MessageAsync("Recovery", "/srv/lab");
            Assert.Equal(full.Incidents[0].Incident, free.Incidents[0].Incident);
            Assert.Equal([stopped.Id, started.Id, full.Id, free.Id], monitor.Messages.Select(message => message.Id));
        }
        finally
        {
            await host.RunAsync("touch /run/lab-told; umount -l /srv/lab; systemctl stop nginx");
        }
    }

    [LabFact]
    public async Task A_host_whose_key_has_changed_is_critical_and_nobody_logs_in_there()
    {
        var host = await fleet.UpAsync("web2");
        using var admin = new Admin(host);
        string known = await File.ReadAllTextAsync(Fleet.KnownHosts);
        await using var monitor = await LabMonitor.StartAsync(admin, [$"@{{ Name = 'reachability'; {LabMonitor.AtOnce} }}"]);
        await monitor.WellAsync("web2", "reachability");
        try
        {
            await host.RunAsync(NewKeys);
            var told = await monitor.MessageAsync("Problem", "web2");
            Assert.Equal(("Critical", "Critical: web2: the host key has changed"), (told.Severity, told.Title));
            string why = Assert.Single(told.Incidents[0].Checks).Message;
            Assert.Contains($"The host key of 'web2 ({host.Address})' has changed", why, StringComparison.Ordinal);
            Assert.Contains(why, told.Text, StringComparison.Ordinal);
            Assert.Equal(2, System.Text.RegularExpressions.Regex.Matches(why, "SHA256:[A-Za-z0-9+/]{43}").DistinctBy(match => match.Value).Count());
            // It comes again and again, and never gets as far as logging in.
            await host.WaitAsync($"[ \"$({Since} | grep -c preauth)\" -ge 2 ]", 50);
            Assert.DoesNotContain("Accepted", await host.RunAsync(Since), StringComparison.Ordinal);
            Assert.Equal(known, await File.ReadAllTextAsync(Fleet.KnownHosts));
        }
        finally
        {
            await host.RunAsync(OldKeys);
        }

        await monitor.MessageAsync("Recovery", "web2");
        Assert.Equal(["Problem", "Recovery"], monitor.Messages.Select(message => message.Kind));
    }
}
