using System.Globalization;
using System.Net;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>Reads the sockets that listen: from ss, or without it from /proc/net.</summary>
internal static class PortReader
{
    public static IReadOnlyList<ListeningPort>? Read(Sections sections)
    {
        var ports = new List<ListeningPort>();
        if (sections.Succeeded("ports"))
        {
            foreach (var line in sections.LinesOf("ports"))
                if (ports.Count < Sections.MaximumCount && OfTool(line) is { } port) ports.Add(port);
            return ports;
        }

        if (!sections.Has("sockets")) return null;
        foreach (var line in sections.LinesOf("sockets"))
            if (ports.Count < Sections.MaximumCount && OfKernel(line) is { } port) ports.Add(port);
        return ports;
    }

    /// <summary><c>tcp LISTEN 0 128 [::]:22 [::]:*</c>: protocol, state, those that wait, how many may, the address.</summary>
    private static ListeningPort? OfTool(ReadOnlySpan<char> line)
    {
        var fields = new Fields(line);
        var protocol = fields.Next();
        bool tcp = protocol is "tcp";
        if ((!tcp && protocol is not "udp") || fields.Next() is not ("LISTEN" or "UNCONN")) return null;
        ulong? waiting = fields.NextNumber(), limit = fields.NextNumber();
        var local = fields.Next();
        int colon = local.LastIndexOf(':');
        if (colon < 0 || PortOf(local[(colon + 1)..], hexadecimal: false) is not { } port) return null;
        // An address may be bound to an interface: 127.0.0.53%lo, [fe80::1]%eth0.
        var address = local[..colon];
        int percent = address.IndexOf('%');
        if (percent >= 0) address = address[..percent];
        address = address.Trim("[]");
        IPAddress? parsed = null;
        if (address is not "*" && !IPAddress.TryParse(address, out parsed)) return null;
        return new ListeningPort(tcp, Specific(parsed), port) { Waiting = tcp ? waiting : null, WaitingLimit = tcp ? limit : null };
    }

    /// <summary><c>net/tcp:   0: 0100007F:1F90 00000000:0000 0A …</c> (proc_net(5)): TCP listens in state 0A, UDP in 07.</summary>
    private static ListeningPort? OfKernel(ReadOnlySpan<char> line)
    {
        int end = line.IndexOf(':');
        if (end < 0) return null;
        bool tcp = line[..end] is "net/tcp" or "net/tcp6";
        if (!tcp && line[..end] is not ("net/udp" or "net/udp6")) return null;
        var fields = new Fields(line[(end + 1)..]).Skip(1);
        var local = fields.Next();
        fields.Next();
        int colon = local.IndexOf(':');
        if (!fields.Next().SequenceEqual(tcp ? "0A" : "07") || colon is not (8 or 32) || PortOf(local[(colon + 1)..], hexadecimal: true) is not { } port) return null;
        Span<byte> bytes = stackalloc byte[colon / 2];
        for (int i = 0; i < bytes.Length; i++)
        {
            // Four bytes at a time, the last first: what little-endian machines print, which all are that run sshd for others.
            if (!byte.TryParse(local.Slice(i * 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[(i & ~3) + 3 - (i & 3)])) return null;
        }

        return new ListeningPort(tcp, Specific(new IPAddress(bytes)), port);
    }

    private static int? PortOf(ReadOnlySpan<char> text, bool hexadecimal) =>
        int.TryParse(text, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= 65535 ? port : null;

    private static IPAddress? Specific(IPAddress? address) => address is null || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? null : address;
}
