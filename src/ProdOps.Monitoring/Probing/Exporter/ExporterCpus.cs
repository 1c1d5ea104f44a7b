using ProdOps.Monitoring.Probing.Reading;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>The collectors cpu and stat.</summary>
internal sealed class ExporterCpus
{
    // Seconds there, of which the kernel counts hundredths (USER_HZ).
    private const double Jiffies = 100;

    private static readonly string[] Modes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];

    private readonly LabelledRows<CounterRow> _cores = new("cpu", static (name, _) => new CounterRow(name, Modes.Length));

    private CpuReport _report = new();

    /// <summary>CPUs one by one: the sum of all would jump when one is switched on, so that there is none.</summary>
    public CpuReport Report => _report with { Cores = [.. Cores().OrderBy(static core => core.Number).DistinctBy(static core => core.Number)] };

    public void Take(ReadOnlySpan<char> name, TextSample sample)
    {
        switch (name)
        {
            case "cpu_seconds_total":
                int mode = ModeOf(sample.Raw("mode"));
                if (mode >= 0 && _cores.Of(sample) is { } core) core[mode] = NodeExporterReader.Whole(sample.Value, Jiffies);
                break;
            case "context_switches_total": _report = _report with { ContextSwitches = NodeExporterReader.Whole(sample.Value) }; break;
            case "forks_total": _report = _report with { Forks = NodeExporterReader.Whole(sample.Value) }; break;
            case "procs_running": _report = _report with { RunningTasks = NodeExporterReader.Whole(sample.Value) }; break;
            case "procs_blocked": _report = _report with { BlockedTasks = NodeExporterReader.Whole(sample.Value) }; break;
        }
    }

    private List<CoreTimes> Cores()
    {
        var cores = new List<CoreTimes>(_cores.All.Count);
        Span<ulong> n = stackalloc ulong[Modes.Length];
        foreach (var row in _cores.All)
            if (Fields.Number(row.Name) is { } number and < Sections.MaximumCount && row.TryAll(n)) cores.Add(new CoreTimes((int)number, new CpuTimes(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7])));
        return cores;
    }

    private static int ModeOf(ReadOnlySpan<char> mode)
    {
        for (int i = 0; i < Modes.Length; i++) if (mode.SequenceEqual(Modes[i])) return i;
        return -1;
    }
}
