namespace ProdOps.Lab.Tests.Monitoring;

/// <summary>What a host runs out of, and what goes wrong with it while it runs: it is told with what was seen there at that moment.</summary>
[Collection(LabCollection.Name)]
public sealed class ResourceTests(Fleet fleet)
{
    // Deaf to what ends others gently, and so are its children.
    private const string Hang = "#!/bin/sh\ntrap '' TERM HUP\nsleep 600 &\nsleep 601 &\necho waiting\nwait\n";

    [LabFact]
    public async Task Memory_that_is_eaten_is_that_of_the_container_and_a_unit_that_the_kernel_kills_for_it_is_a_problem()
    {
        var host = await fleet.UpAsync("small1");
        using var admin = new Admin(host);
        await host.SetMemoryAsync("400M");
        try
        {
            await using var monitor = await LabMonitor.StartAsync(
                admin, [$"@{{ Name = 'memory.available'; {LabMonitor.AtOnce} }}", $"@{{ Name = 'oom.kills'; {LabMonitor.AtOnce} }}", $"@{{ Name = 'unit.failed'; {LabMonitor.AtOnce} }}"]);
            foreach (string rule in new[] { "memory.available", "oom.kills", "unit.failed" }) await monitor.WellAsync("small1", rule);

            // tail keeps what may be its last line.
            await host.RunAsync("systemd-run -q --unit=lab-eater sh -c '(head -c 365000000 /dev/zero; sleep 600) | tail'");
            var eaten = await monitor.MessageAsync("Problem", "memory.available");
            Assert.Contains(eaten.Incidents[0].Diagnosis!.Split('\n'), line => line.EndsWith(" tail", StringComparison.Ordinal));
            Assert.Contains(eaten.Incidents[0].Diagnosis!, eaten.Text.Replace("\n  ", "\n", StringComparison.Ordinal), StringComparison.Ordinal);
            var seen = await monitor.EventAsync("it was looked there", happened => happened is { Kind: "Diagnosis", By: "look at memory", Server: "small1" });
            Assert.Equal(eaten.Incidents[0].Incident, seen.Incident);
            await host.RunAsync("systemctl stop lab-eater");
            await monitor.MessageAsync("Recovery", "memory.available");

            await host.RunAsync("systemd-run -q --unit=lab-hog tail /dev/zero");
            var killed = await monitor.MessageAsync("Problem", "oom.kills");
            var failed = await monitor.EventAsync("the unit has failed", happened => happened is { Kind: "Check", Check: "unit.failed", State: "Warning" });
            Assert.Equal(killed.Incidents[0].Incident, failed.Incident);
            var look = await monitor.EventAsync("units were looked at", happened => happened is { Kind: "Diagnosis", By: "look at service" });
            Assert.Contains("lab-hog.service", look.Output, StringComparison.Ordinal);
        }
        finally
        {
            await host.SetMemoryAsync("0");
            await host.RunAsync("systemctl stop lab-eater lab-hog || true; systemctl reset-failed || true");
        }
    }

    [LabFact]
    public async Task A_file_system_that_cannot_be_written_to_any_more_is_critical_until_it_can()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        await host.RunAsync("cp /etc/fstab /root/lab-fstab; mkdir -p /srv/lab-ro; mount -t tmpfs -o size=4m lab /srv/lab-ro; echo 'lab /srv/lab-ro tmpfs size=4m 0 0' >>/etc/fstab");
        try
        {
            await using var monitor = await LabMonitor.StartAsync(admin, [$"@{{ Name = 'disk.readonly'; {LabMonitor.AtOnce} }}"]);
            await monitor.WellAsync("web1", "disk.readonly", "/srv/lab-ro");
            await host.RunAsync("mount -o remount,ro /srv/lab-ro");
            var told = await monitor.MessageAsync("Problem", "/srv/lab-ro");
            Assert.Equal(("Critical", "disk.readonly /srv/lab-ro"), (told.Severity, told.Incidents[0].Check));
            Assert.Contains("lab /srv/lab-ro tmpfs ro", told.Incidents[0].Diagnosis, StringComparison.Ordinal);
            await host.RunAsync("mount -o remount,rw /srv/lab-ro");
            await monitor.MessageAsync("Recovery", "/srv/lab-ro");
        }
        finally
        {
            await host.RunAsync("umount /srv/lab-ro; mv /root/lab-fstab /etc/fstab");
        }
    }

    [LabFact]
    public async Task A_clock_that_is_off_is_told_and_so_is_that_it_is_right_again()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        try
        {
            await using var monitor = await LabMonitor.StartAsync(admin, [$"@{{ Name = 'clock.offset'; {LabMonitor.AtOnce} }}"]);
            await monitor.WellAsync("web1", "clock.offset");
            await SetAsync("+90s");
            var off = await monitor.MessageAsync("Problem", "clock.offset");
            Assert.Equal("Critical", off.Severity);
            // At the least: what the answer took is not counted.
            Assert.Matches("^1[.](4[5-9]|5) min", off.Incidents[0].Checks[0].Message);
            await SetAsync("0");
            await monitor.MessageAsync("Recovery", "clock.offset");
        }
        finally
        {
            await host.SetClockAsync("0");
        }

        // A session keeps the clock that it began with.
        async Task SetAsync(string offset)
        {
            await host.SetClockAsync(offset);
            await host.RunAsync("pkill -f '^sshd: root' || true");
        }
    }

    [LabFact]
    public async Task A_plugin_that_hangs_is_ended_with_its_children_and_is_unknown()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        await host.RunAsync("cat >/usr/local/bin/lab-hang; chmod 755 /usr/local/bin/lab-hang", Hang);
        try
        {
            await using var monitor = await LabMonitor.StartAsync(
                admin, [$"@{{ Name = 'check'; {LabMonitor.AtOnce} }}"], "Checks = @(@{ Name = 'hang'; Server = 'web1'; Plugin = '/usr/local/bin/lab-hang'; Interval = '10m'; Timeout = '3s' })");
            await host.WaitAsync("pgrep -f \"[l]ocal/bin/lab-hang\" >/dev/null && pgrep -fx \"sleep 601\" >/dev/null");
            var told = await monitor.EventAsync("it hangs", happened => happened is { Check: "hang", State: "Unknown" });
            Assert.NotEmpty(told.Message);
            await host.WaitAsync("! pgrep -fx \"sleep 60[01]\" >/dev/null && ! pgrep -f \"[l]ocal/bin/lab-hang\" >/dev/null");
        }
        finally
        {
            await host.RunAsync("rm -f /usr/local/bin/lab-hang");
        }
    }
}
