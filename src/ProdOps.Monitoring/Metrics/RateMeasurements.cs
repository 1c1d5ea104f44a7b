using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Metrics;

/// <summary>What has happened between two answers: memory, units, TCP.</summary>
internal static class RateMeasurements
{
    public static void Add(MeasurementList list, ProbeReport report, ProbeReport previous, double seconds)
    {
        var (memory, memoryBefore) = (report.Memory, previous.Memory);
        list.Add("swap.in", Counter.PerSecond(memory.SwappedIn, memoryBefore.SwappedIn, seconds));
        list.Add("swap.out", Counter.PerSecond(memory.SwappedOut, memoryBefore.SwappedOut, seconds));
        list.Add("memory.faults", Counter.PerSecond(memory.MajorFaults, memoryBefore.MajorFaults, seconds));
        Units(list, report, previous, seconds);
        var (sockets, socketsBefore) = (report.Sockets, previous.Sockets);
        double? sent = Counter.Since(sockets.SegmentsSent, socketsBefore.SegmentsSent), again = Counter.Since(sockets.SegmentsRetransmitted, socketsBefore.SegmentsRetransmitted);
        list.Add("tcp.retransmit", again is 0 ? 0 : again / (sent + again) * 100);
        list.Add("tcp.listen.drops", Counter.PerSecond(sockets.ListenDrops, socketsBefore.ListenDrops, seconds));
        list.Add("udp.drops", Counter.PerSecond(sockets.UdpReceiveBufferErrors, socketsBefore.UdpReceiveBufferErrors, seconds));
    }

    private static void Units(MeasurementList list, ProbeReport report, ProbeReport previous, double seconds)
    {
        var before = StateMeasurements.Distinct(previous.Units).ToDictionary(unit => unit.Name, StringComparer.Ordinal);
        foreach (var unit in StateMeasurements.Distinct(report.Units))
        {
            // Begins at 0 again with every start of the unit.
            if (before.TryGetValue(unit.Name, out var earlier) && unit.ActiveSince == earlier.ActiveSince) list.Add("unit.cpu", unit.Name, Counter.PerSecond(unit.CpuTime, earlier.CpuTime, seconds) / 1e7);
        }
    }
}
