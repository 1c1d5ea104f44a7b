using System.IO.Compression;
using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace ProdOps.Logging.Tests.Engines;

/// <summary>An engine that gives recorded answers, one after the other, and keeps what it was asked.</summary>
internal sealed class EngineRecording : IDisposable
{
    private readonly HttpListener _server;
    private readonly Queue<(int Status, string Body)> _answers = new();
    private readonly List<(string Path, string Body, string? Tenant)> _asked = [];
    private readonly Queue<string[]> _handedOn = new();

    public EngineRecording()
    {
        (_server, Url) = LoopbackHttp.Start();
        _ = Task.Run(ServeAsync);
    }

    public Uri Url { get; }

    /// <summary>What it was asked, in order: forms and bodies as text.</summary>
    public IReadOnlyList<(string Path, string Body, string? Tenant)> Asked
    {
        get
        {
            lock (_asked) return [.. _asked];
        }
    }

    public void Answers(int status, string body)
    {
        lock (_asked) _answers.Enqueue((status, body));
    }

    /// <summary>The messages of the next WebSocket; then it is closed.</summary>
    public void HandsOn(params string[] messages)
    {
        lock (_asked) _handedOn.Enqueue(messages);
    }

    public void Dispose() => _server.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _server.GetContextAsync();
                bool isPacked = context.Request.Headers["Content-Encoding"] == "gzip";
                using var reader = new StreamReader(isPacked ? new GZipStream(context.Request.InputStream, CompressionMode.Decompress) : context.Request.InputStream);
                string body = await reader.ReadToEndAsync();
                string[]? messages = null;
                (int Status, string Body) answer = (404, "nothing is recorded");
                lock (_asked)
                {
                    _asked.Add((context.Request.RawUrl!, isPacked ? body : WebUtility.UrlDecode(body), context.Request.Headers["X-Scope-OrgID"]));
                    if (context.Request.IsWebSocketRequest) _handedOn.TryDequeue(out messages);
                    else if (_answers.TryDequeue(out var next)) answer = next;
                }

                if (messages is not null)
                {
                    await HandOnAsync(context, messages);
                    continue;
                }

                context.Response.StatusCode = answer.Status;
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer.Body));
                context.Response.Close();
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task HandOnAsync(HttpListenerContext context, string[] messages)
    {
        var socket = (await context.AcceptWebSocketAsync(null)).WebSocket;
        foreach (string message in messages) await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, default);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
    }
}
