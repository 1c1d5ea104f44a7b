using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Metrics;

/// <summary>Interfaces.</summary>
internal static class NetworkMeasurements
{
    public static void AddRates(MeasurementList list, ProbeReport report, ProbeReport previous, double seconds)
    {
        if (report.Interfaces is not { } interfaces || previous.Interfaces is not { } interfacesBefore) return;
        var before = interfacesBefore.ToDictionary(device => device.Name, StringComparer.Ordinal);
        foreach (var device in DeviceChoice.Interfaces(interfaces))
        {
            if (!before.TryGetValue(device.Name, out var earlier)) continue;
            var (received, sent, receivedBefore, sentBefore) = (device.Received, device.Sent, earlier.Received, earlier.Sent);
            list.Add("network.receive", device.Name, Counter.PerSecond(received.Bytes, receivedBefore.Bytes, seconds));
            list.Add("network.transmit", device.Name, Counter.PerSecond(sent.Bytes, sentBefore.Bytes, seconds));
            double? packets = Counter.Since(received.Packets, receivedBefore.Packets) + Counter.Since(sent.Packets, sentBefore.Packets);
            list.Add("network.errors", device.Name, Share(Counter.Since(received.Errors, receivedBefore.Errors) + Counter.Since(sent.Errors, sentBefore.Errors), packets));
            list.Add("network.drops", device.Name, Share(Counter.Since(received.Dropped, receivedBefore.Dropped) + Counter.Since(sent.Dropped, sentBefore.Dropped), packets));
        }
    }

    /// <summary>Packets that went wrong are not among those that went.</summary>
    private static double? Share(double? wrong, double? packets) => wrong is 0 ? 0 : 100 * wrong / (wrong + packets);
}
