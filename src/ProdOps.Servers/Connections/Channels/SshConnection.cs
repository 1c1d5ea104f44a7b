using System.Collections.Concurrent;
using Renci.SshNet;
using Renci.SshNet.Messages;
using Renci.SshNet.Messages.Connection;

namespace ProdOps.Servers.Connections.Channels;

/// <summary>
/// An SSH connection with somebody logged in, and its channels. SSH.NET's receiving thread hands every message here; nothing here blocks it.
/// </summary>
internal sealed class SshConnection : IAsyncDisposable
{
    private readonly Session _session;
    private readonly Func<ValueTask>? _onClosed;
    private readonly ConcurrentDictionary<uint, SshChannel> _channels = new();
    private readonly TimeProvider _time;
    private readonly KeepAliveOptions _keepAlive;
    private readonly ITimer? _timer;
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ProdOpsException? _failure;
    private long _heardAt;
    private int _unanswered;
    private uint _lastNumber;
    private int _disposed;

    /// <param name="server">The server's name, for messages.</param>
    /// <param name="session">Connected and logged in; it belongs to the connection from now on.</param>
    /// <param name="keepAlive">When to ask for a sign of life.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onClosed">Gives back the way to the server.</param>
    public SshConnection(string server, Session session, KeepAliveOptions keepAlive, TimeProvider time, Func<ValueTask>? onClosed = null)
    {
        Server = server;
        _session = session;
        _onClosed = onClosed;
        _time = time;
        _keepAlive = keepAlive;
        _heardAt = time.GetTimestamp();
        _session.ChannelOpenConfirmationReceived += (_, e) => Find(e.Message)?.OnOpened(e.Message);
        _session.ChannelOpenFailureReceived += (_, e) => Find(e.Message)?.OnRefused(e.Message);
        _session.ChannelWindowAdjustReceived += (_, e) => Find(e.Message)?.OnWindow(e.Message.BytesToAdd);
        _session.ChannelDataReceived += (_, e) => Find(e.Message)?.Output.Add(e.Message.Data.AsSpan(e.Message.Offset, e.Message.Size));
        _session.ChannelExtendedDataReceived += (_, e) => Find(e.Message)?.Error.Add(e.Message.Data);
        _session.ChannelEofReceived += (_, e) => Find(e.Message)?.OnEnd();
        _session.ChannelRequestReceived += (_, e) => Find(e.Message)?.OnRequest(e.Message);
        _session.ChannelSuccessReceived += (_, e) => Find(e.Message)?.OnAnswer(accepted: true);
        _session.ChannelFailureReceived += (_, e) => Find(e.Message)?.OnAnswer(accepted: false);
        _session.ChannelCloseReceived += (_, e) => Find(e.Message)?.OnClosed();
        _session.RequestSuccessReceived += (_, _) => Heard();
        _session.RequestFailureReceived += (_, _) => Heard();
        _session.ErrorOccured += (_, e) => Lose(e.Exception);
        _session.Disconnected += (_, _) => Lose(cause: null);
        if (keepAlive.Interval > TimeSpan.Zero) _timer = time.CreateTimer(_ => CheckLife(), state: null, keepAlive.Interval, keepAlive.Interval);
        if (!session.IsConnected) Lose(cause: null);
    }

    /// <summary>The server's name.</summary>
    public string Server { get; }

    /// <summary>False once it is lost or closed.</summary>
    public bool IsAlive => _failure is null && _session.IsConnected;

    /// <summary>Whether the user's login shell there is known to read quotes as POSIX says; the first command finds out.</summary>
    public bool QuotesAsPosix { get; set; }

    /// <summary>Completes when it is lost or closed.</summary>
    public Task Lost => _lost.Task;

    /// <summary>How many channels are open or being opened.</summary>
    public int ChannelCount => _channels.Count;

    /// <summary>Opens a channel.</summary>
    /// <exception cref="ChannelRefusedException">The server does not.</exception>
    /// <exception cref="ProdOpsException">The connection is lost.</exception>
    public async Task<SshChannel> OpenChannelAsync(ChannelOpenInfo info, CancellationToken cancellationToken)
    {
        var channel = new SshChannel(this, Interlocked.Increment(ref _lastNumber));
        _channels[channel.Number] = channel;
        // Between the look at the failure and the entry, Lose may have passed by.
        if (_failure is { } failure) channel.Finish(failure);
        try
        {
            await channel.OpenAsync(info, cancellationToken).ConfigureAwait(false);
            return channel;
        }
        catch (OperationCanceledException)
        {
            channel.Abandon();
            throw;
        }
    }

    /// <summary>Sends a message.</summary>
    /// <exception cref="ProdOpsException">The connection is lost.</exception>
    public void Send(Message message)
    {
        if (_failure is { } failure) throw failure;
        try
        {
            SessionAccess.SendMessage(_session, message);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw Lose(exception);
        }
    }

    /// <summary>Sends a message if the connection is still there: for what does not matter once it is not.</summary>
    public void TrySend(Message message)
    {
        try
        {
            Send(message);
        }
        catch (ProdOpsException)
        {
        }
    }

    public void Remove(SshChannel channel) => _channels.TryRemove(channel.Number, out _);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        if (_timer is not null) await _timer.DisposeAsync().ConfigureAwait(false);
        Lose(cause: null);
        // It says good-bye and waits for its receiving thread; never on a thread of ours that something else waits for.
        await Task.Run(_session.Dispose).ConfigureAwait(false);
        if (_onClosed is not null) await _onClosed().ConfigureAwait(false);
    }

    private SshChannel? Find(ChannelMessage message)
    {
        Heard();
        return _channels.GetValueOrDefault(message.LocalChannelNumber);
    }

    private void Heard()
    {
        Volatile.Write(ref _heardAt, _time.GetTimestamp());
        Volatile.Write(ref _unanswered, 0);
    }

    /// <summary>After a silence, asks; after several questions without an answer, the connection is dead (ServerAliveCountMax).</summary>
    private void CheckLife()
    {
        if (_failure is not null || _time.GetElapsedTime(Volatile.Read(ref _heardAt)) < _keepAlive.Interval) return;
        if (Interlocked.Increment(ref _unanswered) > _keepAlive.MaximumUnanswered)
        {
            Lose(new TimeoutException($"It has been silent for {_time.GetElapsedTime(_heardAt).TotalSeconds:0} s."));
            // Its receiving thread waits for bytes that do not come, and whoever sends waits for room that does not come either: a good-bye
            // would wait behind them until TCP gives up, so the socket goes first.
            SessionAccess.SocketOf(_session)?.Dispose();
            _ = DisposeAsync().AsTask();
            return;
        }

        // A send may block when the peer takes nothing any more; a timer's thread is not to be held up.
        _ = Task.Run(() => TrySend(new KeepAliveRequest()));
    }

    private ProdOpsException Lose(Exception? cause)
    {
        var failure = ServersErrors.ConnectionLost(Server, cause);
        if (Interlocked.CompareExchange(ref _failure, failure, null) is { } earlier) return earlier;
        foreach (var channel in _channels.Values) channel.Finish(failure);
        _lost.TrySetResult();
        return failure;
    }
}
