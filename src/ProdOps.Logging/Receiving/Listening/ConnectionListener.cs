using System.Net;
using System.Net.Sockets;

namespace ProdOps.Logging.Receiving.Listening;

/// <summary>Accepts connections of plain syslog or RELP, with or without TLS.</summary>
internal sealed class ConnectionListener(ReceiverContext context, LogReceiverProtocol protocol, Socket socket) : ILogListener
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = 1;

    public LogReceiverProtocol Protocol => protocol;

    public IPEndPoint Endpoint { get; } = (IPEndPoint)socket.LocalEndPoint!;

    public ListenerCounters Counters { get; } = new();

    public long DroppedByKernel => 0;

    public Task ConnectionsEnded => _ended.Task;

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    Serve(await socket.AcceptAsync(stop).ConfigureAwait(false));
                }
                catch (SocketException exception)
                {
                    // The process has too many open files, or the one who knocked went away.
                    context.Activity.Verbose($"A connection could not be accepted: {exception.Message}");
                    await Task.Delay(Pause, context.Time, stop).ConfigureAwait(false);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The end.
        }
        finally
        {
            ServeThoseWaiting();
            socket.Dispose();
            Leave();
        }
    }

    public void Dispose() => socket.Dispose();

    /// <summary>Who was connected by the system before the end may have sent lines already.</summary>
    private void ServeThoseWaiting()
    {
        try
        {
            while (socket.Poll(0, SelectMode.SelectRead)) Serve(socket.Accept());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    private void Serve(Socket accepted)
    {
        if (accepted.RemoteEndPoint is not IPEndPoint endpoint)
        {
            accepted.Dispose();
            return;
        }

        var peer = context.Options.Servers.PeerAt(endpoint.Address);
        var connection = new LogConnection(context, protocol, accepted, peer, Counters);
        var refusal = context.IsAllowed(peer.Address) ? context.Connections.TryAdd(connection) : DropReason.ConnectionNotAllowed;
        if (refusal is { } reason)
        {
            Counters.Drop(reason);
            context.Activity.Verbose($"A connection of {peer.Address} is refused ({reason}).");
            accepted.Dispose();
            return;
        }

        Counters.AddConnection();
        Interlocked.Increment(ref _open);
        _ = Task.Run(() => ServeAsync(connection), CancellationToken.None);
    }

    private async Task ServeAsync(LogConnection connection)
    {
        try
        {
            await connection.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            context.Connections.Remove(connection);
            Counters.RemoveConnection();
            Leave();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _open) == 0) _ended.TrySetResult();
    }
}
