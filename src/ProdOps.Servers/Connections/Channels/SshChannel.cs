using ProdOps.Servers.Commands;
using Renci.SshNet.Messages.Connection;

namespace ProdOps.Servers.Connections.Channels;

/// <summary>
/// A channel of a connection (RFC 4254, 5). Both directions have flow control: the server may send what the window allows, and the window
/// is opened again only by what was read; we send what the server's window allows, and wait without a thread for more.
/// </summary>
internal sealed class SshChannel
{
    /// <summary>OpenSSH's own window: enough for 160 Mbit/s over 100 ms.</summary>
    public const int Window = 2 * 1024 * 1024;

    private const int PacketSize = 32 * 1024;
    private const string ExecRequestName = "exec";

    private readonly SshConnection _connection;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<CommandExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _windowGrew;
    private uint _remoteNumber;
    private uint _remoteWindow;
    private uint _remotePacketSize;
    private int _unread;
    private bool _confirmed;
    private bool _endSent;
    private bool _closeSent;

    public SshChannel(SshConnection connection, uint number)
    {
        _connection = connection;
        Number = number;
        Output = new ChannelReadStream(GiveBack);
        Error = new ChannelReadStream(GiveBack);
        Input = new ChannelWriteStream(this);
    }

    /// <summary>Our number for it.</summary>
    public uint Number { get; }

    public ChannelReadStream Output { get; }

    public ChannelReadStream Error { get; }

    public ChannelWriteStream Input { get; }

    /// <summary>How the command ended; fails when the connection is lost before that is known.</summary>
    public Task<CommandExit> Exit => _exit.Task;

    /// <summary>Completes when the server has closed it, or the connection is lost.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Asks the server to open it, and waits for the answer.</summary>
    /// <exception cref="ChannelRefusedException">The server does not.</exception>
    public async Task OpenAsync(ChannelOpenInfo info, CancellationToken cancellationToken)
    {
        _connection.Send(new ChannelOpenMessage(Number, Window, PacketSize, info));
        await _opened.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a command. The answer is awaited by <see cref="WaitAcceptedAsync"/>, so that input may be sent meanwhile.</summary>
    public void Execute(string command) => _connection.Send(new ChannelRequestMessage(_remoteNumber, new ExecRequest(command)));

    /// <summary>Asks for a subsystem. The answer is awaited by <see cref="WaitAcceptedAsync"/>.</summary>
    public void StartSubsystem(string name) => _connection.Send(new ChannelRequestMessage(_remoteNumber, new SubsystemRequest(name)));

    /// <summary>Whether the server has started the command or the subsystem.</summary>
    public Task<bool> WaitAcceptedAsync(CancellationToken cancellationToken) => _accepted.Task.WaitAsync(cancellationToken);

    /// <summary>Has the server send a signal to the command's process group; nothing tells whether it did.</summary>
    public void SendSignal(string signal)
    {
        lock (_lock) if (_confirmed && !_closeSent && !_closed.Task.IsCompleted) _connection.TrySend(new ChannelRequestMessage(_remoteNumber, new SignalRequest(signal)));
    }

    /// <summary>Takes a part of the server's window for sending, waiting until there is some.</summary>
    /// <exception cref="IOException">The server takes no more.</exception>
    public async ValueTask<int> ReserveAsync(int wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task grew;
            lock (_lock)
            {
                if (_closed.Task.IsCompleted || _closeSent || _endSent) throw new IOException("The command takes no more input.");
                if (_remoteWindow > 0)
                {
                    int length = (int)Math.Min((uint)wanted, Math.Min(_remoteWindow, Math.Min(_remotePacketSize, PacketSize)));
                    _remoteWindow -= (uint)length;
                    return length;
                }

                grew = (_windowGrew ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await grew.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends what <see cref="ReserveAsync"/> allowed.</summary>
    public void SendData(byte[] bytes, int offset, int length)
    {
        try
        {
            _connection.Send(new ChannelDataMessage(_remoteNumber, bytes, offset, length));
        }
        catch (ProdOpsException lost)
        {
            // Who writes to a command that is gone gets what a broken pipe gives; who reads gets the reason.
            throw new IOException(lost.Message, lost);
        }
    }

    /// <summary>Tells the server that no more input comes.</summary>
    public void SendEnd() => SendOnce(ref _endSent, () => new ChannelEofMessage(_remoteNumber));

    /// <summary>Closes our side. What still arrives is thrown away.</summary>
    public void Close()
    {
        SendOnce(ref _closeSent, () => new ChannelCloseMessage(_remoteNumber));
        Output.Dispose();
        Error.Dispose();
        SignalWindow();
    }

    public void OnOpened(ChannelOpenConfirmationMessage message)
    {
        (_remoteNumber, _remoteWindow, _remotePacketSize) = (message.RemoteChannelNumber, message.InitialWindowSize, message.MaximumPacketSize);
        lock (_lock) _confirmed = true;
        // Whoever asked may have stopped waiting; then nobody closes it but us.
        if (!_opened.TrySetResult()) Close();
    }

    public void OnRefused(ChannelOpenFailureMessage message)
    {
        _opened.TrySetException(new ChannelRefusedException(message.ReasonCode, message.Description));
        Finish(failure: null);
    }

    /// <summary>Gives up on an opening that the server has not answered.</summary>
    public void Abandon()
    {
        if (!_opened.TrySetCanceled()) Close();
    }

    public void OnAnswer(bool accepted) => _accepted.TrySetResult(accepted);

    public void OnWindow(uint more)
    {
        lock (_lock) _remoteWindow = (uint)Math.Min(uint.MaxValue, (ulong)_remoteWindow + more);
        SignalWindow();
    }

    public void OnRequest(ChannelRequestMessage message)
    {
        switch (message.RequestName)
        {
            case "exit-status" when ExitMessages.ReadStatus(message.RequestData) is { } code:
                _exit.TrySetResult(new CommandExit(code));
                break;
            case "exit-signal" when ExitMessages.ReadSignal(message.RequestData) is { } signal:
                _exit.TrySetResult(new CommandExit(SignalNumbers.ExitCode(signal), signal));
                break;
            case not ExecRequestName when message.RequestData is [not 0, ..]:
                // keepalive@openssh.com for one: any answer will do, none ends the connection.
                _connection.TrySend(new ChannelFailureMessage(_remoteNumber));
                break;
        }
    }

    public void OnEnd()
    {
        Output.End(failure: null);
        Error.End(failure: null);
    }

    public void OnClosed()
    {
        SendOnce(ref _closeSent, () => new ChannelCloseMessage(_remoteNumber));
        Finish(failure: null);
    }

    /// <summary>The end of everything: the channel was closed, or the connection lost.</summary>
    public void Finish(Exception? failure)
    {
        Output.End(failure);
        Error.End(failure);
        if (failure is null)
        {
            _accepted.TrySetResult(false);
            // RFC 4254 lets a server say nothing about the end.
            _exit.TrySetResult(new CommandExit(255));
        }
        else
        {
            _opened.TrySetException(failure);
            _accepted.TrySetException(failure);
            _exit.TrySetException(failure);
            _ = (_opened.Task.Exception, _accepted.Task.Exception, _exit.Task.Exception);
        }

        lock (_lock) _closed.TrySetResult();
        SignalWindow();
        _connection.Remove(this);
    }

    private void SendOnce(ref bool sent, Func<ChannelMessage> message)
    {
        lock (_lock)
        {
            if (sent || _closeSent || !_confirmed || _closed.Task.IsCompleted) return;
            sent = true;
            _connection.TrySend(message());
        }
    }

    private void GiveBack(int length)
    {
        int more;
        lock (_lock)
        {
            _unread += length;
            if (_unread < Window / 4 || _closeSent || _closed.Task.IsCompleted) return;
            more = _unread;
            _unread = 0;
        }

        _connection.TrySend(new ChannelWindowAdjustMessage(_remoteNumber, (uint)more));
    }

    private void SignalWindow()
    {
        TaskCompletionSource? grew;
        lock (_lock) (grew, _windowGrew) = (_windowGrew, null);
        grew?.TrySetResult();
    }
}
