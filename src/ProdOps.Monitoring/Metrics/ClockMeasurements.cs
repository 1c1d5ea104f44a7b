using ProdOps.Monitoring.Probing.Report;
using ProdOps.Servers.Clocks;

namespace ProdOps.Monitoring.Metrics;

/// <summary>How far a server's clock is off this machine's.</summary>
internal static class ClockMeasurements
{
    /// <summary>
    /// The server read its clock at some moment between question and answer. What is said is by how much it is off at the least, whichever
    /// moment that was: a slow answer makes nobody's clock wrong. Ahead or behind is the same, so that one threshold does for both.
    /// </summary>
    public static void Add(MeasurementList list, ProbeReport report, ProbeTiming timing)
    {
        if (report.Clock?.IsSynchronized is { } synchronized) list.Add("clock.synchronized", synchronized ? 1 : 0);
        if (report.Time is not { } time || timing.RoundTrip < TimeSpan.Zero) return;
        var estimate = ClockEstimate.From([new ClockSample(timing.Sent, timing.RoundTrip, time.Moment, time.Resolution)]);
        list.Add("clock.offset", Math.Max(0, Math.Abs(estimate.Offset.TotalSeconds) - estimate.Uncertainty.TotalSeconds));
    }
}
