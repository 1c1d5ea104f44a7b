using System.Net;
using System.Net.Sockets;
using System.Text;
using ProdOps.Servers.Http;

namespace ProdOps.Monitoring.Running.Outlets;

/// <summary>
/// Shows the newest samples to scrapers at <c>/metrics</c>, in OpenMetrics or in the older text format, whichever is asked for. A GET without a body,
/// an answer, the end of the connection; and what is not that, late or too much, ends it.
/// </summary>
/// <param name="address">Where it listens.</param>
/// <param name="text">Writes what is shown; true for OpenMetrics.</param>
/// <param name="time">The clock.</param>
/// <param name="activity">Where to report to.</param>
internal sealed class MetricsEndpoint(IPEndPoint address, Func<bool, IEnumerable<string>> text, TimeProvider time, IActivity activity) : IOutlet
{
    private const int LongestRequest = 8 * 1024, MostAtOnce = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Again = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _free = new(MostAtOnce);
    private string? _trouble;

    public string Name => "listen";

    public string? Trouble => Volatile.Read(ref _trouble);

    /// <summary>Where it listens, once it does.</summary>
    public IPEndPoint? Bound { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var listener = new TcpListener(address);
            try
            {
                listener.Start();
                Bound = (IPEndPoint)listener.LocalEndpoint;
                Volatile.Write(ref _trouble, null);
                activity.Verbose($"Metrics are at http://{Bound}/metrics.");
                while (true)
                {
                    var client = await listener.AcceptTcpClientAsync(cancellationToken).ConfigureAwait(false);
                    await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
                    _ = ServeAsync(client, cancellationToken);
                }
            }
            catch (SocketException error)
            {
                if (_trouble is null) activity.Warning($"Nobody can scrape http://{address}/metrics: {error.Message}");
                Volatile.Write(ref _trouble, $"Nobody can scrape http://{address}/metrics: {error.Message}");
            }

            await Task.Delay(Again, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken cancellationToken)
    {
        using (client)
        using (var limit = new CancellationTokenSource(Patience, time))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token))
        {
            try
            {
                var stream = client.GetStream();
                await stream.WriteAsync(Answer(await HttpRequestHead.ReadAsync(stream, LongestRequest, both.Token).ConfigureAwait(false)), both.Token).ConfigureAwait(false);
                client.Client.Shutdown(SocketShutdown.Send);
                // Closed at once, what the other side still sends would take the answer from it.
                await stream.ReadAsync(new byte[LongestRequest], both.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // It has gone, or takes too long.
            }
            finally
            {
                _free.Release();
            }
        }
    }

    private byte[] Answer(HttpRequestHead? request)
    {
        if (request is null) return Whole("400 Bad Request", "text/plain", "This is no request.\n", false);
        bool isHead = request.Method == "HEAD";
        if (!isHead && request.Method != "GET") return Whole("405 Method Not Allowed", "text/plain", "There is nothing but GET.\n", false);
        if (request.Path != "/metrics") return Whole("404 Not Found", "text/plain", "Metrics are at /metrics.\n", isHead);
        bool isOpen = request["Accept"].Contains("application/openmetrics-text", StringComparison.OrdinalIgnoreCase);
        string body = string.Concat(text(isOpen).Select(static line => line + "\n"));
        return Whole("200 OK", isOpen ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8", body, isHead);
    }

    private static byte[] Whole(string status, string type, string body, bool isHead)
    {
        byte[] content = Encoding.UTF8.GetBytes(body);
        byte[] head = Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n");
        return isHead ? head : [.. head, .. content];
    }
}
