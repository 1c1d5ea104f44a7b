using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ProdOps.Backup.Storage;

/// <summary>How places that are reached over HTTP connect, and why they do not.</summary>
internal sealed class PlaceHttp : IDisposable
{
    private readonly string _location;
    private string? _distrust;

    /// <param name="location">The place, for messages.</param>
    /// <param name="options">Which certificates to trust.</param>
    public PlaceHttp(string location, TransferOptions options)
    {
        _location = location;
        Handler = new SocketsHttpHandler
        {
            // The login must not follow a redirection to somebody else.
            AllowAutoRedirect = false,
            UseCookies = false,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = CreatePolicy(options.CaCertificate), RemoteCertificateValidationCallback = Validate },
        };
    }

    public SocketsHttpHandler Handler { get; }

    /// <summary>The error of a request that got no answer.</summary>
    public ProdOpsException Translate(HttpRequestException error)
    {
        if (error.HttpRequestError == HttpRequestError.SecureConnectionError && error.InnerException is AuthenticationException)
            return BackupErrors.PlaceNotTrusted(_location, Volatile.Read(ref _distrust) ?? error.InnerException.Message, error);
        bool connecting = error.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError;
        // What is beneath says it in fewer words: "Connection refused".
        string reason = (error.InnerException as System.Net.Sockets.SocketException)?.Message ?? error.Message;
        return BackupErrors.PlaceUnreachable(_location, reason, error, isConnecting: connecting);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => Handler.Dispose();

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        string reason = errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "it is for another host"
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
}
