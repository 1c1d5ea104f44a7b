using System.Net;
using System.Net.Sockets;
using ProdOps.Logging.Receiving.Storing;

namespace ProdOps.Logging.Receiving.Listening;

/// <summary>Takes datagrams, a message each. Nothing can make their senders wait: what is too much is dropped and counted.</summary>
internal sealed class DatagramListener : ILogListener
{
    private const int MaximumLength = 64 * 1024;
    private const int MaximumSenders = 4096;

    private readonly ReceiverContext _context;
    private readonly Socket _socket;
    private readonly LineOrigin _origin;
    private readonly Dictionary<SocketAddress, Sender> _senders = [];
    private readonly long _inode;

    public DatagramListener(ReceiverContext context, Socket socket)
    {
        _context = context;
        _socket = socket;
        _origin = new LineOrigin(Counters, context.Options.MaximumWaitingOfDatagrams, isAcknowledged: false);
        _inode = UdpDrops.InodeOf(socket);
        Endpoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    public LogReceiverProtocol Protocol => LogReceiverProtocol.Udp;

    public IPEndPoint Endpoint { get; }

    public ListenerCounters Counters { get; } = new();

    public long DroppedByKernel => _last = Math.Max(_last, UdpDrops.Of(_inode));

    // When the socket is closed the system does not tell any more.
    private long _last;

    public Task ConnectionsEnded => Task.CompletedTask;

    public async Task RunAsync(CancellationToken stop)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(MaximumLength, pinned: true);
        var from = new SocketAddress(_socket.AddressFamily);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    int length = await _socket.ReceiveFromAsync(buffer.AsMemory(), SocketFlags.None, from, stop).ConfigureAwait(false);
                    Take(buffer.AsSpan(0, length), from);
                }
                catch (SocketException exception)
                {
                    // An answer to nobody that came back (Windows), or no memory for a moment.
                    _context.Activity.Verbose($"A datagram could not be received: {exception.Message}");
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The end.
        }

        TakeRest(buffer, from);
        _ = DroppedByKernel;
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>What the system has received until now.</summary>
    private void TakeRest(byte[] buffer, SocketAddress from)
    {
        long begun = _context.Time.GetTimestamp();
        try
        {
            while (_socket.Poll(0, SelectMode.SelectRead) && _context.Time.GetElapsedTime(begun) < _context.Options.StopTimeout)
                Take(buffer.AsSpan(0, _socket.ReceiveFrom(buffer.AsSpan(), SocketFlags.None, from)), from);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            _context.Activity.Verbose($"A datagram could not be received: {exception.Message}");
        }
    }

    private void Take(ReadOnlySpan<byte> message, SocketAddress from)
    {
        var sender = Find(from);
        if (sender.Cursor is null) Counters.Drop(DropReason.NotAllowed);
        else if (_context.Commit.IsFull(_origin)) Counters.Drop(DropReason.StoreTooSlow);
        else sender.Cursor.Append(message, isCut: false);
    }

    private Sender Find(SocketAddress from)
    {
        if (_senders.TryGetValue(from, out var known)) return known;
        // Forged senders are as many as anybody likes.
        if (_senders.Count >= MaximumSenders) _senders.Clear();
        var address = new SocketAddress(from.Family, from.Size);
        from.Buffer.Span[..from.Size].CopyTo(address.Buffer.Span);
        var peer = _context.Options.Servers.PeerAt(((IPEndPoint)Endpoint.Create(address)).Address);
        return _senders[address] = new Sender(_context.IsAllowed(peer.Address) ? _context.Streams.OpenCursor(peer, _origin) : null);
    }

    /// <param name="Cursor">Takes what it sends; <see langword="null"/> if it may not send.</param>
    private sealed record Sender(StreamTable.Cursor? Cursor);
}
