using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using ProdOps.Servers.Connections.Channels;

namespace ProdOps.Servers.Connections;

/// <summary>
/// Leads SSH.NET, which only knows how to connect a socket, into a channel of a jump host. It listens on a port of 127.0.0.1 for one
/// connection and plays a HTTP proxy that asks for a password: random, known to this process alone, good once. Another process of this
/// machine that finds the port gets nothing through it, and one that should listen in our place meets the host key check, which is made
/// with the target's own name.
/// </summary>
internal sealed class JumpRelay : IAsyncDisposable
{
    /// <summary>The user's name in the proxy's question; the password is what counts.</summary>
    public const string User = "prodops";

    /// <summary>So many connections may be asked at a time; one more, and the first is closed.</summary>
    private const int MaximumAsked = 16;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _expected;
    private readonly SshChannel _channel;
    private Task _work = Task.CompletedTask;

    private JumpRelay(SshChannel channel)
    {
        _channel = channel;
        Password = RandomNumberGenerator.GetHexString(64);
        _expected = Encoding.ASCII.GetBytes("Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes($"{User}:{Password}")));
    }

    /// <summary>What the one connection must say.</summary>
    public string Password { get; }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Opens the way from a jump host onwards.</summary>
    /// <exception cref="ChannelRefusedException">The jump host does not connect.</exception>
    public static async Task<JumpRelay> StartAsync(SshConnection through, string host, int port, CancellationToken cancellationToken)
    {
        var channel = await through.OpenChannelAsync(new DirectOpenInfo(host, port), cancellationToken).ConfigureAwait(false);
        var relay = new JumpRelay(channel);
        relay._listener.Start(MaximumAsked);
        relay._work = Task.Run(relay.RunAsync, CancellationToken.None);
        return relay;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _channel.Close();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var socket = await AcceptAsync().ConfigureAwait(false);
        _listener.Stop();
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        await stream.WriteAsync("HTTP/1.0 200 OK\r\n\r\n"u8.ToArray(), _stop.Token).ConfigureAwait(false);
        var there = stream.CopyToAsync(_channel.Input, _stop.Token);
        var back = _channel.Output.CopyToAsync(stream, _stop.Token);
        // Either side's end is the end of both: SSH has no half of a connection.
        await Task.WhenAny(there, back).ConfigureAwait(false);
        _channel.Close();
        socket.Close();
        await Task.WhenAll(there, back).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The first connection that knows the password. Strangers do not hold it up, however long they say nothing.</summary>
    private async Task<Socket> AcceptAsync()
    {
        var asked = new List<(Socket Socket, Task<bool> IsOurs)>();
        Task<Socket>? next = null;
        try
        {
            while (true)
            {
                next ??= _listener.AcceptSocketAsync(_stop.Token).AsTask();
                await Task.WhenAny([next, .. asked.Select(one => one.IsOurs)]).ConfigureAwait(false);
                foreach (var one in asked.Where(one => one.IsOurs.IsCompleted).ToArray())
                {
                    asked.Remove(one);
                    if (await one.IsOurs.ConfigureAwait(false))
                    {
                        one.Socket.NoDelay = true;
                        return one.Socket;
                    }

                    one.Socket.Dispose();
                }

                if (!next.IsCompleted) continue;
                var socket = await next.ConfigureAwait(false);
                next = null;
                asked.Add((socket, IsOursAsync(socket)));
                if (asked.Count <= MaximumAsked) continue;
                asked[0].Socket.Dispose();
                asked.RemoveAt(0);
            }
        }
        finally
        {
            foreach (var (socket, _) in asked) socket.Dispose();
            // One that comes at this moment belongs to nobody.
            if (next is not null) _ = next.ContinueWith(late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    private async Task<bool> IsOursAsync(Socket socket)
    {
        try
        {
            byte[] request = new byte[ProxyRequest.MaximumLength];
            int length = 0;
            while (!ProxyRequest.IsComplete(request.AsSpan(0, length)))
            {
                int read = length == request.Length ? 0 : await socket.ReceiveAsync(request.AsMemory(length), _stop.Token).ConfigureAwait(false);
                if (read == 0) return false;
                length += read;
            }

            return ProxyRequest.Authorization(request.AsSpan(0, length)) is { } said && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(said), _expected);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // A stranger that went away, or was sent away.
            return false;
        }
    }
}
