using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>What a proxy does with one request.</summary>
internal enum Trouble
{
    /// <summary>Hands it on.</summary>
    None,

    /// <summary>Cuts the connection when half of the request's body has come.</summary>
    CutUpload,

    /// <summary>Hands it on, and cuts the connection instead of answering.</summary>
    LoseAnswer,

    /// <summary>Cuts the connection when half of the answer's body has gone.</summary>
    CutDownload,

    /// <summary>Answers 500.</summary>
    ServerError,

    /// <summary>Answers 429, and to come back in a second.</summary>
    TooMany,
}

/// <summary>
/// A small HTTP proxy before a server that makes trouble where a test says so. It speaks to the client by a bare socket: .NET's own listener answers
/// 200 to a request that it is told to cut.
/// </summary>
internal sealed class TroubledProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly HttpClient _upstream = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _target;
    private readonly Task _serving;

    /// <param name="targetPort">The server's port on this machine.</param>
    public TroubledProxy(int targetPort)
    {
        _target = new Uri($"http://127.0.0.1:{targetPort}");
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = Task.Run(ServeAsync);
    }

    public int Port { get; }

    /// <summary>Every request, as method, space, path.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Chooses the trouble for a request.</summary>
    public Func<string, Trouble> Choose { get; set; } = _ => Trouble.None;

    /// <summary>Changes the bodies of answers; gets the request's method and path.</summary>
    public Func<string, byte[], byte[]>? Change { get; set; }

    /// <summary>How often each trouble was made.</summary>
    public ConcurrentDictionary<Trouble, int> Made { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _upstream.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _ = Task.Run(() => ConverseAsync(client), CancellationToken.None);
        }
    }

    /// <summary>Answers a connection's requests until one is cut.</summary>
    private async Task ConverseAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var stream = new BufferedStream(client.GetStream());
                while (await AnswerAsync(stream)) await stream.FlushAsync(_stop.Token);
            }
            catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
            {
                // The client is gone, or the test is over.
            }
        }
    }

    private async Task<bool> AnswerAsync(Stream stream)
    {
        string[] head = await ReadHeadAsync(stream);
        string[] first = head[0].Split(' ');
        var headers = head.Skip(1).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        string name = $"{first[0]} {first[1].Split('?')[0]}";
        Requests.Enqueue(name);
        var trouble = Choose(name);
        Made.AddOrUpdate(trouble, 1, static (_, count) => count + 1);
        byte[] body = new byte[headers.TryGetValue("Content-Length", out string? length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body.AsMemory(0, trouble == Trouble.CutUpload ? body.Length / 2 : body.Length), _stop.Token);
        if (trouble == Trouble.CutUpload) return false;
        if (trouble is Trouble.ServerError or Trouble.TooMany)
        {
            await WriteAsync(stream, trouble == Trouble.TooMany ? "HTTP/1.1 429 Slow down\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n" : "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
            return true;
        }

        using var request = new HttpRequestMessage(new HttpMethod(first[0]), new Uri(_target, first[1]));
        if (body.Length > 0) request.Content = new ByteArrayContent(body);
        foreach (string header in new[] { "Authorization", "Accept", "Range" })
        {
            if (headers.TryGetValue(header, out string? value)) request.Headers.TryAddWithoutValidation(header, value);
        }

        using var response = await _upstream.SendAsync(request, _stop.Token);
        return trouble != Trouble.LoseAnswer && await RelayAsync(stream, name, response, trouble == Trouble.CutDownload);
    }

    private async Task<bool> RelayAsync(Stream stream, string name, HttpResponseMessage response, bool cut)
    {
        byte[] answer = await response.Content.ReadAsByteArrayAsync(_stop.Token);
        bool isHead = name.StartsWith("HEAD", StringComparison.Ordinal);
        if (Change is { } change && !isHead) answer = change(name, answer);
        var head = new StringBuilder($"HTTP/1.1 {(int)response.StatusCode} x\r\n");
        if (response.Headers.Server.ToString() is { Length: > 0 } server) head.Append($"Server: {server}\r\n");
        if (response.Content.Headers.ContentType is { } type) head.Append($"Content-Type: {type}\r\n");
        if (response.Content.Headers.ContentRange is { } range) head.Append($"Content-Range: {range}\r\n");
        await WriteAsync(stream, head.Append($"Content-Length: {(isHead ? response.Content.Headers.ContentLength ?? 0 : answer.Length)}\r\n\r\n").ToString());
        if (isHead) return true;
        await stream.WriteAsync(answer.AsMemory(0, cut ? answer.Length / 2 : answer.Length), _stop.Token);
        await stream.FlushAsync(_stop.Token);
        return !cut;
    }

    private async Task<string[]> ReadHeadAsync(Stream stream)
    {
        var text = new StringBuilder();
        byte[] one = new byte[1];
        while (text.Length < 4 || text.ToString(text.Length - 4, 4) != "\r\n\r\n")
        {
            await stream.ReadExactlyAsync(one, _stop.Token);
            text.Append((char)one[0]);
        }

        return text.ToString(0, text.Length - 4).Split("\r\n");
    }

    private ValueTask WriteAsync(Stream stream, string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text), _stop.Token);
}
