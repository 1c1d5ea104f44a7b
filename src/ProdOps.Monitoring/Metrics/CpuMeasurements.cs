using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Metrics;

/// <summary>What the CPUs did between two answers.</summary>
internal static class CpuMeasurements
{
    public static void Add(MeasurementList list, CpuReport now, CpuReport before, double seconds)
    {
        var cores = before.Cores.ToDictionary(core => core.Number, core => core.Times);
        var (all, allBefore) = now.Total is null || before.Total is null ? Together(now.Cores, cores) : (now.Total, before.Total);
        if (Between(all, allBefore) is { } total)
        {
            list.Add("cpu.busy", total.Busy);
            list.Add("cpu.user", total.User);
            list.Add("cpu.system", total.System);
            list.Add("cpu.interrupts", total.Interrupts);
            list.Add("cpu.iowait", total.IoWait);
            list.Add("cpu.steal", total.Steal);
        }

        double? busiest = null;
        foreach (var core in now.Cores)
            if (cores.TryGetValue(core.Number, out var earlier) && Between(core.Times, earlier)?.Busy is { } busy && !(busy <= busiest)) busiest = busy;
        list.Add("cpu.busiest", busiest);
        list.Add("cpu.switches", Counter.PerSecond(now.ContextSwitches, before.ContextSwitches, seconds));
        list.Add("process.forks", Counter.PerSecond(now.Forks, before.Forks, seconds));
    }

    private static Shares? Between(CpuTimes? now, CpuTimes? before)
    {
        if (now is not { } n || before is not { } b) return null;
        if (n.User < b.User || n.Nice < b.Nice || n.System < b.System || n.Irq < b.Irq || n.SoftIrq < b.SoftIrq || n.Steal < b.Steal) return null;
        // The kernel takes a little of these two back at times (proc_stat(5)).
        double idle = n.Idle > b.Idle ? n.Idle - b.Idle : 0, wait = n.IoWait > b.IoWait ? n.IoWait - b.IoWait : 0;
        double user = (n.User - b.User) + (double)(n.Nice - b.Nice), system = n.System - b.System, steal = n.Steal - b.Steal;
        double interrupts = (n.Irq - b.Irq) + (double)(n.SoftIrq - b.SoftIrq);
        double all = user + system + interrupts + steal + idle + wait;
        return all <= 0 ? null : new Shares(100 * (all - idle - wait) / all, 100 * user / all, 100 * system / all, 100 * interrupts / all, 100 * wait / all, 100 * steal / all);
    }

    /// <summary>All CPUs that are in both answers: one that was switched on meanwhile would bring all that it did before with it.</summary>
    private static (CpuTimes? Now, CpuTimes? Before) Together(IReadOnlyList<CoreTimes> now, Dictionary<int, CpuTimes> before)
    {
        (CpuTimes? Now, CpuTimes? Before) sums = default;
        foreach (var core in now)
            if (before.TryGetValue(core.Number, out var earlier)) sums = (Sum(sums.Now.GetValueOrDefault(), core.Times), Sum(sums.Before.GetValueOrDefault(), earlier));
        return sums;
    }

    private static CpuTimes Sum(CpuTimes a, CpuTimes b) =>
        new(a.User + b.User, a.Nice + b.Nice, a.System + b.System, a.Idle + b.Idle, a.IoWait + b.IoWait, a.Irq + b.Irq, a.SoftIrq + b.SoftIrq, a.Steal + b.Steal);

    private readonly record struct Shares(double Busy, double User, double System, double Interrupts, double IoWait, double Steal);
}
