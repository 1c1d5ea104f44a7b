namespace ProdOps.Logging.Receiving;

/// <summary>What one listener has had. Any thread may count.</summary>
internal sealed class ListenerCounters
{
    private static readonly DropReason[] All = Enum.GetValues<DropReason>();

    private readonly long[] _dropped = new long[All.Length];
    private long _received;
    private long _stored;
    private long _cut;
    private long _connections;
    private long _refused;
    private int _open;

    public long Received => Interlocked.Read(ref _received);

    public long Stored => Interlocked.Read(ref _stored);

    public long Cut => Interlocked.Read(ref _cut);

    public long Connections => Interlocked.Read(ref _connections);

    public int OpenConnections => Volatile.Read(ref _open);

    public long Refused => Interlocked.Read(ref _refused);

    public void AddReceived(bool isCut)
    {
        Interlocked.Increment(ref _received);
        if (isCut) Interlocked.Increment(ref _cut);
    }

    public void AddStored(int lines) => Interlocked.Add(ref _stored, lines);

    public void AddConnection()
    {
        Interlocked.Increment(ref _connections);
        Interlocked.Increment(ref _open);
    }

    public void RemoveConnection() => Interlocked.Decrement(ref _open);

    /// <summary>A line is lost, or a connection was not accepted or had to be ended.</summary>
    public void Drop(DropReason reason, long count = 1)
    {
        if (IsOfConnection(reason)) Interlocked.Add(ref _refused, count);
        Interlocked.Add(ref _dropped[(int)reason], count);
    }

    /// <summary>Lines that are lost.</summary>
    public long Dropped(long byKernel)
    {
        long sum = byKernel;
        foreach (var reason in All)
        {
            if (!IsOfConnection(reason)) sum += Interlocked.Read(ref _dropped[(int)reason]);
        }

        return sum;
    }

    /// <summary>Why, for those reasons that there were.</summary>
    public IReadOnlyDictionary<string, long> Reasons(long byKernel)
    {
        var reasons = new Dictionary<string, long>(StringComparer.OrdinalIgnoreCase);
        if (byKernel > 0) reasons["ReceiveBufferFull"] = byKernel;
        foreach (var reason in All)
        {
            if (Interlocked.Read(ref _dropped[(int)reason]) is > 0 and var count) reasons[reason.ToString()] = count;
        }

        return reasons;
    }

    private static bool IsOfConnection(DropReason reason) => reason >= DropReason.ConnectionNotAllowed;
}

/// <summary>Why a line is lost or a connection ended. The names are part of the status object.</summary>
internal enum DropReason
{
    /// <summary>A datagram of a sender that is not in the list.</summary>
    NotAllowed,

    /// <summary>Too much waited to be stored already.</summary>
    StoreTooSlow,

    /// <summary>It was received and could not be stored until the end.</summary>
    NotStored,

    /// <summary>A connection of a sender that is not in the list. From here on it is about connections.</summary>
    ConnectionNotAllowed,

    TooManyConnections,
    TooManyConnectionsOfPeer,
    TlsFailed,
    CertificateRefused,
    HandshakeTimedOut,
    NotRelp,
    Idle,
}
