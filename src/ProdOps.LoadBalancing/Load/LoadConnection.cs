using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace ProdOps.LoadBalancing.Load;

/// <summary>
/// One of a client's connections: one request after the other, each sent once. A connection that the server has ended while nothing was under way is replaced, as every client does;
/// one that ends under a request is that request's failure, which clients that repeat hide.
/// </summary>
internal sealed class LoadConnection : IDisposable
{
    // For how long a server that was told to close is waited for, so that the port stays its own to wait with (RFC 9293, section 3.6.1).
    private static readonly TimeSpan CloseLimit = TimeSpan.FromMilliseconds(200);
    private const int KeptBody = 64 * 1024;

    private readonly LoadOptions _options;
    private readonly LoadStatistics _statistics;
    private readonly EndPoint _endPoint;
    private readonly SslClientAuthenticationOptions? _tls;
    private readonly TimeProvider _time;
    private readonly ResponseParser _parser;
    private readonly LimitedBody? _body;
    private readonly byte[] _request;
    private readonly Range[] _ids;
    private readonly byte[] _buffer = new byte[2 * ResponseParser.MaximumLine];
    private readonly long _timeout;
    private Socket? _socket;
    private Stream? _stream;
    private bool _isUsed;
    private long _deadline;

    public LoadConnection(LoadOptions options, string run, EndPoint endPoint, LoadStatistics statistics, TimeProvider time)
    {
        _options = options;
        _statistics = statistics;
        _endPoint = endPoint;
        _time = time;
        _timeout = (long)(options.Timeout.TotalSeconds * time.TimestampFrequency);
        _parser = new ResponseParser(options.Method == "HEAD", options.ServerHeaders, options.ServerCookie);
        _body = options.Contains is null ? null : new LimitedBody(KeptBody);
        (_request, _ids) = LoadRequestText.Of(options, run);
        if (options.Url.Scheme == Uri.UriSchemeHttps)
        {
            _tls = new SslClientAuthenticationOptions
            {
                TargetHost = options.HostName ?? options.Url.IdnHost,
                CertificateChainPolicy = options.Tls?.CertificateChainPolicy,
                RemoteCertificateValidationCallback = options.Tls?.RemoteCertificateValidationCallback,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
            };
        }
    }

    /// <summary>Sends a request and counts how it ends.</summary>
    /// <param name="due">When it was due: answers are timed from then.</param>
    public async Task SendAsync(long due)
    {
        long number = _statistics.Number(), waited = _time.GetTimestamp() - due;
        Interlocked.Exchange(ref _deadline, Math.Max(1, due + _timeout));
        var (outcome, failure) = await TryAsync(number).ConfigureAwait(false);
        // Who finds the deadline taken was ended by it, whatever it looked like from within.
        bool expired = Interlocked.Exchange(ref _deadline, 0) == 0;
        // One that had spent its time waiting for a free connection was not refused one, although it ended while it connected.
        if (expired && outcome == LoadOutcome.ConnectFailure && waited > _timeout / 2) (outcome, failure) = (LoadOutcome.Timeout, LoadText.NoConnection(_options.Timeout));
        else if (expired && outcome is not (LoadOutcome.Good or LoadOutcome.ConnectFailure)) (outcome, failure) = (LoadOutcome.Timeout, LoadText.NoAnswer(_options.Timeout, _parser.HasBegun));
        _statistics.Add(outcome, due, _parser.Server, failure);
        if (expired || outcome is not (LoadOutcome.Good or LoadOutcome.ServerError or LoadOutcome.Wrong) || !_parser.KeepsAlive || !_parser.IsComplete) Close();
        else if (_options.Close) await FinishAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the request that is under way if its time is over. Called from the pacer's thread.</summary>
    public void Expire(long now)
    {
        long deadline = Interlocked.Read(ref _deadline);
        // The next request may have taken its place meanwhile: then the deadline is another one, or it is over for that one, too.
        if (deadline == 0 || now < deadline || Interlocked.CompareExchange(ref _deadline, 0, deadline) != deadline) return;
        Volatile.Read(ref _socket)?.Dispose();
    }

    public void Dispose() => Close();

    private async ValueTask<(LoadOutcome Outcome, string? Failure)> TryAsync(long number)
    {
        _parser.Reset();
        _body?.Clear();
        if (_stream is not null && IsOver()) Close();
        if (_stream is null)
        {
            try
            {
                await ConnectAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (IsOfNetwork(error))
            {
                return (LoadOutcome.ConnectFailure, LoadText.Connecting(error, Volatile.Read(ref _deadline) == 0, _options.Timeout));
            }
        }

        bool isReused = _isUsed;
        try
        {
            foreach (var id in _ids) RequestId.Renumber(_request.AsSpan(id), number);
            await _stream!.WriteAsync(_request).ConfigureAwait(false);
            await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (IsOfNetwork(error))
        {
            return (isReused ? LoadOutcome.ResetOnReused : LoadOutcome.ResetOnFresh, LoadText.Reset(error, isReused, _parser.HasBegun));
        }

        if (_parser.Problem is { } problem) return (LoadOutcome.Wrong, $"no answer of HTTP: {problem}");
        if (!_parser.IsComplete) return (isReused ? LoadOutcome.ResetOnReused : LoadOutcome.ResetOnFresh, LoadText.Reset(null, isReused, _parser.HasBegun));
        _isUsed = true;
        if (_parser.Status >= 500) return (LoadOutcome.ServerError, LoadText.Status(_parser.Status));
        if (_parser.Status >= 400) return (LoadOutcome.Wrong, LoadText.Status(_parser.Status));
        return _body is not null && !_body.Holds(_options.Contains!) ? (LoadOutcome.Wrong, $"{_parser.Status}, without '{_options.Contains}'") : (LoadOutcome.Good, null);
    }

    private async Task ReadAsync()
    {
        int filled = 0;
        while (true)
        {
            int read = await _stream!.ReadAsync(_buffer.AsMemory(filled)).ConfigureAwait(false);
            if (read == 0)
            {
                _parser.End();
                return;
            }

            filled += read;
            int taken = _parser.Read(_buffer.AsSpan(0, filled), _body);
            if (_parser.IsComplete || _parser.Problem is not null) return;
            filled -= taken;
            if (filled > 0 && taken > 0) _buffer.AsSpan(taken, filled).CopyTo(_buffer);
        }
    }

    private async Task ConnectAsync()
    {
        var socket = new Socket(_endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Volatile.Write(ref _socket, socket);
        Interlocked.MemoryBarrier();
        // The time may have been over before there was a socket to dispose of.
        if (Interlocked.Read(ref _deadline) == 0) socket.Dispose();
        _isUsed = false;
        await socket.ConnectAsync(_endPoint).ConfigureAwait(false);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (_tls is not null)
        {
            var secure = new SslStream(stream);
            stream = secure;
            try
            {
                await secure.AuthenticateAsClientAsync(_tls).ConfigureAwait(false);
            }
            catch
            {
                await secure.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        _stream = stream;
    }

    /// <summary>True if the server has ended the connection, or has said what nobody asked, while nothing was under way. Of a new one TLS has things to say by itself.</summary>
    private bool IsOver()
    {
        try
        {
            return _isUsed && _socket!.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception error) when (IsOfNetwork(error))
        {
            return true;
        }
    }

    private async Task FinishAsync()
    {
        using var limit = new CancellationTokenSource(CloseLimit, _time);
        try
        {
            while (await _stream!.ReadAsync(_buffer, limit.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception error) when (error is OperationCanceledException || IsOfNetwork(error))
        {
            // It has had its time.
        }

        Close();
    }

    private void Close()
    {
        _stream?.Dispose();
        _stream = null;
        Interlocked.Exchange(ref _socket, null)?.Dispose();
    }

    private static bool IsOfNetwork(Exception error) => error is SocketException or IOException or ObjectDisposedException or AuthenticationException or OperationCanceledException;

    /// <summary>The beginning of an answer's body.</summary>
    private sealed class LimitedBody(int limit) : IBufferWriter<byte>
    {
        private readonly ArrayBufferWriter<byte> _kept = new(1024);
        private byte[] _passed = [];

        public void Clear() => _kept.ResetWrittenCount();

        public bool Holds(string text) => _kept.WrittenSpan.IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

        public void Advance(int count)
        {
            if (_kept.WrittenCount < limit) _kept.Advance(count);
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => _kept.WrittenCount < limit ? _kept.GetMemory(sizeHint) : Passed(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        private byte[] Passed(int size) => _passed.Length >= Math.Max(1, size) ? _passed : _passed = new byte[Math.Max(4096, size)];
    }
}
