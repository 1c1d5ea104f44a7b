using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace ProdOps.Backup.Storage;

/// <summary>Asks a REST server and turns what goes wrong into errors of the catalogue.</summary>
internal sealed class RestClient : IDisposable
{
    private readonly RestAddress _address;
    private readonly TransferOptions _options;
    private readonly PlaceHttp _place;
    private readonly HttpClient _http;
    private readonly string? _user;

    /// <param name="address">Where.</param>
    /// <param name="user">Who asks, or <see langword="null"/>.</param>
    /// <param name="password">Its password (UTF-8); not kept.</param>
    /// <param name="options">How.</param>
    public RestClient(RestAddress address, string? user, ReadOnlySpan<byte> password, TransferOptions options)
    {
        (_address, _options, _user) = (address, options, user);
        _place = new PlaceHttp(address.Location, options);
        _http = new HttpClient(_place.Handler) { Timeout = Timeout.InfiniteTimeSpan };
        if (user is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Encode(user, password));
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("ProdOps");
    }

    /// <summary>Asks. The answer is whatever status the server gives; only what keeps it from giving one is thrown.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Action<HttpRequestMessage>? prepare, StallWatch watch)
    {
        using var request = new HttpRequestMessage(method, new Uri(_address.Root, path))
        {
            Version = HttpVersion.Version20,
            // Over TLS the server is asked for HTTP/2; in the clear nobody can be.
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        prepare?.Invoke(request);
        return await GuardAsync(async () => await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watch.Token), watch);
    }

    /// <summary>Runs what may break off.</summary>
    public async Task<T> GuardAsync<T>(Func<Task<T>> action, StallWatch watch)
    {
        try
        {
            return await action();
        }
        catch (OperationCanceledException) when (watch.HasStalled)
        {
            throw BackupErrors.PlaceStalled(_address.Location, _options.MaximumSilence);
        }
        catch (HttpRequestException error)
        {
            throw _place.Translate(error);
        }
        catch (IOException error)
        {
            throw BackupErrors.PlaceUnreachable(_address.Location, error.Message, error);
        }
    }

    /// <summary>The error of a status that no operation expects.</summary>
    public ProdOpsException Refused(HttpResponseMessage response, string operation)
    {
        string status = $"HTTP {(int)response.StatusCode}";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => BackupErrors.PlaceLoginFailed(_address.Location, _user),
            HttpStatusCode.Forbidden or HttpStatusCode.MethodNotAllowed => BackupErrors.PlaceDenied(_address.Location, operation, status),
            HttpStatusCode.InsufficientStorage => BackupErrors.StorageFull(_address.Location),
            HttpStatusCode.RequestEntityTooLarge => BackupErrors.PlaceFileTooLarge(_address.Location, operation, status),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 => BackupErrors.PlaceBusy(_address.Location, status, RetryAfter(response)),
            HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported => BackupErrors.PlaceMisbehaves(_address.Location, $"asked to {operation}, it says {status}"),
            >= HttpStatusCode.InternalServerError => BackupErrors.PlaceBusy(_address.Location, status, RetryAfter(response)),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => BackupErrors.PlaceMisbehaves(_address.Location, $"asked to {operation}, it sends us to another address ({status})"),
            _ => BackupErrors.PlaceMisbehaves(_address.Location, $"asked to {operation}, it says {status}"),
        };
    }

    public void Dispose()
    {
        _http.Dispose();
        _place.Dispose();
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - _options.Time.GetUtcNow() is var wait && wait > TimeSpan.Zero => wait,
        _ => null,
    };

    private static string Encode(string user, ReadOnlySpan<byte> password)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(user + ":"), .. password];
        try
        {
            return Convert.ToBase64String(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
