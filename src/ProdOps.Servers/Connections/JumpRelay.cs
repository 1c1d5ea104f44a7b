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

    private const int MaximumRequest = 4096;

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
        relay._listener.Start(1);
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

    private async Task<Socket> AcceptAsync()
    {
        while (true)
        {
            var socket = await _listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
            try
            {
                if (await IsOursAsync(socket).ConfigureAwait(false))
                {
                    socket.NoDelay = true;
                    return socket;
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                // A stranger that went away.
            }

            socket.Dispose();
        }
    }

    private async Task<bool> IsOursAsync(Socket socket)
    {
        byte[] request = new byte[MaximumRequest];
        int length = 0;
        while (request.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            int read = length == request.Length ? 0 : await socket.ReceiveAsync(request.AsMemory(length), _stop.Token).ConfigureAwait(false);
            if (read == 0) return false;
            length += read;
        }

        foreach (string line in Encoding.ASCII.GetString(request, 0, length).Split("\r\n"))
        {
            int colon = line.IndexOf(':');
            if (colon > 0 && line.AsSpan(0, colon).Equals("Proxy-Authorization", StringComparison.OrdinalIgnoreCase))
                return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(line[(colon + 1)..].Trim()), _expected);
        }

        return false;
    }
}
