using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>The collectors netdev, netclass, netstat and sockstat.</summary>
internal sealed class ExporterNetwork
{
    private const int Sent = 4;

    private readonly LabelledRows<CounterRow> _devices = new("device", static (name, _) => new CounterRow(name, 2 * Sent));
    private readonly LabelledRows<StateRow> _states = new("device", static (name, first) => new StateRow(name, first.Text("operstate")));
    private bool _told;

    /// <summary>Those of which everything is told; <see langword="null"/> if of none anything is.</summary>
    public IReadOnlyList<InterfaceReport>? Interfaces
    {
        get
        {
            if (!_told) return null;
            var states = _states.All.ToDictionary(static row => row.Name, static row => row.State, StringComparer.Ordinal);
            var interfaces = new List<InterfaceReport>(_devices.All.Count);
            Span<ulong> n = stackalloc ulong[2 * Sent];
            foreach (var row in _devices.All)
                if (row.TryAll(n)) interfaces.Add(new InterfaceReport { Name = row.Name, Received = new Traffic(n[0], n[1], n[2], n[3]), Sent = new Traffic(n[4], n[5], n[6], n[7]), State = states.GetValueOrDefault(row.Name) });
            return interfaces;
        }
    }

    public SocketReport Sockets { get; private set; } = new();

    public void Take(ReadOnlySpan<char> name, TextSample sample)
    {
        if (name is "network_info") _states.Of(sample);
        else if (name.StartsWith("network_", StringComparison.Ordinal)) Device(name, sample);
        else Socket(name, NodeExporterReader.Whole(sample.Value));
    }

    /// <summary>Errors have other names where details were asked for.</summary>
    private void Device(ReadOnlySpan<char> name, TextSample sample)
    {
        const string Received = "network_receive_", Transmitted = "network_transmit_";
        bool received = name.StartsWith(Received, StringComparison.Ordinal);
        if (!received && !name.StartsWith(Transmitted, StringComparison.Ordinal)) return;
        int column = name[(received ? Received : Transmitted).Length..] switch
        {
            "bytes_total" => 0,
            "packets_total" => 1,
            "errs_total" or "errors_total" => 2,
            "drop_total" or "dropped_total" => 3,
            _ => -1,
        };
        if (column < 0) return;
        _told = true;
        if (_devices.Of(sample) is { } row) row[received ? column : column + Sent] = NodeExporterReader.Whole(sample.Value);
    }

    private void Socket(ReadOnlySpan<char> name, ulong? value) => Sockets = name switch
    {
        "sockstat_sockets_used" => Sockets with { Used = value },
        "sockstat_TCP_orphan" => Sockets with { Orphans = value },
        "sockstat_TCP_tw" => Sockets with { TimeWait = value },
        "netstat_Tcp_CurrEstab" => Sockets with { Established = value },
        "netstat_Tcp_OutSegs" => Sockets with { SegmentsSent = value },
        "netstat_Tcp_RetransSegs" => Sockets with { SegmentsRetransmitted = value },
        "netstat_TcpExt_ListenDrops" => Sockets with { ListenDrops = value },
        "netstat_Udp_RcvbufErrors" => Sockets with { UdpReceiveBufferErrors = value },
        _ => Sockets,
    };

    private sealed record StateRow(string Name, string? State);
}
