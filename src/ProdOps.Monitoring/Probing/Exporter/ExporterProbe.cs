using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Metrics;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>Asks one server's node_exporter for what the probe would be asked for, round after round over a connection that is kept. No more of an answer is in memory than a line and what is made of it.</summary>
internal sealed class ExporterProbe : IDisposable
{
    private const int PieceSize = 16 * 1024;

    // OpenMetrics is understood, but says nothing more of these, and costs the other side more.
    private const string Accepted = "text/plain;version=0.0.4, */*;q=0.1";

    private readonly ExporterHistory _history = new();
    private readonly Server _server;
    private readonly Uri _url;
    private readonly MetricTextLimits _limits;
    private readonly TimeProvider _time;
    private readonly CertificateTrust _trust;
    private readonly HttpLogin _login;
    private readonly SocketsHttpHandler _handler;
    private readonly HttpMessageInvoker _client;

    /// <param name="server">The server, with <see cref="Server.NodeExporter"/>.</param>
    /// <param name="vault">What reads the session's vaults, or <see langword="null"/> where there is no session.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limits">The most that is read of an answer.</param>
    /// <exception cref="ProdOpsException">Its address is none, or the file of authorities cannot be read.</exception>
    public ExporterProbe(Server server, ISecretVault? vault, TimeProvider time, MetricTextLimits? limits = null)
    {
        var options = server.NodeExporter ?? throw new ArgumentException("The server has no node_exporter.", nameof(server));
        (_server, _time, _limits) = (server, time, limits ?? new MetricTextLimits());
        _url = ExporterAddress.Of(server, options);
        _trust = new CertificateTrust(options.CaCertificate, MonitoringErrors.CaCertificateUnreadable);
        _login = new HttpLogin(Source(options.Token), options.User, Source(options.Password));
        _handler = new SocketsHttpHandler
        {
            // The login must not follow a redirection to somebody else.
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            MaxResponseHeadersLength = 64,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            SslOptions = _trust.Options,
            ConnectCallback = ConnectAsync,
        };
        _client = new HttpMessageInvoker(_handler, disposeHandler: false);

        SecretSource? Source(SecretReference? reference) => reference is null ? null : SecretSource.From(reference, vault);
    }

    private string Place => ExporterAddress.Shown(_url);

    /// <summary>Asks. How long it may take is the caller's to say.</summary>
    /// <exception cref="ProdOpsException">It could not be asked, or the answer is not understood.</exception>
    public async Task<ProbeAnswer> AskAsync(ProbeRequest request, CancellationToken cancellationToken)
    {
        using var question = new HttpRequestMessage(HttpMethod.Get, _url) { Version = HttpVersion.Version11 };
        question.Headers.TryAddWithoutValidation("User-Agent", "ProdOps");
        question.Headers.TryAddWithoutValidation("Accept", Accepted);
        question.Headers.Authorization = await _login.GetAsync(cancellationToken).ConfigureAwait(false);
        var sent = _time.GetUtcNow();
        long begun = _time.GetTimestamp();
        using var response = await SendAsync(question, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK) throw ErrorOf(response.StatusCode);
        var reader = await ReadAsync(response.Content, cancellationToken).ConfigureAwait(false);
        var roundTrip = _time.GetElapsedTime(begun);
        if (!reader.IsNodeExporter) throw MonitoringErrors.ExporterForeign(_server.Name, Place);
        lock (_history) return new ProbeAnswer(_history.Complete(reader.Read(request.Units)), new ProbeTiming(sent, roundTrip));
    }

    public void Dispose()
    {
        _client.Dispose();
        _handler.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage question, CancellationToken cancellationToken)
    {
        try
        {
            // The headers alone: HttpMessageInvoker leaves the body to who reads it.
            return await _client.SendAsync(question, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException error) when (error is { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException inner })
        {
            throw MonitoringErrors.ExporterNotTrusted(_server.Name, Place, _trust.Distrust, inner);
        }
        catch (Exception error) when (error is HttpRequestException or SocketException or IOException)
        {
            string reason = NetworkConnect.Describe(error, _url.IdnHost, _url.Port);
            // A refusal is the server's own word, as is the end of a connection that was made: what is down says nothing.
            throw error.GetBaseException() is SocketException { SocketErrorCode: not (SocketError.ConnectionRefused or SocketError.ConnectionReset) }
                ? MonitoringErrors.ExporterUnreachable(_server.Name, Place, reason, error) : MonitoringErrors.ExporterNotRunning(_server.Name, Place, reason, error);
        }
    }

    private async Task<NodeExporterReader> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var reader = new NodeExporterReader();
        var parser = new MetricTextParser(_limits, reader.Take);
        var decoder = Encoding.UTF8.GetDecoder();
        byte[] bytes = ArrayPool<byte>.Shared.Rent(PieceSize);
        char[] characters = ArrayPool<char>.Shared.Rent(Encoding.UTF8.GetMaxCharCount(bytes.Length));
        try
        {
            await using var body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            for (int length; (length = await body.ReadAsync(bytes, cancellationToken).ConfigureAwait(false)) > 0;)
                parser.Append(characters.AsSpan(0, decoder.GetChars(bytes.AsSpan(0, length), characters, flush: false)));
            parser.Append(characters.AsSpan(0, decoder.GetChars([], characters, flush: true)));
            parser.Complete();
            return reader;
        }
        catch (MetricTextException error)
        {
            throw error.Fault switch
            {
                MetricTextFault.TooMuch => MonitoringErrors.ExporterTooLarge(_server.Name, Place, error.Message),
                MetricTextFault.Unfinished => MonitoringErrors.ExporterTruncated(_server.Name, Place, error),
                _ => MonitoringErrors.ExporterNotUnderstood(_server.Name, Place, IsPage(content.Headers.ContentType) ? "it is a web page" : error.Message),
            };
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw MonitoringErrors.ExporterTruncated(_server.Name, Place, error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    private ProdOpsException ErrorOf(HttpStatusCode status)
    {
        if (status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)) return MonitoringErrors.ExporterRefused(_server.Name, Place, (int)status);
        // What was changed meanwhile is read anew the next time.
        _login.Forget();
        return MonitoringErrors.ExporterLoginFailed(_server.Name, Place, _login.IsGiven);
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        // The server's own name need not be one that a resolver knows.
        if (host.Equals(_server.Name, StringComparison.OrdinalIgnoreCase)) host = CheckFactory.AddressOf(_server);
        var connected = await NetworkConnect.ConnectAsync(host, port, _time, cancellationToken).ConfigureAwait(false);
        return new NetworkStream(connected.Socket, ownsSocket: true);
    }

    private static bool IsPage(MediaTypeHeaderValue? type) => type?.MediaType is "text/html" or "application/xhtml+xml";
}
