using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ProdOps.Servers;
using ProdOps.Servers.Secrets;

namespace ProdOps.LoadBalancing.Floating;

/// <summary>Asks DigitalOcean's API about one reserved address. The token goes to its host alone, by TLS alone but for this machine's own addresses.</summary>
internal sealed class DigitalOceanApi
{
    private const int LongestAnswer = 1024 * 1024;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);

    private readonly string _root, _address;
    private readonly SecretSource _token;
    private readonly TimeProvider _time;

    public DigitalOceanApi(string url, string address, SecretSource token, TimeProvider time)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || !(uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)))
            throw LoadBalancingErrors.FloatingAddressInvalid(address, "its Url is no address of HTTPS", "Leave Url out for the provider's own, or write it as https://host.");
        (_root, _address, _token, _time) = ($"{uri.GetLeftPart(UriPartial.Path).TrimEnd('/')}/v2/reserved_ips/{address}", address, token, time);
    }

    public Task<DigitalOceanAnswer> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public Task<DigitalOceanAnswer> PostAsync(string path, string json, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, json, cancellationToken);

    /// <exception cref="HttpRequestException">There was no answer.</exception>
    private async Task<DigitalOceanAnswer> SendAsync(HttpMethod method, string path, string? json, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LongestAnswer };
        using var request = new HttpRequestMessage(method, path.Length == 0 ? _root : $"{_root}/{path}");
        using (var token = await _token.ResolveAsync(cancellationToken).ConfigureAwait(false))
        {
            string text = Encoding.UTF8.GetString(token.Bytes.Span);
            if (text.Any(c => c is < '!' or > '~')) throw LoadBalancingErrors.FloatingAddressInvalid(_address, "what its Token refers to is no token", "The file, variable or command must hold the token alone.");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", text);
        }

        request.Headers.UserAgent.ParseAdd("ProdOps");
        request.Headers.Accept.ParseAdd("application/json");
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var limit = new CancellationTokenSource(AnswerLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token).ConfigureAwait(false);
            byte[] body = await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
            return new DigitalOceanAnswer(_address, (int)response.StatusCode, body, RetryAfter(response));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"no answer within {AnswerLimit.TotalSeconds:0} s"));
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - _time.GetUtcNow() is var wait && wait > TimeSpan.Zero => wait,
        _ => null,
    };
}

/// <summary>An answer of the API.</summary>
/// <param name="Address">The address it is about.</param>
/// <param name="Status">The status of HTTP.</param>
/// <param name="Body">The body.</param>
/// <param name="RetryAfter">How long to wait, if it says so.</param>
internal sealed record DigitalOceanAnswer(string Address, int Status, byte[] Body, TimeSpan? RetryAfter)
{
    /// <summary>True if asking again later may help.</summary>
    public bool MayPass => Status is 408 or 425 or 429 or >= 500;

    /// <summary>What it says of itself: the member <c>message</c> of the API's errors.</summary>
    public string Said
    {
        get
        {
            string? message = null;
            if (TryParse() is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("message", out var member)) message = member.ValueKind == JsonValueKind.String ? member.GetString() : null;
            string status = string.Create(CultureInfo.InvariantCulture, $"HTTP {Status}");
            return message is null ? status : $"{status}: {ServersErrors.Shorten(message)}";
        }
    }

    /// <summary>The body of a good answer.</summary>
    /// <exception cref="ProdOpsException">It is none.</exception>
    public JsonElement EnsureSuccess() => Status switch
    {
        >= 200 and < 300 => TryParse() ?? throw LoadBalancingErrors.FloatingAddressNotUnderstood(Address, "it is no JSON"),
        401 or 403 => throw LoadBalancingErrors.FloatingAddressLoginFailed(Address, Said),
        404 => throw LoadBalancingErrors.FloatingAddressUnknown(Address, Said),
        _ => throw LoadBalancingErrors.FloatingAddressNotUnderstood(Address, Said),
    };

    private JsonElement? TryParse()
    {
        try
        {
            using var document = JsonDocument.Parse(Body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
