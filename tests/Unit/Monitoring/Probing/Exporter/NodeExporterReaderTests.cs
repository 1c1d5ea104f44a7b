using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing.Exporter;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Monitoring.Status;

namespace ProdOps.Monitoring.Tests.Probing.Exporter;

/// <summary>What node_exporter tells as the report that the probe makes.</summary>
public sealed class NodeExporterReaderTests
{
    [Fact]
    public void Everything_that_it_tells_is_in_the_units_of_the_probe()
    {
        var report = ExporterText.Read(ExporterText.Debian, "nginx", "shop.service", "sshd");
        Assert.Equal(("1795733776", 38382.43), (report.BootId, Math.Round(report.Uptime!.Value, 2)));
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 9, 35, 58, 430, TimeSpan.Zero), report.Time!.Value.Moment, TimeSpan.FromMicroseconds(10));
        Assert.Equal(new LoadAverage(6.38, 11.16, 15.21), report.Load);
        // Nothing is made of the CPU of which modes are missing.
        Assert.Equal([new CoreTimes(0, new CpuTimes(1686330, 577459, 480375, 1040634, 3715, 0, 12991, 6600)), new CoreTimes(10, new CpuTimes(58, 0, 57, 129, 1, 0, 0, 0))], report.Cpu.Cores);
        Assert.Null(report.Cpu.Total);
        Assert.Equal((123456789ul, 2686389ul, 7ul, 0ul), (report.Cpu.ContextSwitches, report.Cpu.Forks, report.Cpu.RunningTasks, report.Cpu.BlockedTasks));
        Assert.Equal(new MemoryReport
        {
            Total = 16_000_000_000, Free = 10_000_000_000, Available = 14_000_000_000, Buffers = 1_048_576, Cached = 2_097_152, Shared = 8192, Dirty = 4096, SwapTotal = 0, SwapFree = 0, Corrupted = 0,
            OomKills = 1, MajorFaults = 400, SwappedIn = 10, SwappedOut = 20,
        }, report.Memory);
        Assert.Equal(new PressureReport { CpuSome = Waited(100_500_000), MemorySome = Waited(1), MemoryFull = Waited(0), IoSome = Waited(5_000_000), IoFull = Waited(4_000_000) }, report.Pressure);
        Assert.Equal([new DiskReport { Name = "vda", Reads = 1565463, ReadBytes = 20650099712, ReadTime = 1590825, Writes = 3007547, WrittenBytes = 148877430784, WriteTime = 2715126, InFlight = 2, BusyTime = 752568 }], report.Disks!);
        Assert.Equal(
            [
                new MountReport
                {
                    Target = "/", Source = "/dev/vda", Type = "ext4", ReadOnly = false, Size = 270553174016, Used = 270553174016 - 246935379968, Available = 75482849280,
                    Inodes = 16777216, InodesUsed = 16777216 - 16237748, InodesFree = 16237748,
                },
                new MountReport { Target = "/mnt/my\\ \"disk\"", Source = "/dev/sdb1", Type = "vfat", ReadOnly = true, Size = 4096, Available = 1024 },
            ], report.Mounts!);
        Assert.Equal([new InterfaceReport { Name = "eth0", Received = new Traffic(1962457248, 50734, 3, 4), Sent = new Traffic(180000000, 60000, 1, 2), State = "up" }], report.Interfaces!);
        Assert.Equal(new SocketReport { Used = 67, Established = 2, TimeWait = 11, Orphans = 0, SegmentsSent = 1_000_000, SegmentsRetransmitted = 1234, ListenDrops = 3, UdpReceiveBufferErrors = 5 }, report.Sockets);
        Assert.Equal(new TableReport { OpenFiles = 1192, MaximumFiles = 2466177, Connections = 225, MaximumConnections = 262144 }, report.Tables);
        Assert.Equal((321ul, 300, 1), (report.Processes.Count, report.Processes.ByState!['S'], report.Processes.ByState['Z']));
        Assert.Equal([new SensorReading("coretemp Package id 0", 45), new SensorReading("coretemp temp2", 44.5), new SensorReading("x86_pkg_temp", 46)], report.Sensors!);
        Assert.True(report.Clock!.IsSynchronized);
        Assert.Equal(("debian", "12", "Debian GNU/Linux 12 (bookworm)", "6.1.0-18-amd64"), (report.System.Id, report.System.Version, report.System.Name, report.System.Kernel));
    }

    [Fact]
    public void What_it_does_not_tell_is_not_known_and_never_zero()
    {
        var report = ExporterText.Read("node_exporter_build_info{version=\"1.5.0\"} 1\n", "nginx");
        Assert.Equal(new ProbeReport(), report with { Cpu = new CpuReport(), Processes = new ProcessReport() });
        Assert.Empty(ProbeMeasurements.Of(report, report));
        // Nor is what only a login shows ever made up.
        report = ExporterText.Read(ExporterText.Debian);
        Assert.Equal((null, null, null, null, null), (report.Updates, report.Ports, report.System.RebootRequired, report.Processes.Outdated, report.System.Virtualization));
        Assert.DoesNotContain(ProbeMeasurements.Of(report), value => value.Metric.StartsWith("updates.", StringComparison.Ordinal) || value.Metric.StartsWith("reboot.", StringComparison.Ordinal) || value.Metric.StartsWith("pressure.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("-1e3")]
    [InlineData("+Inf")]
    [InlineData("1e300")]
    public void A_value_that_cannot_be_is_not_known(string value)
    {
        var report = ExporterText.Read(string.Concat(ExporterText.Debian.Split('\n').Select(line => line.Length == 0 || line[0] == '#' ? line + "\n" : $"{line[..line.LastIndexOf(' ')]} {value}\n")));
        Assert.Equal((null, null, null, null, null), (report.Uptime, report.Time, report.Load, report.Memory.Total, report.Pressure.CpuSome));
        Assert.Empty(report.Cpu.Cores);
        Assert.Empty(report.Disks!);
        Assert.Empty(report.Interfaces!);
        Assert.Empty(report.Sensors!);
        Assert.All(report.Mounts!, mount => Assert.Equal((null, null, null), (mount.Size, mount.Used, mount.ReadOnly)));
        Assert.Empty(ProbeMeasurements.Of(report, report));
    }

    [Fact]
    public void What_comes_twice_counts_once_and_names_cannot_be_mistaken_for_others()
    {
        var report = ExporterText.Read("""
            node_cpu_seconds_total{cpu="0",mode="user"} 1
            node_cpu_seconds_total{cpu="0",mode="user"} 2
            node_filesystem_size_bytes{device="a",fstype="ext4",mountpoint="/a\nb"} 1
            node_filesystem_size_bytes{device="a",fstype="ext4",mountpoint="/a?b"} 2
            node_network_info{device="eth0",operstate="up"} 1
            node_network_info{operstate="down",device="eth0"} 1

            """ + string.Concat(((string[])["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"]).SelectMany(mode => (string[])[$"node_cpu_seconds_total{{cpu=\"00\",mode=\"{mode}\"}} 9\n", $"node_cpu_seconds_total{{cpu=\"0\",mode=\"{mode}\"}} 5\n"])));
        Assert.Equal(new CpuTimes(100, 500, 500, 500, 500, 500, 500, 500), Assert.Single(report.Cpu.Cores).Times);
        Assert.Equal(("/a?b", 1ul), (Assert.Single(report.Mounts!).Target, report.Mounts![0].Size));
    }

    [Fact]
    public void Units_are_known_as_far_as_systemd_was_asked()
    {
        var server = new Server { Name = "web1", Services = ["nginx", "shop", "sshd"] };
        var report = ExporterText.Read(ExporterText.Debian, [.. server.Services]);
        // sshd is another name of ssh.service, or was left out, or is not there: nobody knows.
        Assert.Equal([("nginx", HealthState.OK), ("shop", HealthState.Critical), ("sshd", HealthState.Unknown)], ServiceChecks.Judge(server, report, default).Select(check => (check.Instance!, check.State)));
        Assert.Equal(4ul, report.Units!.Single(unit => unit.Names.Contains("shop.service")).Restarts);
        Assert.Equal(["shop.service", "one that its collector leaves out"], report.FailedUnits!);
        report = ExporterText.Read(string.Concat(ExporterText.Debian.Split('\n').Where(line => !line.Contains("systemd", StringComparison.Ordinal)).Select(line => line + "\n")), [.. server.Services]);
        Assert.Null(report.FailedUnits);
        Assert.All(ServiceChecks.Judge(server, report, default), check => Assert.Equal(HealthState.Unknown, check.State));
    }

    [Fact]
    public void Rates_are_those_of_the_probe_and_two_starts_have_none_together()
    {
        var before = ExporterText.Read(ExporterText.Debian);
        var now = ExporterText.Read(ExporterText.Debian
            .Replace("node_time_seconds 1.7957721584300067e+09", "node_time_seconds 1.7957721684300067e+09", StringComparison.Ordinal)
            .Replace("{cpu=\"0\",mode=\"idle\"} 10406.34", "{cpu=\"0\",mode=\"idle\"} 10413.84", StringComparison.Ordinal)
            .Replace("{cpu=\"0\",mode=\"user\"} 16863.3", "{cpu=\"0\",mode=\"user\"} 16865.8", StringComparison.Ordinal)
            .Replace("receive_bytes_total{device=\"eth0\"} 1.962457248e+09", "receive_bytes_total{device=\"eth0\"} 1.962467248e+09", StringComparison.Ordinal)
            .Replace("node_disk_io_time_seconds_total{device=\"vda\"} 752.568", "node_disk_io_time_seconds_total{device=\"vda\"} 757.568", StringComparison.Ordinal));
        Assert.Equal((25, 1000, 50), (Value(now, before, "cpu.busy", null), Value(now, before, "network.receive", "eth0"), Value(now, before, "disk.io.busy", "vda")));
        // It was started again, or its clock was set.
        Assert.Null(Value(now with { BootId = "1795733777" }, before, "cpu.busy", null));
        Assert.Null(Value(before, now, "cpu.busy", null));
        // One that was off brings nothing of what it did before.
        var fewer = before with { Cpu = before.Cpu with { Cores = [before.Cpu.Cores[0]] } };
        Assert.Equal(25, Value(now, fewer, "cpu.busy", null));
        Assert.Equal(25, Value(now with { Cpu = now.Cpu with { Cores = [now.Cpu.Cores[0]] } }, before, "cpu.busy", null));
    }

    [Fact]
    public void Pressure_is_the_mean_of_the_last_minute_once_there_are_answers_of_it()
    {
        var history = new ExporterHistory();
        // A quarter of the time in the first minute, half of it later.
        Assert.Null(Pressure(0, 0));
        Assert.Null(Pressure(5, 1.25));
        Assert.Equal(25, Pressure(10, 2.5));
        Assert.Equal(25, Pressure(60, 15));
        Assert.Equal(50, Pressure(120, 45));
        Assert.Equal(50, Pressure(125, 47.5));
        // It was started again.
        Assert.Null(Pressure(3, 0.5, boot: "2"));
        Assert.Null(Pressure(4, 1, boot: "2"));
        Assert.Equal(50, Pressure(23, 10.5, boot: "2"));
        // Whoever asks many times a second fills no memory, and means go on to be of a minute.
        for (int i = 0; i < 10_000; i++) Assert.InRange(Pressure(23 + (i * 0.01), 10.5 + (i * 0.01), boot: "2")!.Value, 49, 100);
        Assert.Equal(100, Pressure(200, 187.5, boot: "2")!.Value, 0.1);

        double? Pressure(double uptime, double waited, string boot = "1") =>
            history.Complete(new ProbeReport { BootId = boot, Uptime = uptime, Pressure = new PressureReport { CpuSome = Waited((ulong)(waited * 1e6)) } }).Pressure.CpuSome?.Average60;
    }

    [Fact]
    public void A_file_system_that_was_written_to_and_cannot_be_any_more_is_a_problem_and_another_is_not_known()
    {
        var history = new ExporterHistory();
        Assert.Equal([("/", 0), ("/boot", null)], ReadOnly(false, true));
        Assert.Equal([("/", 1), ("/boot", null)], ReadOnly(true, true));
        Assert.Equal([("/", 0), ("/boot", 0)], ReadOnly(false, false));
        Assert.Equal([("/", 0), ("/boot", 1)], ReadOnly(false, true));
        // After a start it may be as it should be.
        Assert.Equal([("/", null), ("/boot", null)], ReadOnly(true, true, boot: "2"));

        (string, int?)[] ReadOnly(bool root, bool boot0, string boot = "1")
        {
            var report = history.Complete(new ProbeReport { BootId = boot, Uptime = 1, Mounts = [Mount("/", root), Mount("/boot", boot0)] });
            var measured = ProbeMeasurements.Of(report).Where(value => value.Metric == "disk.readonly").ToDictionary(value => value.Instance!, value => (int?)value.Value);
            return [("/", measured.GetValueOrDefault("/")), ("/boot", measured.GetValueOrDefault("/boot"))];
        }

        static MountReport Mount(string target, bool readOnly) => new() { Target = target, Source = "/dev" + target, Type = "ext4", Size = 100, Available = 50, ReadOnly = readOnly };
    }

    private static PressureLine Waited(ulong microseconds) => new(null, null, null, microseconds);

    private static double? Value(ProbeReport now, ProbeReport before, string metric, string? instance) =>
        ProbeMeasurements.Of(now, before).Where(value => value.Metric == metric && value.Instance == instance).Select(value => (double?)Math.Round(value.Value, 6)).SingleOrDefault();
}
