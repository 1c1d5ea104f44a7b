using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Exporter;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Tests.Probing;

/// <summary>
/// What the probe reads is what node_exporter reads at the same moment. It is asked before the probe and after it: a counter must lie between
/// both of its values, whatever the machine does meanwhile; what goes up and down is compared in a round in which it did not move.
/// </summary>
public sealed class NodeExporterTests
{
    private const int Rounds = 200;

    [NodeExporterFact]
    public async Task Counters_lie_between_two_readings_of_node_exporter_and_the_rest_is_equal()
    {
        using var exporter = await NodeExporter.StartAsync();
        await CompareAsync(exporter.ReadAsync, new ProbeRequest());
    }

    [NodeExporterFact]
    public async Task What_is_made_of_node_exporter_is_what_is_made_of_the_probe()
    {
        using var exporter = await NodeExporter.StartAsync();
        using var asked = new ExporterProbe(exporter.Server, null, TimeProvider.System);
        var request = new ProbeRequest { Parts = ProbeParts.All };
        await CompareAsync(async () =>
        {
            var (report, _) = await asked.AskAsync(request, CancellationToken.None);
            return States(report).ToDictionary(static state => state.Key, static state => state.Value.Value).Concat(Counters(report)).ToDictionary(StringComparer.Ordinal);
        }, new ProbeRequest());
        var (probe, _) = await ShellProbe.AskAsync(new LocalShell("localhost"), request, TimeProvider.System, CancellationToken.None);
        var (told, timing) = await asked.AskAsync(request, CancellationToken.None);
        // Others may add and remove devices meanwhile; not time after time.
        for (int round = 0; round < Rounds && !(Devices(probe).SetEquals(Devices(told)) && DisksOf(probe).SequenceEqual(DisksOf(told))); round++)
        {
            (probe, _) = await ShellProbe.AskAsync(new LocalShell("localhost"), request, TimeProvider.System, CancellationToken.None);
            (told, timing) = await asked.AskAsync(request, CancellationToken.None);
        }

        // The moment of the start is told in whole seconds.
        Assert.InRange(told.Uptime!.Value - probe.Uptime!.Value, -1, 30);
        Assert.InRange(told.Time!.Value.Moment, timing.Sent.AddMilliseconds(-50), timing.Sent + timing.RoundTrip + TimeSpan.FromMilliseconds(50));
        Assert.Equal((probe.System.Kernel, probe.System.Name, probe.System.Version), (told.System.Kernel, told.System.Name, told.System.Version));
        Assert.Equal(probe.Cpu.Cores.Select(static core => core.Number), told.Cpu.Cores.Select(static core => core.Number));
        Assert.Equal(DisksOf(probe), DisksOf(told));
        Assert.Equal(Devices(probe), Devices(told));
        var (known, of) = (ProbeMeasurements.Of(probe), ProbeMeasurements.Of(told));
        // What the kernel knows of the clock's keeper the probe may have no program to ask for.
        Assert.Subset(known.Select(static value => value.Metric).ToHashSet(), of.Select(static value => value.Metric).Where(static metric => metric != "clock.synchronized").ToHashSet());
    }

    private static HashSet<(string Name, string? State)> Devices(ProbeReport report) => [.. DeviceChoice.Interfaces(report.Interfaces!).Select(static device => (device.Name, device.State))];

    private static IEnumerable<string> DisksOf(ProbeReport report) => DeviceChoice.Disks(report.Disks!).Select(static disk => disk.Name).Order(StringComparer.Ordinal);

    private static async Task CompareAsync(Func<Task<Dictionary<string, double>>> readAsync, ProbeRequest request)
    {
        var shell = new LocalShell("localhost");
        var open = new SortedSet<string>(StringComparer.Ordinal);
        for (int round = 0; round < Rounds; round++)
        {
            var before = await readAsync();
            var (report, _) = await ShellProbe.AskAsync(shell, request, TimeProvider.System, CancellationToken.None);
            var after = await readAsync();
            int compared = 0;
            foreach (var (name, value) in Counters(report))
            {
                // A device may have come or gone meanwhile.
                if (!before.TryGetValue(name, out double least) || !after.TryGetValue(name, out double most)) continue;
                compared++;
                Assert.True(value >= least - 1e-6 * Math.Abs(least) && value <= most + 1e-6 * Math.Abs(most), $"{name}: {value} is not between {least} and {most}.");
            }

            Assert.True(compared > 30, $"{compared} counters were compared.");
            var states = States(report);
            if (round == 0) open.UnionWith(states.Keys.Where(before.ContainsKey));
            // What came and went between the two readings is seen by the one in the middle alone: that does not happen time after time.
            foreach (var (name, (value, slack)) in states)
                if (before.TryGetValue(name, out double first) && after.TryGetValue(name, out double last) && Math.Abs(first - last) <= slack && Math.Abs(value - first) <= slack + 1e-9 * Math.Abs(first)) open.Remove(name);
            if (open.Count == 0) break;
        }

        Assert.True(open.Count == 0, $"Never the same: {string.Join(", ", open)}");
    }

    private static Dictionary<string, double> Counters(ProbeReport report)
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var core in report.Cpu.Cores)
        {
            // Not idle and iowait: the kernel takes some of them back, and node_exporter hides that.
            var times = core.Times;
            foreach (var (mode, jiffies) in ((string, ulong)[])[("user", times.User), ("nice", times.Nice), ("system", times.System), ("irq", times.Irq), ("softirq", times.SoftIrq), ("steal", times.Steal)])
                values[$"node_cpu_seconds_total{{cpu=\"{core.Number}\",mode=\"{mode}\"}}"] = jiffies / 100.0;
        }

        foreach (var disk in DeviceChoice.Disks(report.Disks!))
        {
            string device = $"{{device=\"{disk.Name}\"}}";
            values["node_disk_reads_completed_total" + device] = disk.Reads;
            values["node_disk_writes_completed_total" + device] = disk.Writes;
            values["node_disk_read_bytes_total" + device] = disk.ReadBytes;
            values["node_disk_written_bytes_total" + device] = disk.WrittenBytes;
            values["node_disk_read_time_seconds_total" + device] = disk.ReadTime / 1000.0;
            values["node_disk_write_time_seconds_total" + device] = disk.WriteTime / 1000.0;
            values["node_disk_io_time_seconds_total" + device] = disk.BusyTime / 1000.0;
        }

        foreach (var network in report.Interfaces!)
        {
            foreach (var (direction, traffic) in ((string, Traffic)[])[("receive", network.Received), ("transmit", network.Sent)])
            {
                values[$"node_network_{direction}_bytes_total{{device=\"{network.Name}\"}}"] = traffic.Bytes;
                values[$"node_network_{direction}_packets_total{{device=\"{network.Name}\"}}"] = traffic.Packets;
                values[$"node_network_{direction}_errs_total{{device=\"{network.Name}\"}}"] = traffic.Errors;
                values[$"node_network_{direction}_drop_total{{device=\"{network.Name}\"}}"] = traffic.Dropped;
            }
        }

        Add("node_context_switches_total", report.Cpu.ContextSwitches);
        Add("node_forks_total", report.Cpu.Forks);
        Add("node_netstat_Tcp_OutSegs", report.Sockets.SegmentsSent);
        Add("node_netstat_Tcp_RetransSegs", report.Sockets.SegmentsRetransmitted);
        Add("node_netstat_TcpExt_ListenDrops", report.Sockets.ListenDrops);
        Add("node_netstat_Udp_RcvbufErrors", report.Sockets.UdpReceiveBufferErrors);
        Add("node_vmstat_oom_kill", report.Memory.OomKills);
        Add("node_vmstat_pgmajfault", report.Memory.MajorFaults);
        Add("node_vmstat_pswpin", report.Memory.SwappedIn);
        Add("node_vmstat_pswpout", report.Memory.SwappedOut);
        AddPressure("node_pressure_cpu_waiting_seconds_total", report.Pressure.CpuSome);
        AddPressure("node_pressure_io_waiting_seconds_total", report.Pressure.IoSome);
        AddPressure("node_pressure_io_stalled_seconds_total", report.Pressure.IoFull);
        AddPressure("node_pressure_memory_waiting_seconds_total", report.Pressure.MemorySome);
        AddPressure("node_pressure_memory_stalled_seconds_total", report.Pressure.MemoryFull);
        return values;

        void Add(string name, ulong? value) => values[name] = value is { } known ? known : -1;

        void AddPressure(string name, PressureLine? line)
        {
            if (line?.Total is { } total) values[name] = total / 1e6;
        }
    }

    /// <summary>Values, and how far apart two readings may be to be called the same.</summary>
    private static Dictionary<string, (double Value, double Slack)> States(ProbeReport report)
    {
        var values = new Dictionary<string, (double, double)>(StringComparer.Ordinal);
        Add("node_load1", report.Load?.One);
        Add("node_load5", report.Load?.Five);
        Add("node_load15", report.Load?.Fifteen);
        Add("node_memory_MemTotal_bytes", report.Memory.Total);
        Add("node_memory_MemAvailable_bytes", report.Memory.Available, report.Memory.Total * 0.002);
        Add("node_memory_MemFree_bytes", report.Memory.Free, report.Memory.Total * 0.002);
        Add("node_memory_SwapTotal_bytes", report.Memory.SwapTotal);
        Add("node_memory_SwapFree_bytes", report.Memory.SwapFree);
        Add("node_filefd_allocated", report.Tables.OpenFiles, 64);
        Add("node_filefd_maximum", report.Tables.MaximumFiles);
        Add("node_nf_conntrack_entries_limit", report.Tables.MaximumConnections);
        foreach (var mount in MountChoice.Of(report.Mounts!).Where(mount => mount.Target is "/" or "/dev/shm"))
        {
            string labels = $"{{device=\"{mount.Source}\",fstype=\"{mount.Type}\",mountpoint=\"{mount.Target}\"}}";
            Add("node_filesystem_size_bytes" + labels, mount.Size);
            Add("node_filesystem_avail_bytes" + labels, mount.Available, mount.Size * 0.001);
            Add("node_filesystem_files" + labels, mount.Inodes);
            Add("node_filesystem_files_free" + labels, mount.InodesFree, mount.Inodes * 0.001);
            Add("node_filesystem_readonly" + labels, mount.ReadOnly == true ? 1 : 0);
        }

        return values;

        void Add(string name, double? value, double? slack = 0) => values[name] = (value ?? -1, slack ?? 0);
    }
}
