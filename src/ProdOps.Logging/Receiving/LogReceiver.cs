using System.Net;
using System.Net.Sockets;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Receiving.Listening;
using ProdOps.Logging.Receiving.Storing;

namespace ProdOps.Logging.Receiving;

/// <summary>
/// Receives syslog and RELP and stores it. It listens from when it is made until it is stopped, whatever senders do and whether lines can be stored or not.
/// </summary>
internal sealed class LogReceiver
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly ReceiverContext _context;
    private readonly IReadOnlyList<ILogListener> _listeners;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly long _begun;

    private LogReceiver(ReceiverContext context, IReadOnlyList<ILogListener> listeners)
    {
        _context = context;
        _listeners = listeners;
        _begun = context.Time.GetTimestamp();
        foreach (var listener in listeners)
        {
            context.Activity.Verbose($"Listening at {EndpointOf(listener)}.");
            _running.Add(Task.Run(() => listener.RunAsync(_stop.Token)));
        }

        if (context.Options.IdleTimeout > TimeSpan.Zero) _running.Add(Task.Run(() => WatchIdleAsync(_stop.Token)));
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="options">For what.</param>
    /// <param name="sink">Where lines are stored.</param>
    /// <param name="activity">Told what happens.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ProdOpsException">A port is taken, or not for this user; then it listens nowhere.</exception>
    public static LogReceiver Start(LogReceiverOptions options, ILogSink sink, IActivity activity, TimeProvider time)
    {
        if (options.Ports.Count == 0) throw LoggingErrors.ReceiverWithoutPort();
        if (options.Tls is null && options.Ports.Any(port => port.Protocol is LogReceiverProtocol.Tls or LogReceiverProtocol.RelpTls)) throw LoggingErrors.ReceiverCertificateMissing();
        var sockets = new List<(LogReceiverProtocol Protocol, Socket Socket)>();
        try
        {
            foreach (var (protocol, port) in options.Ports)
            {
                foreach (var address in options.Addresses.Count == 0 ? [null] : options.Addresses.Cast<IPAddress?>()) sockets.Add((protocol, ListenSocket.Open(protocol, address, port)));
            }
        }
        catch
        {
            foreach (var (_, socket) in sockets) socket.Dispose();
            throw;
        }

        var context = new ReceiverContext(options, new GroupCommit(sink, options.Commit, activity, time), activity, time);
        return new LogReceiver(context, [.. sockets.Select(ILogListener (open) =>
            open.Protocol == LogReceiverProtocol.Udp ? new DatagramListener(context, open.Socket) : new ConnectionListener(context, open.Protocol, open.Socket))]);
    }

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<(LogReceiverProtocol Protocol, IPEndPoint Endpoint)> Endpoints => [.. _listeners.Select(listener => (listener.Protocol, listener.Endpoint))];

    /// <summary>What it has done until now.</summary>
    /// <param name="before">The status that the rate counts from; <see langword="null"/> for the beginning.</param>
    public LogReceiverStatus GetStatus(LogReceiverStatus? before = null)
    {
        LogListenerStatus[] listeners = [.. _listeners.Select(StatusOf)];
        long received = listeners.Sum(listener => listener.Received);
        var elapsed = _context.Time.GetElapsedTime(_begun);
        double seconds = (elapsed - (before?.Elapsed ?? TimeSpan.Zero)).TotalSeconds;
        double rate = seconds > 0 ? (received - (before?.Received ?? 0)) / seconds : 0;
        return new LogReceiverStatus
        {
            Time = _context.Time.GetUtcNow(),
            Elapsed = elapsed,
            Endpoints = listeners.Select(listener => listener.Endpoint).ToArray(),
            Received = received,
            Stored = listeners.Sum(listener => listener.Stored),
            Cut = listeners.Sum(listener => listener.Cut),
            Dropped = listeners.Sum(listener => listener.Dropped),
            LinesPerSecond = Math.Round(rate, 1),
            Waiting = _context.Commit.Waiting,
            Connections = listeners.Sum(listener => listener.Connections),
            Refused = listeners.Sum(listener => listener.Refused),
            Failure = _context.Commit.Health.Failure,
            Listeners = listeners,
        };
    }

    /// <summary>
    /// Ends: no new connection is accepted, senders of TCP are told, what they and those of UDP have sent is read for a bounded time, and all of it is stored.
    /// </summary>
    /// <exception cref="ProdOpsException">Lines could not be stored.</exception>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running).ConfigureAwait(false);
        await EndConnectionsAsync().ConfigureAwait(false);
        await _context.Commit.DrainAsync(_context.Options.StoreTimeout).ConfigureAwait(false);
        string? failure = _context.Commit.Health.Failure;
        foreach (var connection in _context.Connections.ToList()) connection.Close(reading: false);
        await _context.Commit.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_listeners.Select(listener => listener.ConnectionsEnded)).ConfigureAwait(false);
        _stop.Dispose();
        long lost = _listeners.Sum(listener => listener.Counters.Reasons(0).GetValueOrDefault(nameof(DropReason.NotStored)));
        if (lost > 0) throw LoggingErrors.ReceiverLinesLost(lost, failure ?? "it took too long");
    }

    private async Task EndConnectionsAsync()
    {
        var ended = Task.WhenAll(_listeners.Select(listener => listener.ConnectionsEnded));
        long begun = _context.Time.GetTimestamp();
        while (!ended.IsCompleted && _context.Time.GetElapsedTime(begun) < _context.Options.StopTimeout)
        {
            foreach (var connection in _context.Connections.ToList())
            {
                connection.Stop();
                if (_context.Time.GetElapsedTime(begun) >= _context.Options.QuietTime && connection.IsQuiet(_context.Options.QuietTime)) connection.Close(reading: true);
            }

            await Task.WhenAny(ended, Task.Delay(Tick, _context.Time)).ConfigureAwait(false);
        }

        foreach (var connection in _context.Connections.ToList()) connection.Close(reading: true);
        await Task.WhenAny(ended, Task.Delay(_context.Options.QuietTime, _context.Time)).ConfigureAwait(false);
    }

    private async Task WatchIdleAsync(CancellationToken stop)
    {
        var limit = _context.Options.IdleTimeout;
        using var timer = new PeriodicTimer(TimeSpan.FromTicks(Math.Clamp(limit.Ticks / 4, TimeSpan.TicksPerMillisecond * 20, TimeSpan.TicksPerSecond * 10)), _context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                foreach (var connection in _context.Connections.ToList()) connection.CloseIdle(limit);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private static LogListenerStatus StatusOf(ILogListener listener)
    {
        long byKernel = listener.DroppedByKernel;
        return new LogListenerStatus
        {
            Protocol = listener.Protocol,
            Endpoint = EndpointOf(listener),
            Port = listener.Endpoint.Port,
            Received = listener.Counters.Received,
            Stored = listener.Counters.Stored,
            Cut = listener.Counters.Cut,
            Dropped = listener.Counters.Dropped(byKernel),
            Connections = listener.Counters.OpenConnections,
            Accepted = listener.Counters.Connections,
            Refused = listener.Counters.Refused,
            Reasons = listener.Counters.Reasons(byKernel),
        };
    }

    private static string EndpointOf(ILogListener listener) => $"{listener.Protocol switch
    {
        LogReceiverProtocol.Udp => "udp",
        LogReceiverProtocol.Tcp => "tcp",
        LogReceiverProtocol.Tls => "tls",
        LogReceiverProtocol.Relp => "relp",
        _ => "relp+tls",
    }}://{listener.Endpoint}";
}
