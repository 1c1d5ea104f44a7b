using ProdOps.Monitoring.Probing.Reading;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Servers.Clocks;

namespace ProdOps.Monitoring.Probing;

/// <summary>Reads a server's answer to <see cref="HealthProbe"/>. It is taken whole or not at all; within it, what is not understood is left out.</summary>
internal static class ProbeParser
{
    /// <summary>Reads it.</summary>
    /// <param name="server">The server, for messages.</param>
    /// <param name="request">What was asked.</param>
    /// <param name="text">All that the command printed.</param>
    /// <exception cref="ProdOpsException">There is no answer in it, or only the beginning of one.</exception>
    public static ProbeReport Parse(string server, ProbeRequest request, string text)
    {
        var sections = Sections.Find(server, request.Nonce, text);
        var kernel = new KernelReader();
        var report = kernel.Read(sections);
        return report with
        {
            Time = ClockProbe.TryParseAnswer(Short(sections.FirstLine("time")), out var moment, out var resolution) ? new HostTime(moment, resolution) : null,
            Mounts = MountReader.Read(sections, kernel.Mounts, kernel.Writable),
            Interfaces = WithStates(report.Interfaces, sections),
            Processes = ProcessReader.Read(sections),
            Units = UnitReader.Units(sections, request.Units),
            FailedUnits = UnitReader.Failed(sections),
            Ports = PortReader.Read(sections),
            Sensors = SensorReader.Read(sections),
            DiskHealth = SmartReader.Read(sections),
            Clock = sections.Has("clock") ? ClockFacts.Parse(sections.Text("clock").ToString()) : null,
            System = SystemReader.System(sections),
            Updates = SystemReader.Updates(sections),
        };
    }

    /// <summary><c>/sys/class/net/eth0/operstate:up</c>.</summary>
    private static IReadOnlyList<InterfaceReport>? WithStates(IReadOnlyList<InterfaceReport>? interfaces, Sections sections)
    {
        if (interfaces is null || !sections.Has("links")) return interfaces;
        const string Before = "/sys/class/net/", Behind = "/operstate:";
        var states = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in sections.LinesOf("links"))
        {
            int end = line.LastIndexOf(Behind, StringComparison.Ordinal);
            if (end <= Before.Length || !line.StartsWith(Before, StringComparison.Ordinal) || line.Length > end + 32 || states.Count == Sections.MaximumCount) continue;
            if (Sections.Name(line[Before.Length..end]) is { } name && Sections.Name(line[(end + Behind.Length)..]) is { } state) states[name] = state;
        }

        return [.. interfaces.Select(device => states.TryGetValue(device.Name, out string? state) ? device with { State = state } : device)];
    }

    private static string Short(ReadOnlySpan<char> line) => line.Length <= 64 ? line.ToString() : "";
}
