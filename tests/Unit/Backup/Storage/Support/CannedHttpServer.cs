using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>An HTTP server on a free loopback port that gives each request the answer that a test has for it.</summary>
internal sealed class CannedHttpServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, (int Status, string Body)> _answer;
    private int _connections;

    /// <param name="answer">The status and the body (XML, if there is any) for a method and a path.</param>
    public CannedHttpServer(Func<string, (int Status, string Body)> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many clients are connected.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref _connections);
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                while (await reader.ReadLineAsync() is { Length: > 0 } request)
                {
                    int length = 0;
                    while (await reader.ReadLineAsync() is { Length: > 0 } header)
                    {
                        if (header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) length = int.Parse(header.AsSpan(15), CultureInfo.InvariantCulture);
                        if (header.StartsWith("Expect:", StringComparison.OrdinalIgnoreCase)) await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
                    }

                    // One byte is one character in Latin-1.
                    if (length > 0) await reader.ReadBlockAsync(new char[length]);
                    var (status, body) = _answer(string.Join(' ', request.Split(' ')[..2]));
                    bool isHead = request.StartsWith("HEAD", StringComparison.Ordinal);
                    await stream.WriteAsync(Encoding.UTF8.GetBytes(
                        $"HTTP/1.1 {status} .\r\n{(body.Length > 0 ? "Content-Type: application/xml\r\n" : "")}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{(isHead ? "" : body)}"));
                }
            }
        }
        catch (IOException)
        {
            // The client has gone.
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }
}
