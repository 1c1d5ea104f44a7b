using System.Net;
using System.Net.Sockets;
using ProdOps.Servers.Http;
using ProdOps.Servers.Secrets;

namespace ProdOps.Recovery.Consoles;

/// <summary>
/// Answers browsers on this machine's loopback addresses, a request a connection: what asks is bounded in number, size and time, and its going ends what is done for it. An own server and not
/// HttpListener, which has no bound for slow ones, tells nobody that they have gone, cannot choose a free port, and is another program on Windows.
/// </summary>
internal sealed class ConsoleServer : IDisposable
{
    private const int LongestHead = 16 * 1024, MostReadAfter = 64 * 1024, Tries = 20;

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(200);

    private readonly Func<ConsoleRequest, CancellationToken, Task<ConsoleAnswer>> _answer;
    private readonly TimeProvider _time;
    private readonly IActivity _activity;
    private readonly List<TcpListener> _listeners = [];
    private readonly Dictionary<TcpClient, Task> _serving = [];

    private ConsoleServer(Func<ConsoleRequest, CancellationToken, Task<ConsoleAnswer>> answer, TimeProvider time, IActivity activity)
    {
        _answer = answer;
        _time = time;
        _activity = activity;
    }

    /// <summary>The port that it listens on.</summary>
    public int Port => ((IPEndPoint)_listeners[0].LocalEndpoint).Port;

    /// <summary>Whether it listens on ::1 too.</summary>
    public bool HasBoth => _listeners.Count > 1;

    /// <summary>How many are served at once; a browser has a connection for each tab that it shows, and some more while it loads.</summary>
    public int MostAtOnce { get; set; } = 64;

    /// <summary>How long a request may take to arrive, and a piece of an answer to be taken.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How many are served now.</summary>
    public int Serving
    {
        get
        {
            lock (_serving) return _serving.Count;
        }
    }

    /// <summary>Listens on 127.0.0.1 and, where there is one, on ::1: <c>localhost</c> may be either.</summary>
    /// <param name="port">The port; 0 for one that is free.</param>
    /// <param name="answer">Answers a request; its token ends with the server.</param>
    /// <param name="time">The clock.</param>
    /// <param name="activity">Told what goes on.</param>
    /// <exception cref="ProdOpsException">The port cannot be had.</exception>
    public static ConsoleServer Listen(int port, Func<ConsoleRequest, CancellationToken, Task<ConsoleAnswer>> answer, TimeProvider time, IActivity activity)
    {
        var server = new ConsoleServer(answer, time, activity);
        for (int tries = 1; !server.TryListen(port, isLast: port != 0 || tries == Tries); tries++)
        {
        }

        return server;
    }

    private bool TryListen(int port, bool isLast)
    {
        var first = new TcpListener(IPAddress.Loopback, port);
        _listeners.Add(first);
        try
        {
            first.Start();
            if (!Socket.OSSupportsIPv6) return true;
            var second = new TcpListener(IPAddress.IPv6Loopback, Port);
            _listeners.Add(second);
            second.Start();
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            // A machine without ::1.
            _listeners.RemoveAt(1);
            return true;
        }
        catch (SocketException error)
        {
            // Somebody else's at ::1 would be taken for this by whoever asks for localhost.
            Dispose();
            _listeners.Clear();
            return isLast ? throw RecoveryErrors.ConsolePortTaken(port, error) : false;
        }
    }

    /// <summary>Serves until it is stopped, and then until nobody is served any more.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var accepting = _listeners.ConvertAll(listener => AcceptAsync(listener, stop.Token));
        try
        {
            await await Task.WhenAny(accepting).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            Dispose();
            // Nobody is taken any more once it is counted who is left.
            await Task.WhenAll(accepting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Task[] left;
            lock (_serving) left = [.. _serving.Values];
            await Task.WhenAll(left).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var listener in _listeners) listener.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, CancellationToken cancellationToken)
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                // It went before it was taken, or this process has no descriptor left.
                await Task.Delay(Breath, _time, cancellationToken).ConfigureAwait(false);
                continue;
            }

            lock (_serving)
            {
                // Those beyond are told so, and those far beyond are not.
                if (_serving.Count >= 2 * MostAtOnce)
                {
                    client.Dispose();
                    continue;
                }

                bool isTooMuch = _serving.Count >= MostAtOnce;
                _serving[client] = Task.Run(() => ServeAsync(client, isTooMuch, cancellationToken), CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(TcpClient client, bool isTooMuch, CancellationToken cancellationToken)
    {
        using (client)
        using (var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            var watch = Task.CompletedTask;
            try
            {
                client.NoDelay = true;
                var stream = client.GetStream();
                var output = new ConsoleOutput(stream, Patience, _time);
                var (request, answer) = isTooMuch ? (null, ConsoleAnswer.Refusal(503, "Too many are served already. Close some tabs.")) : await AnswerAsync(stream, cancellationToken).ConfigureAwait(false);
                await output.WriteAsync(ConsoleHead.Of(answer), gone.Token).ConfigureAwait(false);
                if (request?.Method != "HEAD")
                {
                    if (answer.Write is not null) watch = WatchAsync(stream, gone);
                    await (answer.Write?.Invoke(output, gone.Token) ?? output.WriteAsync(answer.Body, gone.Token)).ConfigureAwait(false);
                }

                client.Client.Shutdown(SocketShutdown.Send);
                // Closed at once, what the other side still sends would take the answer from it.
                if (watch.IsCompleted) watch = WatchAsync(stream, gone);
                await watch.WaitAsync(Patience, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException or TimeoutException)
            {
                // It has gone, or takes too long.
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                _activity.Warning($"The console could not finish an answer: {SecretRedactor.Shared.Redact(error.Message)}");
            }
            finally
            {
                // Ends the reading before its stream is closed. Whoever is told that all have ended finds nobody served any more.
                await gone.CancelAsync().ConfigureAwait(false);
                await watch.ConfigureAwait(false);
                lock (_serving) _serving.Remove(client);
            }
        }
    }

    private async Task<(HttpRequestHead? Request, ConsoleAnswer Answer)> AnswerAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        HttpRequestHead? request;
        using (var limit = new CancellationTokenSource(Patience, _time))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token)) request = await HttpRequestHead.ReadAsync(stream, LongestHead, both.Token).ConfigureAwait(false);
        if (request is null) return (null, ConsoleAnswer.Refusal(400, "This is no request, or one that is too long."));
        try
        {
            return (request, await _answer(new ConsoleRequest(request, stream, Patience, _time), cancellationToken).ConfigureAwait(false));
        }
        catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException))
        {
            // One page's failure is that page's.
            string why = SecretRedactor.Shared.Redact(error.Message);
            _activity.Warning($"The console cannot answer for {request.Path}: {why}");
            return (request, ConsoleAnswer.Refusal(500, why));
        }
    }

    /// <summary>Reads until the other side ends, and says that it has gone.</summary>
    private static async Task WatchAsync(NetworkStream stream, CancellationTokenSource gone)
    {
        byte[] buffer = new byte[1024];
        try
        {
            for (int all = 0, count; all < MostReadAfter && (count = await stream.ReadAsync(buffer, gone.Token).ConfigureAwait(false)) > 0;) all += count;
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
        }

        await gone.CancelAsync().ConfigureAwait(false);
    }
}
