using System.Diagnostics;

namespace ProdOps.Lab.Tests;

/// <summary>The fleet does what the other tests take for granted.</summary>
[Collection(LabCollection.Name)]
public sealed class FleetTests(Fleet fleet)
{
    [LabFact]
    public async Task Hosts_are_whole_systems_of_their_own()
    {
        var hosts = await fleet.UpAsync("web1", "web2");
        foreach (var host in hosts)
        {
            Assert.Equal(host.Name, await host.RunAsync("hostname"));
            Assert.Equal("running", await host.RunAsync("systemctl is-system-running --wait"));
            Assert.Equal("0", await host.RunAsync("systemctl show ssh -P NRestarts"));
        }

        Assert.NotEqual(await hosts[0].RunAsync("cat /etc/machine-id"), await hosts[1].RunAsync("cat /etc/machine-id"));
        Assert.NotEqual(hosts[0].HostKey("ssh-ed25519").Split(' ')[2], hosts[1].HostKey("ssh-ed25519").Split(' ')[2]);
    }

    [LabFact]
    public async Task What_a_service_leaves_running_on_one_host_is_no_concern_of_another()
    {
        var hosts = await fleet.UpAsync("web1", "web2");
        await hosts[0].RunAsync("systemd-run --quiet --unit=shared sleep 1000");
        await hosts[1].RunAsync("systemd-run --quiet --unit=shared sleep 1000 && systemctl stop shared");
        Assert.Equal("active", await hosts[0].RunAsync("systemctl is-active shared"));
        await hosts[0].RunAsync("systemctl stop shared");
        Assert.Equal(0, await hosts[0].CountProcessesAsync("^/?.*sleep 1000$"));
    }

    [LabFact]
    public async Task A_cut_cable_is_silence_and_a_blank_host_has_other_keys()
    {
        var host = await fleet.UpAsync("victim1");
        Assert.Equal(0, await SshAsync(host));
        await host.CutAsync();
        Assert.NotEqual(0, await SshAsync(host));
        await host.PlugAsync();
        Assert.Equal(0, await SshAsync(host));

        await host.RunAsync("echo kept > /etc/kept && sync");
        await host.KillAsync();
        Assert.NotEqual(0, await SshAsync(host));
        await host.BootAsync();
        Assert.Equal("kept", await host.RunAsync("cat /etc/kept"));

        var before = host.HostKey("ssh-ed25519");
        await host.BlankAsync();
        Assert.NotEqual(before, host.HostKey("ssh-ed25519"));
        Assert.Equal("", await host.RunAsync("cat /etc/kept 2> /dev/null || true"));
    }

    [LabFact]
    public async Task A_fleet_whose_run_is_killed_goes_with_it()
    {
        await fleet.UpAsync("web1");     // the base image is there: what follows takes seconds
        using var owner = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        using var guard = Killable("orphan", owner.Id, "hold");
        using (var up = Killable("orphan", owner.Id, "up", "lost1"))
        {
            up.StandardInput.Close();
            await up.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120));
            Assert.Equal(0, up.ExitCode);
        }

        var folder = Path.Combine(Path.GetDirectoryName(Fleet.Folder)!, Orphan("orphan"));
        Assert.Contains(folder, await File.ReadAllTextAsync("/proc/mounts"));
        guard.StandardInput.Close();     // what the kernel does to the pipe of a killed process
        await guard.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(Directory.Exists(folder));
        Assert.DoesNotContain(folder, await File.ReadAllTextAsync("/proc/mounts"));
        owner.Kill();
    }

    [LabFact]
    public async Task A_fleet_that_lost_owner_and_guard_is_taken_away_by_the_next_run()
    {
        await fleet.UpAsync("web1");
        using var owner = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        using (var up = Killable("stray", owner.Id, "up", "lost1"))
        {
            up.StandardInput.Close();
            await up.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120));
            Assert.Equal(0, up.ExitCode);
        }

        var folder = Path.Combine(Path.GetDirectoryName(Fleet.Folder)!, Orphan("stray"));
        Assert.True(Directory.Exists(folder));
        owner.Kill();
        await owner.WaitForExitAsync();
        await fleet.BootAsync("up", "web1");
        Assert.False(Directory.Exists(folder));
        Assert.DoesNotContain(folder, await File.ReadAllTextAsync("/proc/mounts"));
    }

    private static string Orphan(string name) => $"{FleetScript.Name}-{name}";

    private static Process Killable(string name, int owner, params string[] arguments) => FleetScript.Start(Orphan(name), owner, arguments);

    private static async Task<int> SshAsync(LabHost host) =>
        (await FleetScript.RunAsync(TimeSpan.FromSeconds(30), null, "ssh", host.Name, "true")).ExitCode;
}
