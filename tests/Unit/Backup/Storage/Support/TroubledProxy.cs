using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

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

/// <summary>A small HTTP proxy before a server that makes trouble where a test says so.</summary>
internal sealed class TroubledProxy : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly HttpClient _upstream = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly Uri _target;
    private readonly Task _serving;

    /// <param name="targetPort">The server's port on this machine.</param>
    public TroubledProxy(int targetPort)
    {
        _target = new Uri($"http://127.0.0.1:{targetPort}");
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
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
        _listener.Stop();
        _listener.Close();
        await _serving;
        _upstream.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            string name = $"{context.Request.HttpMethod} {context.Request.Url!.AbsolutePath}";
            Requests.Enqueue(name);
            var trouble = Choose(name);
            Made.AddOrUpdate(trouble, 1, static (_, count) => count + 1);
            if (trouble is Trouble.ServerError or Trouble.TooMany)
            {
                context.Response.StatusCode = trouble == Trouble.TooMany ? 429 : 500;
                if (trouble == Trouble.TooMany) context.Response.Headers["Retry-After"] = "1";
                context.Response.Close();
                return;
            }

            byte[] body = new byte[Math.Max(0, context.Request.ContentLength64)];
            int half = trouble == Trouble.CutUpload ? body.Length / 2 : body.Length;
            await context.Request.InputStream.ReadExactlyAsync(body.AsMemory(0, half));
            if (trouble == Trouble.CutUpload)
            {
                context.Response.Abort();
                return;
            }

            await RelayAsync(context, name, body, trouble);
        }
        catch (Exception error) when (error is IOException or HttpListenerException or HttpRequestException or ObjectDisposedException or InvalidOperationException)
        {
            // The client is gone, or the test is over.
            context.Response.Abort();
        }
    }

    private async Task RelayAsync(HttpListenerContext context, string name, byte[] body, Trouble trouble)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), new Uri(_target, context.Request.RawUrl));
        if (body.Length > 0) request.Content = new ByteArrayContent(body);
        foreach (string header in new[] { "Authorization", "Accept", "Range" })
        {
            if (context.Request.Headers[header] is { } value) request.Headers.TryAddWithoutValidation(header, value);
        }

        using var response = await _upstream.SendAsync(request);
        if (trouble == Trouble.LoseAnswer)
        {
            context.Response.Abort();
            return;
        }

        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        if (Change is { } change) answer = change(name, answer);
        context.Response.StatusCode = (int)response.StatusCode;
        if (response.Headers.Server.ToString() is { Length: > 0 } server) context.Response.Headers["Server"] = server;
        if (response.Content.Headers.ContentType is { } type) context.Response.ContentType = type.ToString();
        if (response.Content.Headers.ContentRange is { } range) context.Response.Headers["Content-Range"] = range.ToString();
        context.Response.ContentLength64 = context.Request.HttpMethod == "HEAD" ? response.Content.Headers.ContentLength ?? 0 : answer.Length;
        if (context.Request.HttpMethod != "HEAD")
        {
            await context.Response.OutputStream.WriteAsync(answer.AsMemory(0, trouble == Trouble.CutDownload ? answer.Length / 2 : answer.Length));
            if (trouble == Trouble.CutDownload)
            {
                await context.Response.OutputStream.FlushAsync();
                context.Response.Abort();
                return;
            }
        }

        context.Response.Close();
    }
}
