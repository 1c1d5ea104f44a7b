using ProdOps.Monitoring.Probing.Reading;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>
/// What several answers of one node_exporter tell, and none of them alone: how long tasks have waited in the last minute, of which it only counts the time since the start; and whether a file system
/// that cannot be written to could be before, since nobody says what fstab wants.
/// </summary>
internal sealed class ExporterHistory
{
    // The kernel's own means are of a minute as well; of a moment they would be all or nothing.
    private const double Span = 60, Least = 10, BetweenKept = 1;

    private readonly Queue<(double Uptime, PressureReport Pressure)> _kept = new();
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private string? _boot;
    private double _last = double.NegativeInfinity;

    /// <summary>An answer with what those before it add to it.</summary>
    public ProbeReport Complete(ProbeReport report)
    {
        if (report.BootId != _boot || report.Uptime < _last) Forget(report.BootId);
        return report with { Pressure = Means(report), Mounts = report.Mounts is { } mounts ? [.. mounts.Select(WithIntention)] : null };
    }

    private void Forget(string? boot)
    {
        _kept.Clear();
        _written.Clear();
        (_boot, _last) = (boot, double.NegativeInfinity);
    }

    private PressureReport Means(ProbeReport report)
    {
        var pressure = report.Pressure;
        if (report.Uptime is not { } now) return pressure;
        // The latest of those that are a minute old is where the last minute begins.
        while (_kept.Count > 1 && now - _kept.ElementAt(1).Uptime >= Span) _kept.Dequeue();
        if (_kept.TryPeek(out var from) && now - from.Uptime is >= Least and var seconds)
        {
            var before = from.Pressure;
            pressure = new PressureReport
            {
                CpuSome = Mean(pressure.CpuSome, before.CpuSome, seconds),
                MemorySome = Mean(pressure.MemorySome, before.MemorySome, seconds),
                MemoryFull = Mean(pressure.MemoryFull, before.MemoryFull, seconds),
                IoSome = Mean(pressure.IoSome, before.IoSome, seconds),
                IoFull = Mean(pressure.IoFull, before.IoFull, seconds),
            };
        }

        if (now - _last < BetweenKept) return pressure;
        _kept.Enqueue((now, report.Pressure));
        _last = now;
        return pressure;
    }

    private static PressureLine? Mean(PressureLine? now, PressureLine? before, double seconds) =>
        now is { Total: { } total } line && before?.Total is { } earlier && earlier <= total ? line with { Average60 = Math.Min(100, (total - earlier) / seconds / 1e4) } : now;

    private MountReport WithIntention(MountReport mount)
    {
        if (mount.ReadOnly is not true)
        {
            if (mount.ReadOnly is false && _written.Count < Sections.MaximumCount) _written.Add(mount.Target);
            return mount;
        }

        return _written.Contains(mount.Target) ? mount with { IsMeantToBeWritten = true } : mount with { ReadOnly = null };
    }
}
