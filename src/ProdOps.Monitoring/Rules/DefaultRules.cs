using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Status;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Monitoring.Rules;

/// <summary>The rules that hold without anybody having written one. They are few, and each is a thing that somebody must do something about.</summary>
internal static class DefaultRules
{
    /// <summary>The name of the rule for results of checks that have no rule of their own.</summary>
    public const string AnyCheck = "check";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), Hour = TimeSpan.FromHours(1), Day = TimeSpan.FromDays(1);

    public static IReadOnlyList<HealthRule> All { get; } =
    [
        new()
        {
            Name = CheckKey.Reachability, Check = CheckKey.Reachability, For = TimeSpan.FromSeconds(20),
            Advice = "See whether the server runs, then its network, then its sshd, or its node_exporter.",
        },
        new()
        {
            Name = AnyCheck, Check = "*", For = TimeSpan.FromSeconds(20),
            Advice = "Run the check by hand, and read the log of what it checks.",
        },
        new()
        {
            Name = ServiceChecks.Check, Check = ServiceChecks.Check, For = TimeSpan.FromSeconds(20),
            Advice = "See why it ended: systemctl status, and its journal; then start it again.",
        },
        new()
        {
            Name = "certificate", Check = "certificate", For = TimeSpan.Zero,
            Advice = "Renew it, and see why it was not renewed by itself.",
        },
        .. Processor,
        .. Memory,
        .. Disks,
        .. Network,
        .. System,
    ];

    private static IEnumerable<HealthRule> Processor =>
    [
        Over("cpu.busy", "> 90%", null, "See what runs (ps, top); a long job at night is none of your worries, a server that is too small is.") with
        {
            Function = HealthFunction.Average, Window = 10 * Minute, For = TimeSpan.Zero,
        },
        Over("pressure.cpu.some", "> 25%", null, "Tasks wait for a processor: take load away, or give it more processors.") with { For = 10 * Minute },
    ];

    private static IEnumerable<HealthRule> Memory =>
    [
        Over("memory.available", "< 10%", "< 5%", "Find what grew (ps --sort -rss) and restart or limit it before the kernel does.") with { For = 2 * Minute },
        Over("pressure.memory.full", "> 5%", "> 20%", "The server is busy with moving memory: stop what is largest, or give it more."),
        Over("swap.in", "> 100/s", null, "It works on swapped memory: find what grew, or give it more memory.") with { Function = HealthFunction.Average, Window = 5 * Minute, For = TimeSpan.Zero },
        Over("oom.kills", "> 0", null, "The kernel killed a process for memory: the journal says which (journalctl -k), and it may not have come back.") with
        {
            Function = HealthFunction.Increase, Window = Hour, Coverage = 0, For = TimeSpan.Zero, Attempts = 1,
        },
    ];

    private static IEnumerable<HealthRule> Disks =>
    [
        Over("disk.used", "> 85%", "> 95%", "Delete or move what is not needed (du -x), then see what makes it grow."),
        Over("disk.used", "< 24h", "< 4h", "At this rate it is full soon: find what grows (du -x), and stop it or make room.") with
        {
            Name = "disk.full", Function = HealthFunction.Forecast, Limit = 100, Window = 6 * Hour, For = 10 * Minute,
        },
        Over("inode.used", "> 85%", "> 95%", "Too many small files: find the folder (du --inodes -x) and clear it."),
        Over("disk.readonly", "> 0", "> 0", "The kernel stopped writing to it after an error: see dmesg for which, save what can be saved, and check it (fsck) before it is mounted again.") with
        {
            For = TimeSpan.Zero, Attempts = 1,
        },
        Over("disk.await", "> 50ms", "> 200ms", "The disk is slower than what is asked of it: see who reads and writes (iotop), then whether the disk is ill (dmesg, smartctl).") with
        {
            Function = HealthFunction.Average, Window = 10 * Minute, For = TimeSpan.Zero,
        },
    ];

    private static IEnumerable<HealthRule> Network =>
    [
        Over("network.errors", "> 0.1%", "> 5%", "A cable, a port or a driver is bad: see ethtool -S, and the port at the other end.") with { Function = HealthFunction.Average, Window = 10 * Minute, For = TimeSpan.Zero },
        Over("conntrack.used", "> 80%", "> 95%", "When it is full, connections are dropped: raise net.netfilter.nf_conntrack_max, and see who opens so many (conntrack -S)."),
    ];

    private static IEnumerable<HealthRule> System =>
    [
        Over("file.used", "> 80%", "> 95%", "Open files run out: find who holds them (lsof), or raise fs.file-max."),
        Over("unit.failed", "> 0", null, "See systemctl --failed and the unit's journal; start it again, or reset-failed if it is no longer wanted.") with { Interval = Minute },
        Over("unit.restarts", "> 3", null, "A service dies again and again: its journal says why.") with { Function = HealthFunction.Increase, Window = Hour, Coverage = 0, For = TimeSpan.Zero, Interval = Minute },
        Over("clock.offset", "> 500ms", "> 5s", "See whether its time synchronisation runs (timedatectl, chronyc tracking).") with { For = 5 * Minute, Interval = Minute },
        Over("memory.corrupted", "> 0B", null, "Memory is broken: test it (memtest), and replace it before it spoils data."),
        Over("reboot.required", "> 0", null, "Restart it in a quiet hour: an update waits for that.") with { For = 7 * Day, Interval = TimeSpan.FromMinutes(15) },
        Daily("updates.security", "> 0", "Install the security updates.") with { For = 7 * Day },
        Daily("smart.failing", "> 0", "The disk says that it is failing: see that the backup is good, and replace it now (smartctl -x).") with { Critical = ThresholdText.Parse("> 0") },
        Daily("smart.unreadable", "> 0", "What stood in these sectors is lost: see that the backup is good, read all of the disk (smartctl -t long), and replace it if there are more of them."),
        Daily("smart.reallocated", "> 10", "The disk has run into bad sectors: if there are more of them week by week (Get-Metric), replace it."),
        Daily("smart.wear", "> 90%", "The disk has nearly been written to as much as it was made for: have another one ready."),
        Daily("system.support", "< 30d", "Plan the move to a release that still gets security updates."),
    ];

    /// <summary>What is looked at once a day is believed at once, both ways.</summary>
    private static HealthRule Daily(string metric, string warning, string advice) => Over(metric, warning, null, advice) with
    {
        Interval = Day, For = TimeSpan.Zero, RecoverFor = TimeSpan.Zero, Attempts = 1, RecoverAttempts = 1,
    };

    private static HealthRule Over(string metric, string warning, string? critical, string advice) => new()
    {
        Name = metric, Metric = metric, Warning = ThresholdText.Parse(warning), Critical = critical is null ? null : ThresholdText.Parse(critical), Advice = advice,
    };
}
