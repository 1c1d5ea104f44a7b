using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ProdOps.Servers.Connections;

namespace ProdOps.Monitoring.Checks.Http;

/// <summary>One request on connections of its own, which keeps what a client does not tell: how long each phase of the last connection took, and the certificate that was shown.</summary>
internal sealed class HttpExchange : IDisposable
{
    private readonly HttpCheckOptions _options;
    private readonly TimeProvider _time;
    private readonly SocketsHttpHandler _handler;
    private readonly CertificateTrust _trust;
    private long _connected;

    public HttpExchange(HttpCheckOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _trust = new CertificateTrust(options.CaCertificate, MonitoringErrors.CaCertificateUnreadable);
        _handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = true,
            MaxAutomaticRedirections = 5,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            MaxResponseHeadersLength = 64,
            ConnectCallback = async (context, cancellationToken) => await ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false),
            PlaintextStreamFilter = (context, _) =>
            {
                if (context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttps) Tls = _time.GetElapsedTime(_connected);
                return ValueTask.FromResult(context.PlaintextStream);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = _trust.Options.CertificateChainPolicy,
                RemoteCertificateValidationCallback = Validate,
            },
        };
    }

    public TimeSpan Resolve { get; private set; }

    public TimeSpan Connect { get; private set; }

    public TimeSpan Tls { get; private set; }

    /// <summary>The certificate of the host that was asked for; not of one that it redirects to.</summary>
    public X509Certificate2? Certificate { get; private set; }

    /// <summary>Why the certificate is not believed; <see langword="null"/> if it is.</summary>
    public string? Distrust => _trust.Distrust;

    public async Task<HttpResponseMessage> SendAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpMessageInvoker(_handler, disposeHandler: false);
        var request = new HttpRequestMessage(new HttpMethod(_options.Method), _options.Url) { Version = System.Net.HttpVersion.Version11 };
        request.Headers.TryAddWithoutValidation("User-Agent", "ProdOps");
        if (_options.Body is { } body) request.Content = new StringContent(body);
        foreach (var (name, value) in _options.Headers)
        {
            // Content-Type is the body's and not the request's; it takes the place of the one that a text has by itself.
            if (request.Headers.TryAddWithoutValidation(name, value) || request.Content is not { } content) continue;
            content.Headers.Remove(name);
            content.Headers.TryAddWithoutValidation(name, value);
        }

        if (_options.User is { } user) request.Headers.Authorization = Basic(user + ":", await SecretAsync(cancellationToken).ConfigureAwait(false));
        else if (_options.Url.UserInfo.Length > 0) request.Headers.Authorization = Basic(Uri.UnescapeDataString(_options.Url.UserInfo), "");
        return await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks, and reads the answer as far as it may go.</summary>
    public async Task<(int Status, string Body)> ReadAsync(CancellationToken cancellationToken)
    {
        using var response = await SendAsync(cancellationToken).ConfigureAwait(false);
        return ((int)response.StatusCode, await BodyAsync(response, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>An answer's body, as far as it may go.</summary>
    public async Task<string> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[16 * 1024];
        var body = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        int length;
        while (body.Length < _options.MaximumBody && (length = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            body.Write(buffer, 0, (int)Math.Min(length, _options.MaximumBody - body.Length));
        return Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
    }

    /// <summary>Why it failed, in a few words.</summary>
    public string Describe(Exception error) => Distrust is { } distrust
        ? $"the certificate is not believed: {distrust}"
        : NetworkConnect.Describe(error, _options.ConnectTo ?? _options.Url.Host, _options.Url.Port);

    public void Dispose()
    {
        _handler.Dispose();
        Certificate?.Dispose();
    }

    private async Task<string> SecretAsync(CancellationToken cancellationToken)
    {
        if (_options.Password is not { } source) return "";
        using var secret = await source.ResolveAsync(cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(secret.Bytes.Span);
    }

    private static AuthenticationHeaderValue Basic(string user, string password) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user + password)));

    private async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        bool isAsked = host.Equals(_options.Url.IdnHost, StringComparison.OrdinalIgnoreCase);
        var connected = await NetworkConnect.ConnectAsync(isAsked ? _options.ConnectTo ?? host : host, port, _time, cancellationToken).ConfigureAwait(false);
        Resolve = connected.Resolve;
        Connect = connected.Connect;
        _connected = _time.GetTimestamp();
        return new NetworkStream(connected.Socket, ownsSocket: true);
    }

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (Certificate is null && certificate is X509Certificate2 shown) Certificate = new X509Certificate2(shown);
        // A server that is not believed is sent nothing.
        return _trust.Options.RemoteCertificateValidationCallback!(sender, certificate, chain, errors);
    }
}
