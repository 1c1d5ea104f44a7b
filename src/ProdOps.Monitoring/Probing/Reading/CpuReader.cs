using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>Lines of /proc/stat.</summary>
internal sealed class CpuReader
{
    private readonly List<CoreTimes> _cores = [];

    private CpuReport _report = new();

    public CpuReport Report => _report with { Cores = _cores };

    public void Line(Fields fields)
    {
        var name = fields.Next();
        switch (name)
        {
            case "cpu": _report = _report with { Total = Times(fields) }; break;
            case "ctxt": _report = _report with { ContextSwitches = fields.NextNumber() }; break;
            case "processes": _report = _report with { Forks = fields.NextNumber() }; break;
            case "procs_running": _report = _report with { RunningTasks = fields.NextNumber() }; break;
            case "procs_blocked": _report = _report with { BlockedTasks = fields.NextNumber() }; break;
            default:
                // In their order, each once: what is different is not the kernel's.
                if (name.StartsWith("cpu", StringComparison.Ordinal) && Fields.Number(name[3..]) is { } number and < Sections.MaximumCount
                    && (_cores.Count == 0 || _cores[^1].Number < (int)number) && Times(fields) is { } times) _cores.Add(new CoreTimes((int)number, times));
                break;
        }
    }

    /// <summary>Steal came with Linux 2.6.11; earlier ones had less.</summary>
    private static CpuTimes? Times(Fields fields)
    {
        Span<ulong> n = stackalloc ulong[8];
        return fields.TryNumbers(n) ? new CpuTimes(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]) : null;
    }
}
