using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProdOps.LoadBalancing.Tests.TestTools;

/// <summary>A small application behind a balancer, in this process: it answers <c>GET</c> on connections that stay, and can be ill, slow or held.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly Task _accepting;
    private TaskCompletionSource? _held;
    private int _requests, _checks;

    public TestApp(string name)
    {
        Name = name;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public string Name { get; }

    public int Port { get; }

    /// <summary>Whether checks (<c>/health</c>) and requests are answered with 200; else with 503.</summary>
    public bool IsHealthy { get; set; } = true;

    /// <summary>Requests so far, without checks.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Checks so far.</summary>
    public int Checks => Volatile.Read(ref _checks);

    /// <summary>Has requests for <c>/slow</c> wait until <see cref="Release"/>.</summary>
    public void Hold() => Volatile.Write(ref _held, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public void Release() => Volatile.Read(ref _held)?.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        Release();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_connections.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            var task = ServeAsync(client);
            _connections[task] = true;
            _ = task.ContinueWith(ended => _connections.TryRemove(ended, out _), TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var reader = new StreamReader(client.GetStream(), Encoding.ASCII))
        {
            try
            {
                while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } request)
                {
                    bool close = false;
                    while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } header) close |= header.Equals("connection: close", StringComparison.OrdinalIgnoreCase);
                    string path = request.Split(' ')[1];
                    if (path == "/health") Interlocked.Increment(ref _checks);
                    else Interlocked.Increment(ref _requests);
                    if (path == "/slow" && Volatile.Read(ref _held) is { } held) await held.Task.WaitAsync(_stop.Token);
                    string status = IsHealthy ? "200 OK" : "503 Service Unavailable";
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {Name.Length}\r\nX-Server: {Name}\r\n\r\n{Name}"), _stop.Token);
                    if (close) return;
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
            {
                // Who asked has gone.
            }
        }
    }
}
