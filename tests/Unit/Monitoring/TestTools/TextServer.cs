using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ProdOps.Monitoring.Tests.TestTools;

/// <summary>Listens on loopback and answers each connection with a text, plainly or by TLS; what comes up to the first empty line is kept, and the body whose length stands before it.</summary>
internal sealed class TextServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <param name="answer">Makes the answer to a request; <see langword="null"/> says nothing until the other side goes.</param>
    /// <param name="certificate">For TLS.</param>
    public TextServer(Func<string, string?> answer, X509Certificate2? certificate = null)
    {
        _listener.Start();
        _running = Task.Run(() => AcceptAsync(answer, certificate));
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ConcurrentQueue<string> Requests { get; } = [];

    public static string Http(string status, string body, string more = "") => $"HTTP/1.1 {status}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{more}\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        _listener.Dispose();
        await _running;
        _stop.Dispose();
    }

    private async Task AcceptAsync(Func<string, string?> answer, X509Certificate2? certificate)
    {
        var serving = new List<Task>();
        try
        {
            while (true) serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token), answer, certificate));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client, Func<string, string?> answer, X509Certificate2? certificate)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                if (certificate is not null)
                {
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, _stop.Token);
                    stream = tls;
                }

                var request = new StringBuilder();
                byte[] buffer = new byte[4096];
                int length;
                while (!IsWhole(request.ToString()) && (length = await stream.ReadAsync(buffer, _stop.Token)) > 0)
                    request.Append(Encoding.UTF8.GetString(buffer, 0, length));
                Requests.Enqueue(request.ToString());
                if (answer(request.ToString()) is not { } text) await stream.CopyToAsync(Stream.Null, _stop.Token);
                else await stream.WriteAsync(Encoding.UTF8.GetBytes(text), _stop.Token);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
                // The other side has gone.
            }
        }
    }

    private static bool IsWhole(string request)
    {
        int end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return false;
        string? length = Array.Find(request[..end].Split("\r\n"), static line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
        return length is null || Encoding.UTF8.GetByteCount(request[(end + 4)..]) >= int.Parse(length["Content-Length: ".Length..]);
    }
}
