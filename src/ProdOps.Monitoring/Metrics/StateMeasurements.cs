using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Metrics;

/// <summary>What one answer says of the moment.</summary>
internal static class StateMeasurements
{
    public static void Add(MeasurementList list, ProbeReport report)
    {
        list.Add("uptime", report.Uptime);
        list.Add("load.1", report.Load?.One);
        list.Add("load.5", report.Load?.Five);
        list.Add("load.15", report.Load?.Fifteen);
        if (report.Cpu.Cores.Count > 0) list.Add("cpu.count", report.Cpu.Cores.Count);
        list.Add("process.running", report.Cpu.RunningTasks);
        list.Add("process.blocked", report.Cpu.BlockedTasks);
        Memory(list, report.Memory);
        Pressure(list, report.Pressure);
        Tables(list, report);
        Processes(list, report.Processes);
        Units(list, report);
        System(list, report);
        foreach (var sensor in report.Sensors ?? []) list.Add("temperature", sensor.Name, sensor.Celsius);
        foreach (var device in DeviceChoice.Interfaces(report.Interfaces ?? []))
            list.Add("network.up", device.Name, device.State switch { "up" => 1, "down" or "lowerlayerdown" or "dormant" or "notpresent" => 0, _ => null });
    }

    private static void Memory(MeasurementList list, MemoryReport memory)
    {
        list.Add("memory.size", memory.Total);
        list.AddShare("memory.available", null, memory.Available, memory.Total);
        list.Add("memory.available.bytes", memory.Available);
        list.Add("memory.corrupted", memory.Corrupted);
        list.Add("oom.kills", memory.OomKills);
        list.Add("swap.size", memory.SwapTotal);
        if (memory.SwapFree <= memory.SwapTotal) list.AddShare("swap.used", null, memory.SwapTotal - memory.SwapFree, memory.SwapTotal);
    }

    private static void Pressure(MeasurementList list, PressureReport pressure)
    {
        list.Add("pressure.cpu.some", pressure.CpuSome?.Average60);
        list.Add("pressure.memory.some", pressure.MemorySome?.Average60);
        list.Add("pressure.memory.full", pressure.MemoryFull?.Average60);
        list.Add("pressure.io.some", pressure.IoSome?.Average60);
        list.Add("pressure.io.full", pressure.IoFull?.Average60);
    }

    private static void Tables(MeasurementList list, ProbeReport report)
    {
        list.Add("file.open", report.Tables.OpenFiles);
        list.AddShare("file.used", null, report.Tables.OpenFiles, report.Tables.MaximumFiles);
        list.AddShare("conntrack.used", null, report.Tables.Connections, report.Tables.MaximumConnections);
        list.Add("tcp.connections", report.Sockets.Established);
        list.Add("tcp.timewait", report.Sockets.TimeWait);
        list.Add("tcp.orphans", report.Sockets.Orphans);
    }

    private static void Processes(MeasurementList list, ProcessReport processes)
    {
        list.Add("process.count", processes.Count ?? (ulong?)processes.ByState?.Values.Sum());
        if (processes.ByState is { } states) list.Add("process.zombie", states.GetValueOrDefault('Z'));
        list.Add("process.outdated", processes.Outdated?.Count);
    }

    private static void Units(MeasurementList list, ProbeReport report)
    {
        list.Add("unit.failed", report.FailedUnits?.Count);
        foreach (var unit in Distinct(report.Units))
        {
            list.Add("unit.memory", unit.Name, unit.ActiveState == "active" ? unit.Memory : null);
            list.Add("unit.restarts", unit.Name, unit.LoadState == "not-found" ? null : unit.Restarts);
        }
    }

    private static void System(MeasurementList list, ProbeReport report)
    {
        list.Add("reboot.required", report.System.RebootRequired is { } required ? required ? 1 : 0 : null);
        list.Add("updates.pending", report.Updates?.Pending);
        list.Add("updates.security", report.Updates?.Security);
        if (report.Time is not { } time) return;
        list.Add("updates.age", report.Updates?.Fetched is { } fetched && fetched <= time.Moment ? (time.Moment - fetched).TotalSeconds : null);
        list.Add("system.support", report.System.SupportEnd is { } end ? (end.ToDateTime(TimeOnly.MaxValue, DateTimeKind.Utc) - time.Moment.UtcDateTime).TotalSeconds : null);
    }

    /// <summary>Two of its names that were asked for are the same unit.</summary>
    public static IEnumerable<UnitReport> Distinct(IReadOnlyList<UnitReport>? units) => (units ?? []).DistinctBy(unit => unit.Name);
}
