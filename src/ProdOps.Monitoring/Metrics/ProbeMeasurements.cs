using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Metrics;

/// <summary>When a probe ran, by this machine's clock.</summary>
/// <param name="Sent">When the question left.</param>
/// <param name="RoundTrip">How long the answer took.</param>
internal readonly record struct ProbeTiming(DateTimeOffset Sent, TimeSpan RoundTrip);

/// <summary>
/// Makes the metrics of <see cref="MetricCatalog"/> out of a server's answer. Counters tell of all the time since the server started, which
/// says nothing about now: rates are made from two answers, over the time between them by the server's own uptime. The first answer alone has
/// everything that is not a rate, and the few counters whose rise is what a rule asks for (<c>oom.kills</c>, <c>unit.restarts</c>); who wants rates at once asks a second time a moment later.
/// </summary>
internal static class ProbeMeasurements
{
    /// <summary>
    /// Two answers closer together than this many seconds give no rates. Uptime is counted in hundredths, so a rate is known to 4 per cent at the worst and 1 per cent as a rule, and
    /// CPU time in ticks of 4 ms as a rule: half a load of two CPUs to 4 or 5 of 100 (one standard deviation). Twice as long would halve the first, and take a third off the second.
    /// </summary>
    public const double MinimumInterval = 0.25;

    /// <summary>The values, none twice; what could not be measured is not among them.</summary>
    /// <param name="report">The answer.</param>
    /// <param name="previous">The one before it of the same server, however long ago; none gives no rates.</param>
    /// <param name="timing">When it was asked for; without it nothing is said of the clock.</param>
    public static IReadOnlyList<Measurement> Of(ProbeReport report, ProbeReport? previous = null, ProbeTiming? timing = null)
    {
        var list = new MeasurementList();
        StateMeasurements.Add(list, report);
        StorageMeasurements.Add(list, report);
        if (timing is { } moment) ClockMeasurements.Add(list, report, moment);
        if (previous is not null && Interval(report, previous) is { } seconds)
        {
            CpuMeasurements.Add(list, report.Cpu, previous.Cpu, seconds);
            RateMeasurements.Add(list, report, previous, seconds);
            StorageMeasurements.AddRates(list, report, previous, seconds);
            NetworkMeasurements.AddRates(list, report, previous, seconds);
        }

        return list.Values;
    }

    /// <summary>The seconds between two answers; none if the server has started again meanwhile, or it cannot be told, or they are too close.</summary>
    public static double? Interval(ProbeReport report, ProbeReport previous)
    {
        if (report.BootId is { } boot && previous.BootId is { } before && boot != before) return null;
        return report.Uptime - previous.Uptime is { } seconds and >= MinimumInterval ? seconds : null;
    }
}
