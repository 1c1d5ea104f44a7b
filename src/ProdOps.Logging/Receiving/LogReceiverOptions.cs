using System.Net;
using ProdOps.Logging.Receiving.Storing;
using ProdOps.Logging.Receiving.Tls;

namespace ProdOps.Logging.Receiving;

/// <summary>What a receiver listens for, and what it grants senders.</summary>
internal sealed record LogReceiverOptions
{
    /// <summary>Protocols and ports; port 0 is any that is free.</summary>
    public required IReadOnlyList<(LogReceiverProtocol Protocol, int Port)> Ports { get; init; }

    /// <summary>The addresses to listen at; without any all of the machine's, of IPv4 and IPv6.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>What TLS listeners show and ask for.</summary>
    public TlsIdentity? Tls { get; init; }

    /// <summary>Who may send; everybody where there are none.</summary>
    public IReadOnlyList<AddressRange> AllowFrom { get; init; } = [];

    /// <summary>Which server's and source's lines are whose.</summary>
    public LogNaming Naming { get; init; } = new(LogServerFrom.Message, LogSourceFrom.Syslog);

    /// <summary>The inventory.</summary>
    public ServerNaming Servers { get; init; } = ServerNaming.Plain;

    /// <summary>How many connections there may be.</summary>
    public int MaximumConnections { get; init; } = 1000;

    /// <summary>How many of them one sender may have; of IPv6, one network of 64 bits.</summary>
    public int MaximumConnectionsPerPeer { get; init; } = 100;

    /// <summary>How many servers and sources lines may be stored under.</summary>
    public int MaximumStreams { get; init; } = 4096;

    /// <summary>How many bytes of one connection may wait to be stored before it is not read further.</summary>
    public long MaximumWaitingOfConnection { get; init; } = 1024 * 1024;

    /// <summary>How many bytes that came by UDP may wait before more is dropped.</summary>
    public long MaximumWaitingOfDatagrams { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long TLS may take to begin.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A connection that has said nothing for so long is ended; <see cref="TimeSpan.Zero"/> for never, as a quiet server's connection is no fault.</summary>
    public TimeSpan IdleTimeout { get; init; }

    /// <summary>When the receiver ends, a connection that says nothing for so long has nothing under way any more.</summary>
    public TimeSpan QuietTime { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>When the receiver ends, how long what is under way is read.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>When the receiver ends, how long storing may take.</summary>
    public TimeSpan StoreTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How lines are gathered.</summary>
    public GroupCommitOptions Commit { get; init; } = new();
}
