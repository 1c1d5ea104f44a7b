using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Metrics;

/// <summary>File systems and disks.</summary>
internal static class StorageMeasurements
{
    public static void Add(MeasurementList list, ProbeReport report)
    {
        foreach (var mount in MountChoice.Of(report.Mounts ?? []))
        {
            string target = mount.Target;
            list.Add("disk.size", target, mount.Size);
            list.Add("disk.free", target, mount.Available);
            // As df has it: of what can be used at all, which is less than the size where some is kept for root.
            list.Add("disk.used", target, mount.Used is { } used && mount.Available is { } free && used + (double)free > 0 ? 100.0 * used / (used + (double)free) : null);
            list.AddShare("inode.used", target, mount.InodesUsed, mount.Inodes);
            // What is mounted so on purpose is as it should be.
            list.Add("disk.readonly", target, mount.ReadOnly is { } readOnly ? readOnly && mount.IsMeantToBeWritten ? 1 : 0 : null);
        }

        foreach (var disk in DeviceChoice.Disks(report.Disks ?? [])) list.Add("disk.io.queue", disk.Name, disk.InFlight);
        foreach (var disk in report.DiskHealth ?? [])
        {
            list.Add("smart.failing", disk.Name, disk.IsFailing is { } failing ? failing ? 1 : 0 : null);
            list.Add("smart.reallocated", disk.Name, disk.Reallocated);
            list.Add("smart.unreadable", disk.Name, disk.Unreadable);
            list.Add("smart.wear", disk.Name, disk.Wear);
        }
    }

    public static void AddRates(MeasurementList list, ProbeReport report, ProbeReport previous, double seconds)
    {
        if (report.Disks is not { } disks || previous.Disks is not { } disksBefore) return;
        var before = disksBefore.ToDictionary(disk => disk.Name, StringComparer.Ordinal);
        foreach (var disk in DeviceChoice.Disks(disks))
        {
            if (!before.TryGetValue(disk.Name, out var earlier)) continue;
            list.Add("disk.read", disk.Name, Counter.PerSecond(disk.ReadBytes, earlier.ReadBytes, seconds));
            list.Add("disk.write", disk.Name, Counter.PerSecond(disk.WrittenBytes, earlier.WrittenBytes, seconds));
            double? requests = Counter.Since(disk.Reads, earlier.Reads) + Counter.Since(disk.Writes, earlier.Writes);
            double? waited = Counter.Since(disk.ReadTime, earlier.ReadTime) + Counter.Since(disk.WriteTime, earlier.WriteTime);
            list.Add("disk.io.operations", disk.Name, requests / seconds);
            // Where nothing was asked for, nobody has waited.
            list.Add("disk.await", disk.Name, requests is 0 ? 0 : waited / requests / 1000);
            // Milliseconds against hundredths of a second: the quotient can be a little too large.
            if (Counter.Since(disk.BusyTime, earlier.BusyTime) is { } busy) list.Add("disk.io.busy", disk.Name, Math.Min(100, busy / seconds / 10));
        }
    }
}
