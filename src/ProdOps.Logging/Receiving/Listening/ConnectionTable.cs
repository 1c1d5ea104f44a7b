using System.Net;
using System.Net.Sockets;

namespace ProdOps.Logging.Receiving.Listening;

/// <summary>The connections that are open, by sender: nobody can take all of them.</summary>
internal sealed class ConnectionTable(int maximum, int maximumPerPeer)
{
    private readonly Lock _lock = new();
    private readonly HashSet<LogConnection> _open = [];
    private readonly Dictionary<IPAddress, int> _peers = [];

    /// <summary>Admits a connection.</summary>
    /// <returns>Why not, or <see langword="null"/>.</returns>
    public DropReason? TryAdd(LogConnection connection)
    {
        var peer = PeerOf(connection.Peer.Address);
        lock (_lock)
        {
            if (_open.Count >= maximum) return DropReason.TooManyConnections;
            int count = _peers.GetValueOrDefault(peer);
            if (count >= maximumPerPeer) return DropReason.TooManyConnectionsOfPeer;
            _peers[peer] = count + 1;
            _open.Add(connection);
            return null;
        }
    }

    public void Remove(LogConnection connection)
    {
        var peer = PeerOf(connection.Peer.Address);
        lock (_lock)
        {
            if (!_open.Remove(connection)) return;
            if (--_peers[peer] == 0) _peers.Remove(peer);
        }
    }

    public IReadOnlyList<LogConnection> ToList()
    {
        lock (_lock) return [.. _open];
    }

    /// <summary>Who has an address of IPv6 has the network's other 2^64 as well.</summary>
    private static IPAddress PeerOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
