using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Notifications.Webhooks;

/// <summary>
/// Sends messages to web addresses. A POST stays a POST: it is repeated where a redirection goes, if that is the same host and port, or from HTTP to HTTPS of the
/// same host; the message and the login go nowhere else.
/// </summary>
internal sealed class WebhookSender : INotificationSender
{
    private const int MostRedirects = 3, LongestAnswer = 8 * 1024;

    private readonly ChannelSecrets _secrets;
    private readonly TimeProvider _time;
    private readonly List<(string Name, string Value)> _headers;

    public WebhookSender(NotificationChannel channel, ChannelSecrets secrets, TimeProvider time)
    {
        (Channel, _secrets, _time) = (channel, secrets, time);
        if (!secrets.HidesTarget) _ = UrlOf(channel.Target);
        if (channel is { Template: WebhookTemplate.PagerDuty, Body: null } && !secrets.HasToken) throw Invalid("it has no routing key", "Say as Token where the key of the service's integration comes from.");
        _headers = [.. channel.Headers.Select(HeaderOf)];
        using var probe = new HttpRequestMessage();
        // Of the body's own headers none is the request's: without this nothing would be signed, and nobody would know.
        if (channel.SigningKey is not null && !probe.Headers.TryAddWithoutValidation(channel.SignatureHeader, "x")) throw Invalid("its SignatureHeader is none that a request can have", "Leave it out for X-Hub-Signature-256.");
    }

    public NotificationChannel Channel { get; }

    public Task SendAsync(NotificationMessage message, CancellationToken cancellationToken) => SendLimit.RunAsync(Channel, _time, async token =>
    {
        var url = UrlOf(await _secrets.TargetAsync(token).ConfigureAwait(false));
        // Whoever quotes a secret address leaves the host away.
        if (_secrets.HidesTarget) SecretRedactor.Shared.Learn(Encoding.UTF8.GetBytes(url.PathAndQuery));
        string? key = await _secrets.TokenAsync(token).ConfigureAwait(false);
        var requests = WebhookBody.Write(Channel, message, Bare(url), key);
        var login = await LoginAsync(url, key, token).ConfigureAwait(false);
        using var signing = await _secrets.SigningKeyAsync(token).ConfigureAwait(false);
        var trust = new CertificateTrust(Channel.CaCertificate, MonitoringErrors.CaCertificateUnreadable);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, MaxResponseHeadersLength = 64, SslOptions = trust.Options,
        }) { Timeout = Timeout.InfiniteTimeSpan };
        // An alert that is sent in two requests may be repeated from the first on: each has a key of its own.
        foreach (var request in requests) await PostAsync(client, request, new Proof(login, SignatureOf(signing, request.Body)), trust, token).ConfigureAwait(false);
    }, cancellationToken);

    private async Task PostAsync(HttpClient client, WebhookRequest request, Proof proof, CertificateTrust trust, CancellationToken cancellationToken)
    {
        var url = request.Url;
        for (int redirects = 0; ; redirects++)
        {
            using var post = MakePost(url, request, proof);
            using var response = await AskAsync(client, post, trust, cancellationToken).ConfigureAwait(false);
            string answer = await ReadAsync(response, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode && WebhookBody.IsRefusal(Channel, answer)) throw MonitoringErrors.NotDelivered(Channel.Name, PlainLine.OfAnswer(answer));
            if (response.IsSuccessStatusCode) return;
            if ((int)response.StatusCode is not (301 or 302 or 307 or 308) || redirects >= MostRedirects || Next(url, response.Headers.Location) is not { } next) throw ErrorOf(response, answer);
            url = next;
        }
    }

    private HttpRequestMessage MakePost(Uri url, WebhookRequest request, Proof proof)
    {
        var post = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(request.Body) };
        post.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        post.Headers.UserAgent.ParseAdd("ProdOps");
        post.Headers.TryAddWithoutValidation("Idempotency-Key", request.Key);
        post.Headers.Authorization = proof.Login;
        foreach (var (name, value) in _headers)
        {
            bool ofContent = name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase);
            HttpHeaders headers = ofContent ? post.Content.Headers : post.Headers;
            headers.Remove(name);
            headers.TryAddWithoutValidation(name, value);
        }

        if (proof.Signature is null) return post;
        post.Headers.Remove(Channel.SignatureHeader);
        post.Headers.TryAddWithoutValidation(Channel.SignatureHeader, proof.Signature);
        return post;
    }

    /// <summary>As GitHub signs webhooks: HMAC-SHA256 (RFC 2104, FIPS 180-4) over the body as it is sent, in lower-case hexadecimal digits.</summary>
    private static string? SignatureOf(Secret? key, byte[] body) => key is null ? null : "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(key.Bytes.Span, body));

    private async Task<HttpResponseMessage> AskAsync(HttpClient client, HttpRequestMessage post, CertificateTrust trust, CancellationToken cancellationToken)
    {
        try
        {
            return await client.SendAsync(post, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException error)
        {
            // What is below names the host.
            var cause = _secrets.HidesTarget ? null : error;
            if (error is { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException inner })
                throw trust.Distrust is { } reason ? MonitoringErrors.NotificationNotTrusted(Channel.Name, reason, cause) : MonitoringErrors.NotDelivered(Channel.Name, Place(post.RequestUri!) + inner.Message, cause);
            throw MonitoringErrors.NotDelivered(Channel.Name, Place(post.RequestUri!) + PlainLine.OfAnswer(Describe(error)), cause);
        }
    }

    /// <summary>The beginning of the answer, which says what is wrong. What is whole without it is taken.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[LongestAnswer];
        int length = 0;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            int count;
            while (length < buffer.Length && (count = await body.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false)) > 0) length += count;
        }
        catch (Exception error) when (error is IOException or HttpRequestException || (error is OperationCanceledException && response.IsSuccessStatusCode))
        {
        }

        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private ProdOpsException ErrorOf(HttpResponseMessage response, string body)
    {
        int status = (int)response.StatusCode;
        string said = PlainLine.OfAnswer(body);
        string answer = string.Create(CultureInfo.InvariantCulture, $"{Place(response.RequestMessage!.RequestUri!)}HTTP {status} {PlainLine.OfAnswer(response.ReasonPhrase)}").TrimEnd() + (said.Length > 0 ? $": {said}" : "");
        return status switch
        {
            // A login or an address that is wrong today may be mended tomorrow: these are the channel's, not the message's.
            401 or 403 or 407 => MonitoringErrors.NotificationLoginFailed(Channel.Name, answer, Channel.User is not null || _secrets.HasToken),
            404 or 405 or 410 => MonitoringErrors.NotificationAddressWrong(Channel.Name, answer),
            >= 300 and < 400 => MonitoringErrors.NotificationAddressWrong(Channel.Name, $"it sends us to another address ({answer})"),
            402 or 408 or 425 or 429 or >= 500 => MonitoringErrors.NotDelivered(Channel.Name, answer, retryAfter: RetryAfter(response)),
            _ => MonitoringErrors.NotificationRefused(Channel.Name, answer),
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - _time.GetUtcNow() is var wait && wait > TimeSpan.Zero => wait,
        _ => null,
    };

    private async Task<AuthenticationHeaderValue?> LoginAsync(Uri url, string? token, CancellationToken cancellationToken)
    {
        // PagerDuty's key stands in the body.
        if (token is not null && (Channel.Template != WebhookTemplate.PagerDuty || Channel.Body is not null)) return new AuthenticationHeaderValue("Bearer", PlainLine.Of(token, token.Length));
        string? login = Channel.User is { } user ? $"{user}:{await _secrets.PasswordAsync(cancellationToken).ConfigureAwait(false)}" : url.UserInfo.Length > 0 ? Uri.UnescapeDataString(url.UserInfo) : null;
        return login is null ? null : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login)));
    }

    private static Uri? Next(Uri url, Uri? location)
    {
        if (location is null) return null;
        var next = new Uri(url, location);
        bool sameHost = next.IdnHost.Equals(url.IdnHost, StringComparison.OrdinalIgnoreCase);
        bool same = next.Scheme == url.Scheme && next.Port == url.Port;
        bool safer = url.Scheme == Uri.UriSchemeHttp && next.Scheme == Uri.UriSchemeHttps && url.IsDefaultPort && next.IsDefaultPort;
        return sameHost && (same || safer) ? next : null;
    }

    /// <summary>The address for messages: no path, which is what is secret of most webhooks.</summary>
    private string Place(Uri url) => _secrets.HidesTarget ? "" : $"{url.Scheme}://{url.IdnHost}{(url.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{url.Port}"))}: ";

    private string Describe(HttpRequestException error) => error.GetBaseException() switch
    {
        SocketException socket => socket.Message,
        _ when _secrets.HidesTarget => error.HttpRequestError.ToString(),
        var other => other.Message,
    };

    private Uri UrlOf(string target)
    {
        if (target.Length == 0 && Channel is { Template: WebhookTemplate.PagerDuty, Body: null }) return WebhookBody.PagerDuty;
        if (Uri.TryCreate(target, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) && url.Host.Length > 0) return url;
        throw Invalid(_secrets.HidesTarget ? "its secret target is no web address" : "its Target is no web address", "Write it as https://host/path.");
    }

    private (string Name, string Value) HeaderOf(string header)
    {
        int colon = header.IndexOf(':');
        string name = colon > 0 ? header[..colon].Trim() : "", value = header[(colon + 1)..].Trim();
        // RFC 9110, section 5.6.2: what a name is made of.
        bool isName = name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c));
        return isName && !value.Any(char.IsControl) ? (name, value) : throw Invalid("one of its Headers is none", "Write each as 'Name: value', on one line.");
    }

    private static Uri Bare(Uri url) => url.UserInfo.Length == 0 ? url : new UriBuilder(url) { UserName = "", Password = "" }.Uri;

    /// <summary>What shows the receiver whose message it is.</summary>
    private sealed record Proof(AuthenticationHeaderValue? Login, string? Signature);

    private ProdOpsException Invalid(string why, string recommendation) => MonitoringErrors.ChannelInvalid(Channel.Name, why, recommendation);
}
