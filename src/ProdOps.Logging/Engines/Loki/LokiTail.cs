using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace ProdOps.Logging.Engines.Loki;

/// <summary>Lines that Loki hands on as they come, over a WebSocket.</summary>
internal sealed class LokiTail : IDisposable
{
    private const int LongestMessage = 64 * 1024 * 1024;

    private readonly ClientWebSocket _socket;
    private readonly string _location;

    private LokiTail(ClientWebSocket socket, string location) => (_socket, _location) = (socket, location);

    /// <summary>Connects.</summary>
    /// <returns><see langword="null"/> if that cannot be had, and why.</returns>
    public static async Task<(LokiTail? Tail, string? Reason)> OpenAsync(EngineHttp http, Uri address, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            if (await http.Login.GetAsync(cancellationToken).ConfigureAwait(false) is { } login) socket.Options.SetRequestHeader("Authorization", login.ToString());
            if (http.Tenant is { } tenant) socket.Options.SetRequestHeader(EngineHttp.TenantHeader, tenant);
            socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(30);
            using var invoker = new HttpMessageInvoker(http.Handler, disposeHandler: false);
            await socket.ConnectAsync(address, invoker, cancellationToken).ConfigureAwait(false);
            return (new LokiTail(socket, http.Location), null);
        }
        catch (Exception error) when (error is WebSocketException or HttpRequestException)
        {
            socket.Dispose();
            return (null, error.Message);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The next lines.</summary>
    /// <returns>The lines, and whether others were left out; <see langword="null"/> when the connection has ended.</returns>
    public async Task<(List<LokiRow> Rows, bool HasDropped)?> ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.GetMemory(16 * 1024), cancellationToken).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close) return null;
                buffer.Advance(part.Count);
                if (buffer.WrittenCount > LongestMessage) return null;
                if (!part.EndOfMessage) continue;
                var rows = LokiAnswers.Tail(buffer.WrittenMemory, out bool hasDropped);
                return (rows, hasDropped);
            }
        }
        catch (WebSocketException)
        {
            return null;
        }
        catch (FormatException)
        {
            throw LoggingErrors.EngineMisbehaves(_location, $"it hands on '{EngineText.Clean(Encoding.UTF8.GetString(buffer.WrittenSpan[..Math.Min(buffer.WrittenCount, 2000)]))}'");
        }
    }

    public void Dispose() => _socket.Dispose();
}
