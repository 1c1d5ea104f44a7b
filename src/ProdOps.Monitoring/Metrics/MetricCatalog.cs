namespace ProdOps.Monitoring.Metrics;

/// <summary>The metrics that ProdOps measures by itself: the one list that probes, rules, views, completion and help share.</summary>
internal static class MetricCatalog
{
    /// <summary>All, in the order of their names.</summary>
    public static IReadOnlyList<MetricInfo> All { get; } =
    [
        new("clock.offset", "s", "By how much the clock is ahead of this machine's or behind it, at the least."),
        new("clock.synchronized", "", "1 if a time service keeps the clock right, else 0."),
        new("conntrack.used", "%", "Connections that the firewall follows, of as many as it can."),
        new("cpu.busiest", "%", "What the busiest CPU did other than idle or wait for disks."),
        new("cpu.busy", "%", "What all CPUs did other than idle or wait for disks; time stolen is in it."),
        new("cpu.count", "", "CPUs that are on."),
        new("cpu.interrupts", "%", "CPU time for interrupts."),
        new("cpu.iowait", "%", "CPU time idle while disks were waited for."),
        new("cpu.steal", "%", "CPU time that the hypervisor gave to others."),
        new("cpu.switches", "/s", "Switches from one task to another."),
        new("cpu.system", "%", "CPU time of the kernel."),
        new("cpu.user", "%", "CPU time of programs, those made nice included."),
        new("disk.await", "s", "How long a request took, waiting included; 0 where there was none.") { InstanceOf = "device" },
        new("disk.free", "B", "What users other than root can still write.") { InstanceOf = "mount" },
        new("disk.io.busy", "%", "Time in which the disk had something to do.") { InstanceOf = "device" },
        new("disk.io.operations", "/s", "Reads and writes.") { InstanceOf = "device" },
        new("disk.io.queue", "", "Requests under way at this moment.") { InstanceOf = "device" },
        new("disk.read", "B/s", "Read from the disk.") { InstanceOf = "device" },
        new("disk.readonly", "", "1 if it is mounted so that nothing can be written, else 0.") { InstanceOf = "mount" },
        new("disk.size", "B", "Size of the file system.") { InstanceOf = "mount" },
        new("disk.used", "%", "Of what can be used, as df has it.") { InstanceOf = "mount" },
        new("disk.write", "B/s", "Written to the disk.") { InstanceOf = "device" },
        new("file.open", "", "Files that all programs have open."),
        new("file.used", "%", "Open files, of as many as the kernel allows."),
        new("inode.used", "%", "Files and folders, of as many as the file system has room for.") { InstanceOf = "mount" },
        new("load.1", "", "Tasks that ran, waited to run or for a disk, mean of a minute."),
        new("load.15", "", "The same, mean of 15 minutes."),
        new("load.5", "", "The same, mean of 5 minutes."),
        new("memory.available", "%", "What programs can still get without swapping."),
        new("memory.available.bytes", "B", "What programs can still get without swapping."),
        new("memory.corrupted", "B", "Memory that the hardware reported broken."),
        new("memory.faults", "/s", "Page faults that waited for a disk."),
        new("memory.size", "B", "Memory there is."),
        new("network.drops", "%", "Packets thrown away, received and sent, of all.") { InstanceOf = "interface" },
        new("network.errors", "%", "Packets that were damaged, received and sent, of all.") { InstanceOf = "interface" },
        new("network.receive", "B/s", "Received.") { InstanceOf = "interface" },
        new("network.transmit", "B/s", "Sent.") { InstanceOf = "interface" },
        new("network.up", "", "1 if it is connected, 0 if not.") { InstanceOf = "interface" },
        new("oom.kills", "", "Processes killed because memory ran out, since the server started."),
        new("pressure.cpu.some", "%", "Time of the last minute in which a task waited for a CPU."),
        new("pressure.io.full", "%", "Time of the last minute in which all tasks waited for disks."),
        new("pressure.io.some", "%", "Time of the last minute in which a task waited for disks."),
        new("pressure.memory.full", "%", "Time of the last minute in which all tasks waited for memory."),
        new("pressure.memory.some", "%", "Time of the last minute in which a task waited for memory."),
        new("process.blocked", "", "Tasks that wait for a disk and cannot be interrupted."),
        new("process.count", "", "Processes."),
        new("process.forks", "/s", "Processes and threads begun."),
        new("process.outdated", "", "Processes that run libraries which have been replaced on disk."),
        new("process.running", "", "Tasks that run or wait to run."),
        new("process.zombie", "", "Processes that have ended and were not collected by their parent."),
        new("reboot.required", "", "1 if the system asks for a restart or a newer kernel waits for one, else 0."),
        new("swap.in", "/s", "Pages read back from swap."),
        new("swap.out", "/s", "Pages written to swap."),
        new("swap.size", "B", "Swap there is."),
        new("swap.used", "%", "Swap in use."),
        new("system.support", "s", "Time until the maker's support ends; negative after that."),
        new("tcp.connections", "", "TCP connections that are established."),
        new("tcp.listen.drops", "/s", "Connections refused because a program did not accept them fast enough."),
        new("tcp.orphans", "", "TCP connections that no program holds any more."),
        new("tcp.retransmit", "%", "Segments sent again, of all sent."),
        new("tcp.timewait", "", "TCP connections that are over and kept for late packets."),
        new("temperature", "°C", "Temperature.") { InstanceOf = "sensor" },
        new("udp.drops", "/s", "Datagrams lost because a program did not read them fast enough."),
        new("unit.cpu", "%", "CPU time of the unit, of one CPU.") { InstanceOf = "unit" },
        new("unit.failed", "", "Units in the failed state."),
        new("unit.memory", "B", "Memory of the unit.") { InstanceOf = "unit" },
        new("unit.restarts", "", "How often systemd has started the unit again by itself, since somebody started it.") { InstanceOf = "unit" },
        new("updates.age", "s", "Since the lists of packages were fetched."),
        new("updates.pending", "", "Packages with an update."),
        new("updates.security", "", "Packages with a security update."),
        new("uptime", "s", "Since the start."),
    ];

    private static readonly Dictionary<string, MetricInfo> ByName = All.ToDictionary(info => info.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The unit of a metric; empty for one that is not in the list.</summary>
    public static string UnitOf(string name) => ByName.TryGetValue(name, out var info) ? info.Unit : "";

    public static MetricInfo? Find(string name) => ByName.GetValueOrDefault(name);
}
