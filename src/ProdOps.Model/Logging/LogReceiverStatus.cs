namespace ProdOps;

/// <summary>What a log receiver has done since it began.</summary>
public sealed record LogReceiverStatus
{
    /// <summary>When this was so.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>How long the receiver had been running.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Where it listens, e.g. <c>tcp://[::]:514</c>.</summary>
    public IReadOnlyList<string> Endpoints { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How many lines came.</summary>
    public long Received { get; init; }

    /// <summary>How many of them are stored.</summary>
    public long Stored { get; init; }

    /// <summary>How many were longer than 64 KiB and are stored without their end.</summary>
    public long Cut { get; init; }

    /// <summary>How many are lost. What the system dropped counts too, as far as it tells.</summary>
    public long Dropped { get; init; }

    /// <summary>Lines received a second, since the status before; of the last one since the beginning.</summary>
    public double LinesPerSecond { get; init; }

    /// <summary>How many bytes wait to be stored.</summary>
    public long Waiting { get; init; }

    /// <summary>How many connections are open.</summary>
    public int Connections { get; init; }

    /// <summary>How many connections were refused, or ended for what they did.</summary>
    public long Refused { get; init; }

    /// <summary>Why lines cannot be stored at present; <see langword="null"/> if they can.</summary>
    public string? Failure { get; init; }

    /// <summary>The same for each place it listens at.</summary>
    public IReadOnlyList<LogListenerStatus> Listeners { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How many lines came and how many are stored.</summary>
    /// <returns>E.g. <c>12034 received, 12034 stored</c>.</returns>
    public override string ToString() => $"{Received} received, {Stored} stored";
}

/// <summary>What one listener of a log receiver has had.</summary>
public sealed record LogListenerStatus
{
    /// <summary>How lines come.</summary>
    public required LogReceiverProtocol Protocol { get; init; }

    /// <summary>Where it listens, e.g. <c>tcp://[::]:514</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The port.</summary>
    public required int Port { get; init; }

    /// <summary>How many lines came.</summary>
    public long Received { get; init; }

    /// <summary>How many of them are stored.</summary>
    public long Stored { get; init; }

    /// <summary>How many were longer than 64 KiB and are stored without their end.</summary>
    public long Cut { get; init; }

    /// <summary>How many are lost.</summary>
    public long Dropped { get; init; }

    /// <summary>How many connections are open.</summary>
    public int Connections { get; init; }

    /// <summary>How many connections there have been.</summary>
    public long Accepted { get; init; }

    /// <summary>How many were refused, or ended for what they did.</summary>
    public long Refused { get; init; }

    /// <summary>Why lines are lost and connections refused, and how many each.</summary>
    public IReadOnlyDictionary<string, long> Reasons { get; init; } = new Dictionary<string, long>();

    /// <summary>Where it listens.</summary>
    /// <returns><see cref="Endpoint"/>.</returns>
    public override string ToString() => Endpoint;
}

/// <summary>How log lines come to a receiver.</summary>
public enum LogReceiverProtocol
{
    /// <summary>Syslog, a message a datagram (RFC 5426).</summary>
    Udp,

    /// <summary>Syslog over TCP (RFC 6587).</summary>
    Tcp,

    /// <summary>Syslog over TLS (RFC 5425).</summary>
    Tls,

    /// <summary>RELP: each line is acknowledged when it is stored.</summary>
    Relp,

    /// <summary>RELP over TLS.</summary>
    RelpTls,
}

/// <summary>Where the server's name of a received line comes from.</summary>
public enum LogServerFrom
{
    /// <summary>From the message; from the sender where the message does not say.</summary>
    Message,

    /// <summary>From the sender's address.</summary>
    Peer,
}

/// <summary>Where the source's name of a received line comes from.</summary>
public enum LogSourceFrom
{
    /// <summary>All are of the source <c>syslog</c>.</summary>
    Syslog,

    /// <summary>The program that the message names.</summary>
    Program,
}
