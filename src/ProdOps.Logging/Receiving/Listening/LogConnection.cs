using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using ProdOps.Logging.Receiving.Protocol;
using ProdOps.Logging.Receiving.Storing;

namespace ProdOps.Logging.Receiving.Listening;

/// <summary>
/// One connection, from its beginning to its end. While nothing comes it holds no buffer, or one as large as the piece of a message that it has; while too much of it
/// waits to be stored it is not read, so the sender has to wait.
/// </summary>
internal sealed class LogConnection
{
    private const int SmallestBuffer = 4096;

    private readonly ReceiverContext _context;
    private readonly LogReceiverProtocol _protocol;
    private readonly Socket _socket;
    private readonly LineOrigin _origin;
    private readonly CancellationTokenSource _noMore = new();
    private byte[] _buffer = [];
    private int _length;
    private long _lastRead;
    private volatile bool _isReading;
    private volatile bool _isStopping;
    private bool _isIdle;
    private volatile Stream? _stream;

    public LogConnection(ReceiverContext context, LogReceiverProtocol protocol, Socket socket, LogPeer peer, ListenerCounters counters)
    {
        _context = context;
        _protocol = protocol;
        _socket = socket;
        Peer = peer;
        _origin = new LineOrigin(counters, context.Options.MaximumWaitingOfConnection, isAcknowledged: IsRelp);
        _lastRead = context.Time.GetTimestamp();
    }

    public LogPeer Peer { get; }

    private bool IsRelp => _protocol is LogReceiverProtocol.Relp or LogReceiverProtocol.RelpTls;

    private bool IsTls => _protocol is LogReceiverProtocol.Tls or LogReceiverProtocol.RelpTls;

    /// <summary>Serves the connection until it ends. It never throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            using var stream = await OpenAsync().ConfigureAwait(false);
            _stream = stream;
            if (stream is not null) await ServeAsync(stream).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // The sender went away, or the receiver did not wait for it any longer.
            _context.Activity.Verbose($"The connection of {Peer.Address} ended: {exception.Message}");
        }
        finally
        {
            Keep(0);
            _socket.Dispose();
            _noMore.Dispose();
        }
    }

    /// <summary>
    /// Asks for the end, again and again until it comes. A sender of plain syslog is told that nobody listens any more, and what it has sent is read; one of RELP sends again what it has no answer to.
    /// </summary>
    public void Stop()
    {
        // While hands are shaken it is too soon to tell: what the sender sends behind that is read, too.
        if (_isStopping || (!IsRelp && _stream is null)) return;
        _isStopping = true;
        try
        {
            if (IsRelp) _noMore.Cancel();
            else if (_stream is SslStream tls) _ = EndTlsAsync(tls);
            else _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is over already.
        }
    }

    /// <summary>Whether nothing came for a time, and nothing that came is still to be read.</summary>
    public bool IsQuiet(TimeSpan time) => (_isReading || _stream is null) && _context.Time.GetElapsedTime(Volatile.Read(ref _lastRead)) >= time;

    /// <summary>Ends it now. What the system has received of it is read if <paramref name="reading"/>.</summary>
    public void Close(bool reading)
    {
        try
        {
            // Reading then yields what is there, and the end after it (Linux: tcp_recvmsg).
            if (reading && !OperatingSystem.IsWindows()) _socket.Shutdown(SocketShutdown.Receive);
            else _socket.Dispose();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is over already.
        }
    }

    /// <summary>Ends it if nothing came for a time.</summary>
    public void CloseIdle(TimeSpan time)
    {
        if (_isIdle || !_isReading || !IsQuiet(time)) return;
        _isIdle = true;
        _origin.Counters.Drop(DropReason.Idle);
        Close(reading: false);
    }

    private async Task<Stream?> OpenAsync()
    {
        var plain = new NetworkStream(_socket, ownsSocket: false);
        if (!IsTls) return plain;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_noMore.Token);
        limit.CancelAfter(_context.Options.HandshakeTimeout);
        var tls = new SslStream(plain, leaveInnerStreamOpen: false);
        bool isRefused = false;
        try
        {
            await tls.AuthenticateAsServerAsync(_context.Options.Tls!.CreateOptions(Peer.Address.ToString(), _context.Activity, () => isRefused = true), limit.Token).ConfigureAwait(false);
            return tls;
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or NotSupportedException)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            bool isLate = limit.IsCancellationRequested && !_noMore.IsCancellationRequested;
            _origin.Counters.Drop(isRefused ? DropReason.CertificateRefused : isLate ? DropReason.HandshakeTimedOut : DropReason.TlsFailed);
            _context.Activity.Verbose($"TLS with {Peer.Address} did not come about: {(isLate ? "it took too long" : (exception.InnerException ?? exception).Message)}");
            return null;
        }
    }

    private async Task ServeAsync(Stream stream)
    {
        var cursor = _context.Streams.OpenCursor(Peer, _origin);
        if (!IsRelp)
        {
            await ReadAsync(stream, new SyslogReader(cursor)).ConfigureAwait(false);
            return;
        }

        var relp = new RelpReader(cursor, stream, () => Close(reading: false));
        var writing = Task.Run(relp.WriteAsync);
        bool isHurried = true;
        try
        {
            await ReadAsync(stream, relp).ConfigureAwait(false);
            if (relp.IsInvalid) _origin.Counters.Drop(DropReason.NotRelp);
            isHurried = false;
        }
        finally
        {
            relp.Complete(isHurried);
            if (await writing.ConfigureAwait(false) && !isHurried) await EndRelpAsync(stream).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(Stream stream, IMessageReader reader)
    {
        bool isEnd = false;
        while (!isEnd)
        {
            await _context.Commit.WaitForRoomAsync(_origin).ConfigureAwait(false);
            try
            {
                // Nothing is held for a connection that is silent: first it is waited for that something comes.
                Keep(_length);
                _isReading = true;
                await stream.ReadAsync(Memory<byte>.Empty, IsRelp ? _noMore.Token : CancellationToken.None).ConfigureAwait(false);
                Enlarge();
                int count = await stream.ReadAsync(_buffer.AsMemory(_length, SyslogFramer.BufferSize - _length), IsRelp ? _noMore.Token : CancellationToken.None).ConfigureAwait(false);
                _isReading = false;
                isEnd = count == 0;
                _length += count;
                if (count > 0) Volatile.Write(ref _lastRead, _context.Time.GetTimestamp());
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // However a connection ends, what came before is kept.
                isEnd = true;
                if (!_isStopping) _context.Activity.Verbose($"The connection of {Peer.Address} broke off: {exception.Message}");
            }

            if (!reader.Take(_buffer.AsSpan(0, _length), isEnd, out int consumed)) return;
            _buffer.AsSpan(consumed, _length - consumed).CopyTo(_buffer);
            _length -= consumed;
            await reader.WaitAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Gives the buffer back, or most of it: a sender that stops within a message does not keep 64 KiB.</summary>
    private void Keep(int length)
    {
        if (_buffer.Length == 0 || (length > 0 && _buffer.Length <= Math.Max(SmallestBuffer, length * 2))) return;
        byte[] kept = length == 0 ? [] : ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBuffer, length));
        _buffer.AsSpan(0, length).CopyTo(kept);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = kept;
    }

    private void Enlarge()
    {
        if (_buffer.Length >= SyslogFramer.BufferSize) return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(SyslogFramer.BufferSize);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private async Task EndTlsAsync(SslStream tls)
    {
        try
        {
            await tls.ShutdownAsync().ConfigureAwait(false);
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It is over already.
        }
    }

    /// <summary>Says that the session is over, and waits a moment for the sender to hear it: closed with something unread, the last answers might not arrive.</summary>
    private async Task EndRelpAsync(Stream stream)
    {
        await stream.WriteAsync(RelpSession.ServerClose.ToArray(), CancellationToken.None).ConfigureAwait(false);
        if (stream is SslStream tls) await tls.ShutdownAsync().ConfigureAwait(false);
        _socket.Shutdown(SocketShutdown.Send);
        using var limit = new CancellationTokenSource(_context.Options.QuietTime);
        byte[] unread = ArrayPool<byte>.Shared.Rent(SmallestBuffer);
        try
        {
            while (await _socket.ReceiveAsync(unread.AsMemory(), SocketFlags.None, limit.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(unread);
        }
    }
}
