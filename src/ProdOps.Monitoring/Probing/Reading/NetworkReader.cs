using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>Lines of /proc/net: dev, snmp, netstat, sockstat.</summary>
internal sealed class NetworkReader
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<InterfaceReport> _interfaces = [];
    private string _names = "";
    private bool _asked;

    public IReadOnlyList<InterfaceReport>? Interfaces => _asked ? _interfaces : null;

    public SocketReport Sockets { get; private set; } = new();

    /// <summary>
    /// <c>  eth0: 1902208237 50734 0 …</c>: bytes, packets, errors, dropped, fifo, frame, compressed, multicast received; the same eight sent.
    /// Kernels before 2.6.37 leave no space behind the colon.
    /// </summary>
    public void Device(ReadOnlySpan<char> line)
    {
        _asked = true;
        int colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0) colon = line.IndexOf(':');
        if (colon < 0 || Sections.Name(line[..colon].Trim()) is not { } name) return;
        Span<ulong> n = stackalloc ulong[12];
        if (!new Fields(line[(colon + 1)..]).TryNumbers(n)) return;
        var device = new InterfaceReport { Name = name, Received = new Traffic(n[0], n[1], n[2], n[3]), Sent = new Traffic(n[8], n[9], n[10], n[11]) };
        if (_places.TryGetValue(name, out int place)) _interfaces[place] = device;
        else if (_interfaces.Count < Sections.MaximumCount)
        {
            _places[name] = _interfaces.Count;
            _interfaces.Add(device);
        }
    }

    /// <summary>A line of names, then one of values, both with the protocol before them.</summary>
    public void Table(ReadOnlySpan<char> line)
    {
        var values = new Fields(line);
        var protocol = values.Next();
        if (protocol is not ("Tcp:" or "TcpExt:" or "Udp:")) return;
        var names = new Fields(_names);
        if (!names.Next().SequenceEqual(protocol))
        {
            _names = line.Length <= 16 * Sections.MaximumName ? line.ToString() : "";
            return;
        }

        while (names.Next() is { Length: > 0 } name) Value(protocol, name, values.Next());
        _names = "";
    }

    private void Value(ReadOnlySpan<char> protocol, ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (protocol is "Tcp:")
        {
            if (name is "CurrEstab") Sockets = Sockets with { Established = Fields.Number(value) };
            else if (name is "OutSegs") Sockets = Sockets with { SegmentsSent = Fields.Number(value) };
            else if (name is "RetransSegs") Sockets = Sockets with { SegmentsRetransmitted = Fields.Number(value) };
        }
        else if (protocol is "TcpExt:" && name is "ListenDrops") Sockets = Sockets with { ListenDrops = Fields.Number(value) };
        else if (protocol is "Udp:" && name is "RcvbufErrors") Sockets = Sockets with { UdpReceiveBufferErrors = Fields.Number(value) };
    }

    /// <summary><c>sockets: used 67</c>, <c>TCP: inuse 3 orphan 0 tw 0 alloc 19 mem 209</c>.</summary>
    public void SocketLine(Fields fields)
    {
        var protocol = fields.Next();
        while (fields.Next() is { Length: > 0 } name)
        {
            ulong? value = fields.NextNumber();
            if (protocol is "sockets:" && name is "used") Sockets = Sockets with { Used = value };
            else if (protocol is "TCP:" && name is "orphan") Sockets = Sockets with { Orphans = value };
            else if (protocol is "TCP:" && name is "tw") Sockets = Sockets with { TimeWait = value };
        }
    }
}
