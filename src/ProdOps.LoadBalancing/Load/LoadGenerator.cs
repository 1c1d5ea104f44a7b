using System.Net;
using System.Net.Sockets;

namespace ProdOps.LoadBalancing.Load;

/// <summary>
/// Sends requests at a fixed rate, whether or not those before were answered, each once, and counts how they end. A moment in which nothing is answered counts for every request that
/// was due in it: no answer is missing because a client waited. It is bounded in requests, in time, in connections and in memory.
/// </summary>
/// <param name="options">What is asked.</param>
/// <param name="time">The clock.</param>
internal sealed class LoadGenerator(LoadOptions options, TimeProvider time)
{
    // What a timer is late is not the answers' fault; more than this is a machine that does not keep up.
    private static readonly TimeSpan TimerLateness = TimeSpan.FromMilliseconds(2);

    private readonly LoadDispatcher _dispatcher = new(options.Connections);
    private long _unpaced;

    /// <summary>What is seen so far.</summary>
    public LoadStatistics Statistics { get; } = new(time);

    /// <summary>What the ids of this run's requests begin with.</summary>
    public string Run { get; } = RequestId.NewRun();

    /// <summary>Sends requests until enough were sent, or the time is over, or it is to end, and waits for the answers to all that were sent.</summary>
    /// <param name="end">Ends it early; what was seen is returned all the same.</param>
    /// <param name="cancellationToken">Ends it without waiting for answers.</param>
    /// <exception cref="ProdOpsException">The host's name is not known.</exception>
    public async Task<LoadTestResult> RunAsync(CancellationToken end, CancellationToken cancellationToken)
    {
        var endPoint = await ResolveAsync(cancellationToken).ConfigureAwait(false);
        var connections = new LoadConnection[options.Connections];
        for (int i = 0; i < connections.Length; i++) connections[i] = new LoadConnection(options, Run, endPoint, Statistics, time);
        try
        {
            Statistics.Begin();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(end, cancellationToken);
            using var over = new CancellationTokenSource();
            // A thread of its own: what is due must not wait behind what others do on the pool.
            var pacer = Task.Factory.StartNew(() => Pace(connections, stop.Token, over.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            var work = Task.WhenAll(connections.Select(connection => Task.Run(() => WorkAsync(connection, stop.Token, cancellationToken), CancellationToken.None)));
            try
            {
                await work.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await stop.CancelAsync().ConfigureAwait(false);
                await over.CancelAsync().ConfigureAwait(false);
                await pacer.ConfigureAwait(false);
                while (!work.IsCompleted)
                {
                    _dispatcher.End();
                    Array.ForEach(connections, connection => connection.Expire(long.MaxValue));
                    await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(10), time, CancellationToken.None)).ConfigureAwait(false);
                }
            }

            return Statistics.ToResult(options.Url.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped), Run);
        }
        finally
        {
            Array.ForEach(connections, connection => connection.Dispose());
        }
    }

    private async Task WorkAsync(LoadConnection connection, CancellationToken stop, CancellationToken cancellationToken)
    {
        if (options.Rate is null)
        {
            long begun = time.GetTimestamp();
            while (!stop.IsCancellationRequested && time.GetElapsedTime(begun) < options.Duration && Interlocked.Increment(ref _unpaced) <= options.Requests)
                await connection.SendAsync(time.GetTimestamp()).ConfigureAwait(false);
            return;
        }

        var seat = new LoadDispatcher.Seat(_dispatcher);
        while (await seat.NextAsync().ConfigureAwait(false) is { } due && !cancellationToken.IsCancellationRequested) await connection.SendAsync(due).ConfigureAwait(false);
    }

    /// <summary>Hands on what is due, and ends what takes too long, until all is answered.</summary>
    private void Pace(LoadConnection[] connections, CancellationToken stop, CancellationToken over)
    {
        long begun = time.GetTimestamp(), sent = 0, lateness = Ticks(TimerLateness), timeout = Ticks(options.Timeout), looked = begun;
        double step = options.Rate is { } rate ? time.TimestampFrequency / rate : 0;
        bool ended = options.Rate is null;
        long count = ended ? 0 : (long)Math.Min(options.Requests, Math.Ceiling(options.Duration.TotalSeconds * options.Rate!.Value));
        while (!over.IsCancellationRequested)
        {
            long now = time.GetTimestamp();
            while (!ended && sent < count && begun + (long)(sent * step) is var due && due <= now && !stop.IsCancellationRequested)
            {
                _dispatcher.Add(now - due <= lateness ? now : due);
                sent++;
            }

            if (now - looked >= time.TimestampFrequency / 100)
            {
                looked = now;
                foreach (var connection in connections) connection.Expire(now);
                foreach (long due in _dispatcher.TakeOverdue(now - timeout))
                {
                    Statistics.Number();
                    Statistics.Add(LoadOutcome.Timeout, due, [], LoadText.NoConnection(options.Timeout));
                }
            }

            if (!ended && (sent >= count || stop.IsCancellationRequested))
            {
                ended = true;
                _dispatcher.End();
            }

            over.WaitHandle.WaitOne(1);
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private async Task<EndPoint> ResolveAsync(CancellationToken cancellationToken)
    {
        string host = options.ConnectTo ?? options.Url.IdnHost;
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException error)
        {
            throw LoadBalancingErrors.HostUnknown(host, error);
        }

        return new IPEndPoint(await ChooseAsync(addresses, cancellationToken).ConfigureAwait(false), options.Url.Port);
    }

    /// <summary>The first address that takes a connection, else the first: a name often has one of a protocol that the server does not speak.</summary>
    private async Task<IPAddress> ChooseAsync(IPAddress[] addresses, CancellationToken cancellationToken)
    {
        if (addresses.Length == 0) throw LoadBalancingErrors.HostUnknown(options.ConnectTo ?? options.Url.IdnHost, null);
        foreach (var address in addresses.Length > 1 ? addresses : [])
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(2));
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, options.Url.Port), limit.Token).ConfigureAwait(false);
                return address;
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // The next one.
            }
        }

        return addresses[0];
    }
}
