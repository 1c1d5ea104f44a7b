using System.Security.Authentication;
using ProdOps.Servers.Connections;

namespace ProdOps.Backup.Storage;

/// <summary>How places that are reached over HTTP connect, and why they do not.</summary>
internal sealed class PlaceHttp : IDisposable
{
    private readonly string _location;
    private readonly CertificateTrust _trust;

    /// <param name="location">The place, for messages.</param>
    /// <param name="options">Which certificates to trust.</param>
    public PlaceHttp(string location, TransferOptions options)
    {
        _location = location;
        _trust = new CertificateTrust(options.CaCertificate, BackupErrors.CaCertificateUnreadable);
        Handler = new SocketsHttpHandler
        {
            // The login must not follow a redirection to somebody else.
            AllowAutoRedirect = false,
            UseCookies = false,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            SslOptions = _trust.Options,
        };
    }

    public SocketsHttpHandler Handler { get; }

    /// <summary>The error of a request that got no answer.</summary>
    public ProdOpsException Translate(HttpRequestException error)
    {
        if (error.HttpRequestError == HttpRequestError.SecureConnectionError && error.InnerException is AuthenticationException)
            return BackupErrors.PlaceNotTrusted(_location, _trust.Distrust ?? error.InnerException.Message, error);
        bool connecting = error.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError;
        // What is beneath says it in fewer words: "Connection refused".
        string reason = (error.InnerException as System.Net.Sockets.SocketException)?.Message ?? error.Message;
        return BackupErrors.PlaceUnreachable(_location, reason, error, isConnecting: connecting);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => Handler.Dispose();
}
