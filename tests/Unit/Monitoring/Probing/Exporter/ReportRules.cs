using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Tests.Probing.Exporter;

/// <summary>What must be true of any report, whoever told it: names once and harmless, and nothing is made of it that is no number.</summary>
internal static class ReportRules
{
    public static void Check(ProbeReport report)
    {
        AssertNames(report.Disks?.Select(static disk => disk.Name));
        AssertNames(report.Interfaces?.Select(static device => device.Name));
        AssertNames(report.Mounts?.Select(static mount => mount.Target));
        AssertNames(report.Units?.Select(static unit => unit.Name));
        AssertNames(report.Sensors?.Select(static sensor => sensor.Name));
        Assert.Equal(report.Cpu.Cores.Count, report.Cpu.Cores.DistinctBy(static core => core.Number).Count());
        foreach (var values in (IReadOnlyList<Measurement>[])[ProbeMeasurements.Of(report), ProbeMeasurements.Of(report, report), ProbeMeasurements.Of(report with { Uptime = report.Uptime + 10 }, report)])
        {
            Assert.All(values, static value => Assert.True(double.IsFinite(value.Value)));
            Assert.Equal(values.Count, values.DistinctBy(static value => (value.Metric, value.Instance)).Count());
        }
    }

    private static void AssertNames(IEnumerable<string>? names)
    {
        if (names is null) return;
        var known = names.ToList();
        Assert.Equal(known.Count, known.Distinct(StringComparer.Ordinal).Count());
        Assert.All(known, static name => Assert.DoesNotContain(name, char.IsControl));
    }
}
