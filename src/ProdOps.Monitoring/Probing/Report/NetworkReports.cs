using System.Net;

namespace ProdOps.Monitoring.Probing.Report;

/// <summary>Bytes, packets and what went wrong with them, in one direction.</summary>
internal readonly record struct Traffic(ulong Bytes, ulong Packets, ulong Errors, ulong Dropped);

/// <summary>A network interface since the start, or since it was plugged in.</summary>
internal sealed record InterfaceReport
{
    public required string Name { get; init; }

    public Traffic Received { get; init; }

    public Traffic Sent { get; init; }

    /// <summary><c>up</c>, <c>down</c>, <c>unknown</c> … (RFC 2863); asked for with services.</summary>
    public string? State { get; init; }
}

/// <summary>Sockets, and TCP's counters since the start.</summary>
internal sealed record SocketReport
{
    public ulong? Used { get; init; }

    /// <summary>TCP connections that are established, IPv4 and IPv6.</summary>
    public ulong? Established { get; init; }

    public ulong? TimeWait { get; init; }

    /// <summary>TCP connections that no process holds any more.</summary>
    public ulong? Orphans { get; init; }

    public ulong? SegmentsSent { get; init; }

    public ulong? SegmentsRetransmitted { get; init; }

    /// <summary>Connections refused because a program did not accept fast enough.</summary>
    public ulong? ListenDrops { get; init; }

    /// <summary>UDP datagrams lost since a program did not read fast enough.</summary>
    public ulong? UdpReceiveBufferErrors { get; init; }
}

/// <summary>The kernel's tables that can be full.</summary>
internal sealed record TableReport
{
    public ulong? OpenFiles { get; init; }

    public ulong? MaximumFiles { get; init; }

    /// <summary>Connections that the firewall follows; <see langword="null"/> where it follows none.</summary>
    public ulong? Connections { get; init; }

    public ulong? MaximumConnections { get; init; }
}

/// <summary>A socket that waits for others.</summary>
/// <param name="IsTcp">TCP, or else UDP.</param>
/// <param name="Address">Its address; <see langword="null"/> for all of them.</param>
/// <param name="Port">1..65535.</param>
internal readonly record struct ListeningPort(bool IsTcp, IPAddress? Address, int Port)
{
    /// <summary>Connections that wait to be accepted.</summary>
    public ulong? Waiting { get; init; }

    /// <summary>How many may.</summary>
    public ulong? WaitingLimit { get; init; }
}
