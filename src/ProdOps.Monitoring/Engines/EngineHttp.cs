using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using ProdOps.Monitoring.Notifications;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Engines;

/// <summary>An answer that came whole.</summary>
internal readonly record struct EngineAnswer(int Status, byte[] Body);

/// <summary>Asks an engine over HTTP: with a login, in time, to the end of an answer that is not too long, and with what goes wrong as an error of the catalogue.</summary>
internal sealed class EngineHttp : IDisposable
{
    // A longer address goes into the body: proxies refuse those of more than 8 KiB.
    private const int LongestAddress = 4000;

    private readonly EngineOptions _options;
    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _client;
    private readonly CertificateTrust _trust;
    private readonly HttpLogin _login;
    private int _connections;

    public EngineHttp(EngineOptions options)
    {
        _options = options;
        _login = new HttpLogin(options.Token, options.User, options.Password);
        Location = options.Url.AbsoluteUri.TrimEnd('/');
        _trust = new CertificateTrust(options.CaCertificate, MonitoringErrors.CaCertificateUnreadable);
        _handler = new SocketsHttpHandler
        {
            // The login must not follow a redirection to somebody else.
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            MaxResponseHeadersLength = 64,
            SslOptions = _trust.Options,
            ConnectCallback = ConnectAsync,
        };
        _client = new HttpClient(_handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("ProdOps");
    }

    /// <summary>The engine, for messages.</summary>
    public string Location { get; }

    /// <summary>How many connections were made so far: one that is kept does not survive the program at its other end.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Asks a question, which changes nothing.</summary>
    /// <returns>Also an answer that is an error, where the API says why in it (400 and 422).</returns>
    /// <exception cref="ProdOpsException">There is no answer, or none of the API.</exception>
    public Task<EngineAnswer> GetAsync(string path, IReadOnlyList<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken)
    {
        string query = string.Join('&', parameters.Select(static one => $"{one.Key}={Uri.EscapeDataString(one.Value)}")), address = Location + path;
        var request = query.Length == 0 ? new HttpRequestMessage(HttpMethod.Get, address)
            : query.Length + address.Length <= LongestAddress ? new HttpRequestMessage(HttpMethod.Get, $"{address}?{query}")
            : new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(query, Encoding.ASCII, "application/x-www-form-urlencoded") };
        return AskAsync(request, cancellationToken);
    }

    /// <summary>Sends something.</summary>
    /// <exception cref="ProdOpsException">It was not taken, or nobody knows whether it was.</exception>
    public Task<EngineAnswer> PostAsync(string path, HttpContent content, CancellationToken cancellationToken) =>
        AskAsync(new HttpRequestMessage(HttpMethod.Post, Location + path) { Content = content }, cancellationToken);

    public void Dispose()
    {
        _client.Dispose();
        _handler.Dispose();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref _connections);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<EngineAnswer> AskAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        using (var limit = new CancellationTokenSource(_options.Timeout, _options.Time))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token))
        {
            request.Headers.Authorization = await _login.GetAsync(both.Token).ConfigureAwait(false);
            try
            {
                using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
                byte[] body = await ReadAsync(response, both.Token).ConfigureAwait(false);
                return response.IsSuccessStatusCode || response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity
                    ? new EngineAnswer((int)response.StatusCode, body) : throw ErrorOf(response, body);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw MonitoringErrors.EngineSilent(Location, _options.Timeout);
            }
            catch (HttpRequestException error) when (error is { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException inner })
            {
                throw MonitoringErrors.EngineNotTrusted(Location, _trust.Distrust ?? inner.Message, error);
            }
            catch (HttpRequestException error)
            {
                bool connecting = error.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError;
                throw MonitoringErrors.EngineUnreachable(Location, PlainLine.OfAnswer((error.InnerException as SocketException)?.Message ?? error.Message), connecting, error);
            }
            catch (IOException error)
            {
                throw MonitoringErrors.EngineUnreachable(Location, PlainLine.OfAnswer(error.Message), isConnecting: false, error);
            }
        }
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var read = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        int length;
        while ((length = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            if (read.Length + length > _options.LongestAnswer) throw MonitoringErrors.EngineAnswerTooLong(Location, _options.LongestAnswer);
            read.Write(buffer, 0, length);
        }

        return read.ToArray();
    }

    private ProdOpsException ErrorOf(HttpResponseMessage response, byte[] body)
    {
        int status = (int)response.StatusCode;
        // What it says may repeat what it was sent.
        string said = PlainLine.OfAnswer(Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, 4096)));
        string answer = string.Create(CultureInfo.InvariantCulture, $"{said} (HTTP {status})").TrimStart();
        return response.StatusCode switch
        {
            // What was changed meanwhile is read anew the next time.
            HttpStatusCode.Unauthorized => Forget(MonitoringErrors.EngineLoginFailed(Location, _login.IsGiven)),
            HttpStatusCode.Forbidden => Forget(MonitoringErrors.EngineDenied(Location, answer)),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => MonitoringErrors.EngineMisbehaves(Location, $"it sends us to another address (HTTP {status})"),
            HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed => MonitoringErrors.EngineMisbehaves(Location, $"it does not know what was asked: {answer}"),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => MonitoringErrors.EngineBusy(Location, answer),
            _ => MonitoringErrors.EngineRefused(Location, answer),
        };
    }

    private ProdOpsException Forget(ProdOpsException error)
    {
        _login.Forget();
        return error;
    }
}
