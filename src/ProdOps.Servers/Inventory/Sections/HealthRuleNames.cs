namespace ProdOps.Servers.Inventory.Sections;

/// <summary>The rules that hold without anybody having written them, by name. They are made by the monitoring engine; its tests hold this list to them.</summary>
internal static class HealthRuleNames
{
    public static IReadOnlyList<string> Defaults { get; } =
    [
        "certificate", "check", "clock.offset", "conntrack.used", "cpu.busy", "disk.await", "disk.full", "disk.readonly", "disk.used", "file.used", "inode.used", "memory.available", "memory.corrupted",
        "network.errors", "oom.kills", "pressure.cpu.some", "pressure.memory.full", "reachability", "reboot.required", "service",
        "smart.failing", "smart.reallocated", "smart.unreadable", "smart.wear", "swap.in", "system.support", "unit.failed", "unit.restarts", "updates.security",
    ];
}
