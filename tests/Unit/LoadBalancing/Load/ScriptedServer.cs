using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace ProdOps.LoadBalancing.Tests.Load;

/// <summary>A server of HTTP on a loopback port that does what a test says with each request, well or badly.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    public const string Ok = "HTTP/1.1 200 OK\r\nX-Served-By: web1\r\nContent-Length: 2\r\n\r\nok";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<ScriptedRequest, Task<string?>> _answer;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly Task _accepting;
    private int _connections;

    /// <param name="answer">The bytes to send for a request; <see langword="null"/> to reset the connection.</param>
    /// <param name="tls">Speaks TLS.</param>
    public ScriptedServer(Func<ScriptedRequest, Task<string?>> answer, SslServerAuthenticationOptions? tls = null)
    {
        _answer = answer;
        _tls = tls;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public ScriptedServer(Func<ScriptedRequest, string?> answer)
        : this(request => Task.FromResult(answer(request)))
    {
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Url => new($"http://127.0.0.1:{Port}/item?n=1");

    /// <summary>How many connections have come.</summary>
    public int Connections => _connections;

    /// <summary>The requests that have come: their heads and bodies.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var socket = await _listener.AcceptSocketAsync(_stop.Token);
            _ = ServeAsync(socket, Interlocked.Increment(ref _connections));
        }
    }

    private async Task ServeAsync(Socket socket, int connection)
    {
        try
        {
            using var _ = socket;
            Stream stream = new NetworkStream(socket);
            if (_tls is not null)
            {
                var secure = new SslStream(stream);
                await secure.AuthenticateAsServerAsync(_tls, _stop.Token);
                stream = secure;
            }

            var text = new StringBuilder();
            byte[] buffer = new byte[64 * 1024];
            for (int number = 1; ; number++)
            {
                int length;
                while ((length = LengthOf(text.ToString())) < 0)
                {
                    int read = await stream.ReadAsync(buffer, _stop.Token);
                    if (read == 0) return;
                    text.Append(Encoding.Latin1.GetString(buffer, 0, read));
                }

                string request = text.ToString(0, length);
                text.Remove(0, length);
                Requests.Enqueue(request);
                if (await _answer(new ScriptedRequest(request, connection, number, _stop.Token)) is not { } answer)
                {
                    socket.LingerState = new LingerOption(true, 0);
                    return;
                }

                await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), _stop.Token);
                if (answer.Contains("Connection: close", StringComparison.Ordinal) || request.Contains("Connection: close", StringComparison.Ordinal) || answer.EndsWith("\0", StringComparison.Ordinal)) return;
            }
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The client has gone, or the test is over.
        }
    }

    private static int LengthOf(string text)
    {
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return -1;
        var length = System.Text.RegularExpressions.Regex.Match(text[..end], @"Content-Length: (\d+)");
        int whole = end + 4 + (length.Success ? int.Parse(length.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : 0);
        return text.Length >= whole ? whole : -1;
    }
}

/// <summary>A request that has come.</summary>
/// <param name="Text">Its head and body.</param>
/// <param name="Connection">Its connection's number, from 1.</param>
/// <param name="Number">Its number on the connection, from 1.</param>
/// <param name="Stop">Cancelled when the test is over.</param>
internal sealed record ScriptedRequest(string Text, int Connection, int Number, CancellationToken Stop);
