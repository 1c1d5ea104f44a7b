using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ProdOps.Backup.Storage;

/// <summary>Asks a REST server and turns what goes wrong into errors of the catalogue.</summary>
internal sealed class RestClient : IDisposable
{
    private readonly RestAddress _address;
    private readonly TransferOptions _options;
    private readonly HttpClient _http;
    private readonly string? _user;
    private string? _distrust;

    /// <param name="address">Where.</param>
    /// <param name="user">Who asks, or <see langword="null"/>.</param>
    /// <param name="password">Its password (UTF-8); not kept.</param>
    /// <param name="options">How.</param>
    public RestClient(RestAddress address, string? user, ReadOnlySpan<byte> password, TransferOptions options)
    {
        (_address, _options, _user) = (address, options, user);
        var handler = new SocketsHttpHandler
        {
            // The login must not follow a redirection to somebody else.
            AllowAutoRedirect = false,
            UseCookies = false,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = CreatePolicy(options.CaCertificate), RemoteCertificateValidationCallback = Validate },
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
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
            throw Translate(error);
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
            HttpStatusCode.InsufficientStorage or HttpStatusCode.RequestEntityTooLarge => BackupErrors.StorageFull(_address.Location),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 => BackupErrors.PlaceBusy(_address.Location, status, RetryAfter(response)),
            HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported => BackupErrors.PlaceMisbehaves(_address.Location, $"asked to {operation}, it says {status}"),
            >= HttpStatusCode.InternalServerError => BackupErrors.PlaceBusy(_address.Location, status, RetryAfter(response)),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => BackupErrors.PlaceMisbehaves(_address.Location, $"asked to {operation}, it sends us to another address ({status})"),
            _ => BackupErrors.PlaceMisbehaves(_address.Location, $"asked to {operation}, it says {status}"),
        };
    }

    public void Dispose() => _http.Dispose();

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - _options.Time.GetUtcNow() is var wait && wait > TimeSpan.Zero => wait,
        _ => null,
    };

    private ProdOpsException Translate(HttpRequestException error)
    {
        if (error.HttpRequestError == HttpRequestError.SecureConnectionError && error.InnerException is AuthenticationException)
            return BackupErrors.PlaceNotTrusted(_address.Location, Volatile.Read(ref _distrust) ?? error.InnerException.Message, error);
        bool connecting = error.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError;
        // What is beneath says it in fewer words: "Connection refused".
        string reason = (error.InnerException as System.Net.Sockets.SocketException)?.Message ?? error.Message;
        return BackupErrors.PlaceUnreachable(_address.Location, reason, error, isConnecting: connecting);
    }

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        string reason = errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? $"it is not for {_address.Root.Host}"
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "there is none"
            : string.Join(", ", chain?.ChainStatus.Select(status => status.StatusInformation.TrimEnd('.', ' ', '\n')).Distinct() ?? []) is { Length: > 0 } text ? text : "its chain is broken";
        Volatile.Write(ref _distrust, reason);
        return false;
    }

    private static X509ChainPolicy? CreatePolicy(string? caCertificate)
    {
        if (caCertificate is null) return null;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(caCertificate);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw BackupErrors.CaCertificateUnreadable(caCertificate, error);
        }

        return policy.CustomTrustStore.Count > 0 ? policy
            : throw BackupErrors.CaCertificateUnreadable(caCertificate, new InvalidDataException("It holds no certificate."));
    }

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
