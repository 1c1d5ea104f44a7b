using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;

namespace ProdOps.Monitoring.Tests.Probing;

/// <summary>
/// Answers of real systems: Debian 11, 12 and 13, Ubuntu 24.04, BusyBox, with and without systemd, root and pressure; systems that have BusyBox or Toybox and nothing else, a container whose /proc is
/// masked, one with a limit on its memory.
/// </summary>
public sealed class ProbeFixtureTests
{
    [Theory]
    [InlineData("debian12")]
    [InlineData("debian12-user")]
    [InlineData("bullseye")]
    [InlineData("trixie")]
    [InlineData("noble")]
    [InlineData("busybox")]
    [InlineData("no-systemd")]
    [InlineData("busybox-only")]
    [InlineData("toybox-only")]
    [InlineData("masked-proc")]
    public void Every_system_tells_of_the_kernel_and_its_disks(string name)
    {
        var report = ProbeFixture.Read(name);
        Assert.InRange(report.Uptime!.Value, 1, 1e9);
        Assert.Equal(36, report.BootId!.Length);
        Assert.NotNull(report.Load);
        Assert.Equal(2, report.Cpu.Cores.Count);
        Assert.Equal(report.Cpu.Total!.Value.User, report.Cpu.Cores.Aggregate(0ul, (sum, core) => sum + core.Times.User), 2.0);
        Assert.All([report.Cpu.ContextSwitches, report.Cpu.Forks, report.Cpu.RunningTasks, report.Cpu.BlockedTasks], value => Assert.NotNull(value));
        Assert.Equal(24684092ul * 1024, report.Memory.Total);
        Assert.All([report.Memory.Available, report.Memory.SwapTotal, report.Memory.SwapFree, report.Memory.OomKills, report.Memory.MajorFaults, report.Memory.SwappedIn], value => Assert.NotNull(value));
        Assert.Contains(report.Disks!, disk => disk.Name == "vda" && disk.Reads > 1000 && disk.WrittenBytes > 1 << 20 && disk.BusyTime > 0);
        Assert.Contains(report.Interfaces!, device => device.Name == "lo");
        Assert.All([report.Sockets.Used, report.Sockets.Established, report.Sockets.SegmentsSent, report.Sockets.ListenDrops, report.Sockets.UdpReceiveBufferErrors], value => Assert.NotNull(value));
        Assert.InRange(report.Tables.OpenFiles!.Value, 1ul, report.Tables.MaximumFiles!.Value);
        var root = report.Mounts!.Single(mount => mount.Target == "/");
        Assert.Equal((264212084ul * 1024, false), (root.Size, root.ReadOnly));
        Assert.InRange(root.Used!.Value + root.Available!.Value, 1ul, root.Size!.Value);
        Assert.Equal(root.Inodes, root.InodesUsed + root.InodesFree);
        Assert.InRange(report.Time!.Value.Moment.Year, 2026, 2026);
        Assert.NotNull(report.Processes.Count);
    }

    [Fact]
    public void Debian_with_systemd_tells_everything()
    {
        var report = ProbeFixture.Read("debian12", "ssh", "cron.service", "systemd-journald.service", "none");
        Assert.Equal([("ssh.service", "active", "loaded"), ("cron.service", "active", "loaded"), ("systemd-journald.service", "active", "loaded"), ("none.service", "inactive", "not-found")],
            report.Units!.Select(unit => (unit.Name, unit.ActiveState!, unit.LoadState!)));
        Assert.All(report.Units!.Take(3), unit => Assert.InRange(unit.ActiveSince!.Value, 1, report.Uptime!.Value));
        Assert.Equal(["shop-import.service"], report.FailedUnits!);
        Assert.Equal([(true, 22), (true, 22)], report.Ports!.Select(port => (port.IsTcp, port.Port)));
        Assert.Equal(("systemd", 2853ul * 4096 / 1000 / 1000), (report.Processes.Largest![0].Name, report.Processes.Largest[0].Memory / 1000 / 1000));
        Assert.Empty(report.Processes.Outdated!);
        Assert.Empty(report.Processes.Zombies!);
        Assert.Empty(report.Sensors!);
        Assert.Equal(("debian", "12", "Debian GNU/Linux 12 (bookworm)", "systemd-nspawn", "systemd-nspawn", null), (report.System.Id, report.System.Version, report.System.Name, report.System.Virtualization, report.System.Container, report.System.RebootRequired));
        Assert.Equal((0, 0), (report.Updates!.Pending, report.Updates.Security));
        Assert.Equal(("Etc/UTC", false), (report.Clock!.TimeZone, report.Clock.IsSynchronized));
        Assert.NotNull(report.Pressure.CpuSome);
        Assert.Equal("up", report.Interfaces!.Single(device => device.Name == "host0").State);
        Assert.Equal(["/", "/tmp", "/dev/shm", "/run"], MountChoice.Of(report.Mounts!).Select(mount => mount.Target));
    }

    [Fact]
    public void Another_user_is_told_all_but_which_libraries_others_run()
    {
        var report = ProbeFixture.Read("debian12-user", "ssh", "cron.service", "systemd-journald.service", "none");
        Assert.Equal(4, report.Units!.Count);
        Assert.Equal(["shop-import.service"], report.FailedUnits!);
        Assert.Equal(2, report.Ports!.Count);
        Assert.True(report.Processes.Count > 5 && report.Processes.Largest!.Any(process => process.Name == "sshd"));
        Assert.Null(report.Processes.Outdated);
        Assert.Equal(0, report.Updates!.Security);
    }

    [Fact]
    public void BusyBox_without_systemd_and_pressure_tells_what_it_has_and_nothing_wrong()
    {
        var report = ProbeFixture.Read("busybox", "nginx", "crond", "none");
        Assert.Equal(["active", "inactive", null], report.Units!.Select(unit => unit.ActiveState));
        Assert.Null(report.FailedUnits);
        Assert.Empty(report.Ports!);
        Assert.Equal((null, null, null), (report.Pressure.CpuSome, report.Pressure.MemoryFull, report.Pressure.IoSome));
        Assert.Null(report.Updates);
        Assert.Equal("BusyBox 1.35.0", report.System.Name);
        Assert.Equal(["/", "/tmp", "/dev/shm", "/run"], MountChoice.Of(report.Mounts!).Select(mount => mount.Target));
        Assert.DoesNotContain(ProbeMeasurements.Of(report), value => value.Metric.StartsWith("pressure", StringComparison.Ordinal) || value.Metric is "unit.failed" or "updates.security");
        Assert.Equal(TimeSpan.FromSeconds(0.000001), report.Time!.Value.Resolution);
    }

    /// <summary>BusyBox with its own sh, Toybox with mksh: no GNU tool, no bash, no awk of another maker, no systemd, no ss.</summary>
    [Theory]
    [InlineData("busybox-only", "BusyBox 1.35.0", "/ /tmp", true)]
    // Its timeout says 127 of a program that went well: what that printed may not be all, and is not taken for it.
    [InlineData("toybox-only", "Toybox 0.8.9", "/ /tmp", false)]
    public void Systems_of_one_program_tell_what_they_have_and_nothing_wrong(string name, string system, string mounts, bool isWhole)
    {
        var report = ProbeFixture.Read(name, "nginx", "crond", "none");
        Assert.Equal(system, report.System.Name);
        Assert.Equal([null, null, null], report.Units!.Select(unit => unit.ActiveState));
        Assert.Null(report.FailedUnits);
        Assert.Empty(report.Ports!);
        Assert.Null(report.Updates);
        Assert.Equal(mounts.Split(' '), MountChoice.Of(report.Mounts!).Select(mount => mount.Target));
        Assert.Equal(["ext4", "tmpfs"], MountChoice.Of(report.Mounts!).Select(mount => mount.Type));
        Assert.Equal(isWhole, report.Processes.Largest is [{ Memory: > 100_000 }, ..]);
        Assert.NotNull(report.Processes.Count);
        Assert.NotNull(report.Pressure.CpuSome);
        Assert.Equal(isWhole, report.Clock!.IsSynchronized is not null);
        Assert.DoesNotContain(ProbeMeasurements.Of(report), value => value.Metric is "unit.failed" or "updates.security" || value.Instance?.StartsWith("/proc", StringComparison.Ordinal) == true);
    }

    /// <summary>No pressure, no sensors and links in /sys, and no process of anybody else.</summary>
    [Fact]
    public void A_container_with_a_masked_proc_tells_what_is_left_of_it()
    {
        var report = ProbeFixture.Read("masked-proc", "nginx");
        Assert.Equal((null, null, null), (report.Pressure.CpuSome, report.Pressure.MemoryFull, report.Pressure.IoSome));
        Assert.Empty(report.Sensors!);
        Assert.Null(report.Processes.Outdated);
        Assert.All(report.Interfaces!, device => Assert.Null(device.State));
        Assert.Equal(("debian", "inactive"), (report.System.Id, report.Units!.Single().ActiveState));
        var measured = ProbeMeasurements.Of(report);
        Assert.Equal(["/", "/tmp"], measured.Where(value => value.Metric == "disk.readonly").Select(value => value.Instance));
        Assert.DoesNotContain(measured, value => value.Metric.StartsWith("pressure", StringComparison.Ordinal) || value.Metric is "temperature" or "network.up");
    }

    [Fact]
    public void A_container_with_a_limit_has_that_much_memory_and_its_own_count_of_kills()
    {
        var memory = ProbeFixture.Read("container-memory", "nginx").Memory;
        Assert.Equal(400ul << 20, memory.Total);
        // The limit less what is used, and what files can be read from again.
        Assert.Equal(419430400ul - 30060544 + 11681792 + 1732608, memory.Available);
        Assert.Equal((0ul, null), (memory.OomKills, memory.Cached));
    }

    [Theory]
    [InlineData("bullseye", "debian", "11", 0)]
    [InlineData("trixie", "debian", "13", 0)]
    [InlineData("noble", "ubuntu", "24.04", null)]
    public void Other_systems_tell_what_they_are(string name, string id, string version, int? pending)
    {
        var report = ProbeFixture.Read(name);
        Assert.Equal((id, version, pending), (report.System.Id, report.System.Version, report.Updates?.Pending));
        Assert.Empty(report.Ports!);
        Assert.Null(report.FailedUnits);
    }
}
