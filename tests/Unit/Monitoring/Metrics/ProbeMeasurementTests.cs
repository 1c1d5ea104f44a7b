using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Monitoring.Tests.Probing;

namespace ProdOps.Monitoring.Tests.Metrics;

public sealed class ProbeMeasurementTests
{
    private static readonly ProbeReport Before = new() { BootId = "a", Uptime = 100 };
    private static readonly ProbeReport After = new() { BootId = "a", Uptime = 110 };

    [Fact]
    public void Everything_that_is_measured_is_in_the_catalogue_and_nothing_twice()
    {
        foreach (string name in (string[])["debian12", "busybox", "bullseye", "trixie", "noble"])
        {
            var report = ProbeFixture.Read(name);
            var values = ProbeMeasurements.Of(report with { Uptime = report.Uptime + 30 }, report, new ProbeTiming(DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(1)));
            Assert.All(values, value => Assert.Equal(MetricCatalog.Find(value.Metric)!.InstanceOf is null, value.Instance is null));
            Assert.Equal(values.Count, values.DistinctBy(value => (value.Metric, value.Instance)).Count());
            Assert.Contains(values, value => value.Metric == "disk.used" && value.Instance == "/");
        }
    }

    [Fact]
    public void What_is_kept_of_an_answer_is_all_that_the_next_ones_rates_are_made_from()
    {
        foreach (string name in (string[])["debian12", "busybox", "bullseye", "trixie", "noble"])
        {
            var (earlier, later) = (ProbeFixture.Read(name, "ssh", "cron"), ProbeFixture.Read(name, "ssh", "cron"));
            later = later with { Uptime = later.Uptime + 30 };
            Assert.Equal(ProbeMeasurements.Of(later, earlier), ProbeMeasurements.Of(later, earlier.Counters));
            Assert.NotEqual(ProbeMeasurements.Of(later), ProbeMeasurements.Of(later, earlier.Counters));
        }
    }

    [Fact]
    public void The_first_answer_has_no_rates_and_two_too_close_or_of_two_starts_neither()
    {
        var cpu = new CpuReport { Total = new CpuTimes(1, 1, 1, 1, 1, 1, 1, 1) };
        var later = After with { Cpu = new CpuReport { Total = new CpuTimes(9, 9, 9, 9, 9, 9, 9, 9) } };
        var earlier = Before with { Cpu = cpu };
        Assert.Contains(ProbeMeasurements.Of(later, earlier), value => value.Metric == "cpu.busy");
        Assert.DoesNotContain(ProbeMeasurements.Of(later), value => value.Metric == "cpu.busy");
        Assert.DoesNotContain(ProbeMeasurements.Of(later, earlier with { BootId = "b" }), value => value.Metric == "cpu.busy");
        Assert.DoesNotContain(ProbeMeasurements.Of(later, earlier with { Uptime = 109.8 }), value => value.Metric == "cpu.busy");
        Assert.DoesNotContain(ProbeMeasurements.Of(later, earlier with { Uptime = 111 }), value => value.Metric == "cpu.busy");
        Assert.DoesNotContain(ProbeMeasurements.Of(later, earlier with { BootId = null, Uptime = null }), value => value.Metric == "cpu.busy");
        Assert.Contains(ProbeMeasurements.Of(later, earlier with { BootId = null }), value => value.Metric == "cpu.busy");
    }

    [Fact]
    public void Cpu_time_is_shared_out_and_idle_time_that_the_kernel_takes_back_is_none()
    {
        var now = After with { Cpu = new CpuReport { Total = new CpuTimes(120, 10, 30, 1030, 15, 2, 3, 110), Cores = [new(0, new CpuTimes(60, 0, 0, 40, 0, 0, 0, 0)), new(3, new CpuTimes(10, 0, 0, 90, 0, 0, 0, 0)), new(4, new CpuTimes(1, 0, 0, 0, 0, 0, 0, 0))] } };
        var before = Before with { Cpu = new CpuReport { Total = new CpuTimes(100, 0, 20, 1000, 10, 0, 0, 90), Cores = [new(0, default), new(3, default)] } };
        Assert.Equal(65, Value(now, before, "cpu.busy"), 9);
        Assert.Equal((30.0, 10.0, 5.0, 5.0, 20.0, 60.0), (Value(now, before, "cpu.user"), Value(now, before, "cpu.system"), Value(now, before, "cpu.interrupts"), Value(now, before, "cpu.iowait"), Value(now, before, "cpu.steal"), Value(now, before, "cpu.busiest")));
        var back = before with { Cpu = new CpuReport { Total = new CpuTimes(100, 0, 20, 1000, 16, 0, 0, 90) } };
        Assert.Equal(0, Value(now, back, "cpu.iowait"));
        Assert.Null(Find(now, before with { Cpu = new CpuReport { Total = new CpuTimes(200, 0, 20, 1000, 10, 0, 0, 90) } }, "cpu.busy"));
        Assert.Null(Find(now, now with { Uptime = 100 }, "cpu.busy"));
    }

    [Fact]
    public void Disks_give_rates_waits_and_busy_time()
    {
        var before = Before with { Disks = [new DiskReport { Name = "sda", Reads = 10, ReadBytes = 1000, ReadTime = 5, Writes = 20, WrittenBytes = 2000, WriteTime = 50, BusyTime = 30 }, new DiskReport { Name = "sdb", Reads = 5 }, new DiskReport { Name = "sdc", Reads = 500, ReadBytes = 5 }] };
        var now = After with { Disks = [new DiskReport { Name = "sda", Reads = 15, ReadBytes = 11000, ReadTime = 15, Writes = 35, WrittenBytes = 42000, WriteTime = 240, BusyTime = 2530, InFlight = 3 }, new DiskReport { Name = "sda1", Reads = 1 }, new DiskReport { Name = "sdb", Reads = 5 }, new DiskReport { Name = "sdc", Reads = 1, ReadBytes = 1 }, new DiskReport { Name = "sdd", Reads = 1000 }] };
        Assert.Equal((1000.0, 4000.0, 2.0, 0.01, 25.0, 3.0), (Value(now, before, "disk.read", "sda"), Value(now, before, "disk.write", "sda"), Value(now, before, "disk.io.operations", "sda"), Value(now, before, "disk.await", "sda"), Value(now, before, "disk.io.busy", "sda"), Value(now, before, "disk.io.queue", "sda")));
        Assert.Equal((0.0, 0.0), (Value(now, before, "disk.await", "sdb"), Value(now, before, "disk.io.busy", "sdb")));
        // One that was changed for another counts from the start again, and a new one from nothing known.
        Assert.Null(Find(now, before, "disk.read", "sdc"));
        Assert.Null(Find(now, before, "disk.await", "sdc"));
        Assert.Null(Find(now, before, "disk.read", "sdd"));
        Assert.Null(Find(now, before, "disk.io.queue", "sda1"));
        Assert.Equal(100, Value(now with { Uptime = 102 }, before, "disk.io.busy", "sda"));
    }

    [Fact]
    public void Networks_give_rates_and_the_share_of_what_went_wrong()
    {
        var before = Before with { Interfaces = [new InterfaceReport { Name = "eth0", Received = new Traffic(100, 10, 0, 0), Sent = new Traffic(100, 10, 0, 5) }, new InterfaceReport { Name = "lo" }, new InterfaceReport { Name = "veth1" }] };
        var now = After with { Interfaces = [new InterfaceReport { Name = "eth0", Received = new Traffic(1100, 100, 8, 0), Sent = new Traffic(5100, 110, 2, 5), State = "down" }, new InterfaceReport { Name = "lo", State = "unknown" }, new InterfaceReport { Name = "veth1" }] };
        Assert.Equal((100.0, 500.0, 5.0, 0.0, 0.0), (Value(now, before, "network.receive", "eth0"), Value(now, before, "network.transmit", "eth0"), Value(now, before, "network.errors", "eth0"), Value(now, before, "network.drops", "eth0"), Value(now, before, "network.up", "eth0")));
        Assert.All(ProbeMeasurements.Of(now, before).Where(value => value.Metric.StartsWith("network", StringComparison.Ordinal)), value => Assert.Equal("eth0", value.Instance));
        Assert.Equal(0, Value(now, now with { Uptime = 100 }, "network.errors", "eth0"));
    }

    [Fact]
    public void Events_are_counted_as_the_server_counts_them_and_rates_made_where_a_rate_is_asked_for()
    {
        var unit = new UnitReport { Name = "shop.service", ActiveState = "active", Restarts = 4, CpuTime = 5_000_000_000, ActiveSince = 50, Memory = 7 };
        var before = Before with { Memory = new MemoryReport { OomKills = 1, SwappedIn = 5 }, Units = [unit], Sockets = new SocketReport { SegmentsSent = 100, SegmentsRetransmitted = 1 } };
        var now = After with { Memory = new MemoryReport { OomKills = 3, SwappedIn = 505 }, Units = [unit with { Restarts = 6, CpuTime = 10_000_000_000 }, unit], Sockets = new SocketReport { SegmentsSent = 190, SegmentsRetransmitted = 11 } };
        Assert.Equal((3.0, 50.0, 6.0, 50.0, 7.0, 10.0), (Value(now, before, "oom.kills"), Value(now, before, "swap.in"), Value(now, before, "unit.restarts", "shop.service"), Value(now, before, "unit.cpu", "shop.service"), Value(now, before, "unit.memory", "shop.service"), Value(now, before, "tcp.retransmit")));
        var restarted = now with { Units = [unit with { Restarts = 0, CpuTime = 1, ActiveSince = 105 }] };
        Assert.Equal(0, Value(restarted, before, "unit.restarts", "shop.service"));
        Assert.Null(Find(restarted, before, "unit.cpu", "shop.service"));
        Assert.Equal(0, Value(now, now with { Uptime = 100 }, "tcp.retransmit"));
    }

    [Fact]
    public void A_disk_is_as_full_as_df_says_and_only_what_an_admin_thinks_of_is_a_disk()
    {
        static MountReport Mount(string target, string type, string source = "none", ulong size = 100) => new() { Target = target, Type = type, Source = source, Size = size, Used = size / 2, Available = size / 4, Inodes = 10, InodesUsed = 1 };
        var report = new ProbeReport
        {
            Mounts =
            [
                Mount("/var/lib/shop", "xfs", "/dev/sda1"), Mount("/", "ext4", "/dev/sda1"), Mount("/srv", "btrfs", "/dev/sdb"), Mount("/tmp", "tmpfs"), Mount("/run", "tmpfs"), Mount("/dev/shm", "tmpfs"), Mount("/boot/efi", "vfat", "/dev/sda2"),
                Mount("/data", "zfs", "pool/data"), Mount("/running", "ext4", "/dev/sdc"),
                Mount("/snap/core/1", "squashfs", "/dev/loop1"), Mount("/run/user/1000", "tmpfs"), Mount("/dev", "devtmpfs"), Mount("/run/lock", "tmpfs"), Mount("/var/lib/docker/overlay2/x/merged", "overlay", "overlay"),
                Mount("/var/lib/kubelet/pods/x/volumes/y", "ext4", "/dev/sdd"), Mount("/merged", "overlay", "overlay"), Mount("/etc/hosts", "ext4", "/dev/sde"), Mount("/sys/fs/cgroup", "tmpfs"), Mount("/media/cd", "iso9660", "/dev/sr0"), Mount("/empty", "ext4", "/dev/sdf", 0), Mount("/unknown", null!),
            ],
        };
        var used = ProbeMeasurements.Of(report).Where(value => value.Metric == "disk.used").ToList();
        Assert.Equal(["/", "/srv", "/tmp", "/run", "/dev/shm", "/boot/efi", "/data", "/running"], used.Select(value => value.Instance));
        Assert.All(used, value => Assert.Equal(100 * 50 / 75.0, value.Value, 9));
        Assert.Equal(10, Value(report, null, "inode.used", "/"));
        Assert.Equal(["/"], ProbeMeasurements.Of(new ProbeReport { Mounts = [Mount("/", "overlay", "overlay")] }).Where(value => value.Metric == "disk.free").Select(value => value.Instance));
    }

    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(0.9, 0)]
    [InlineData(1.7, 0)]
    [InlineData(6.0, 4.0)]
    [InlineData(-5.0, 5.0)]
    [InlineData(5.0 * 365 * 86400, 157679998.0)]
    [InlineData(-5.0 * 365 * 86400, 157680000.0)]
    public void A_clock_is_off_only_by_what_a_slow_answer_cannot_explain(double seconds, double off)
    {
        var sent = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        var report = new ProbeReport { Time = new HostTime(sent.AddSeconds(seconds), TimeSpan.FromTicks(1)) };
        var values = ProbeMeasurements.Of(report, null, new ProbeTiming(sent, TimeSpan.FromSeconds(2)));
        Assert.Equal(off, values.Single(value => value.Metric == "clock.offset").Value, 4);
        Assert.DoesNotContain(ProbeMeasurements.Of(report), value => value.Metric == "clock.offset");
    }

    private static double Value(ProbeReport now, ProbeReport? before, string metric, string? instance = null) =>
        Find(now, before, metric, instance) ?? throw new Xunit.Sdk.XunitException($"No {metric} {instance}.");

    private static double? Find(ProbeReport now, ProbeReport? before, string metric, string? instance = null) =>
        ProbeMeasurements.Of(now, before).Where(value => value.Metric == metric && value.Instance == instance).Select(value => (double?)value.Value).SingleOrDefault();
}
