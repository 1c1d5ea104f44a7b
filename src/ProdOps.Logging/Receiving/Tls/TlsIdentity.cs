using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ProdOps.Servers.Secrets;

namespace ProdOps.Logging.Receiving.Tls;

/// <summary>What a TLS listener shows, and whom it lets in. A certificate that was renewed on disk is taken up without a restart.</summary>
internal sealed class TlsIdentity : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);

    private readonly TlsFiles _files;
    private readonly SecretSource? _password;
    private readonly ClientCertificates? _clients;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private SslStreamCertificateContext _context;
    private DateTime _changed;
    private long _lookedAt;

    private TlsIdentity(TlsFiles files, SecretSource? password, ClientCertificates? clients, TimeProvider time, SslStreamCertificateContext context)
    {
        _files = files;
        _password = password;
        _clients = clients;
        _time = time;
        _context = context;
        _changed = files.LastChange;
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>Reads the certificate.</summary>
    /// <param name="files">Where it is.</param>
    /// <param name="password">The key's or the PFX file's password.</param>
    /// <param name="clients">Whose certificates senders must show; <see langword="null"/> to ask for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ProdOpsException">It cannot be read, or has no key.</exception>
    public static async Task<TlsIdentity> LoadAsync(TlsFiles files, SecretSource? password, ClientCertificates? clients, TimeProvider time, CancellationToken cancellationToken) =>
        new(files, password, clients, time, await ReadAsync(files, password, cancellationToken).ConfigureAwait(false));

    /// <summary>What a connection's TLS is made with.</summary>
    /// <param name="peer">Who it is with, for messages.</param>
    /// <param name="activity">Told why a certificate is refused.</param>
    /// <param name="refused">Called when it is.</param>
    public SslServerAuthenticationOptions CreateOptions(string peer, IActivity activity, Action refused)
    {
        var options = new SslServerAuthenticationOptions { ServerCertificateContext = Current(activity), ClientCertificateRequired = _clients is not null };
        if (_clients is null) return options;
        options.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
        options.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
        {
            if (_clients.FindFault(certificate as X509Certificate2, chain) is not { } fault) return true;
            refused();
            activity.Verbose($"The certificate of {peer} is refused: {fault}.");
            return false;
        };
        return options;
    }

    public void Dispose() => _clients?.Dispose();

    private static async Task<SslStreamCertificateContext> ReadAsync(TlsFiles files, SecretSource? password, CancellationToken cancellationToken)
    {
        try
        {
            var (certificate, chain) = await files.ReadAsync(password, cancellationToken).ConfigureAwait(false);
            // Offline: nothing is fetched while senders wait.
            return SslStreamCertificateContext.Create(certificate, chain, offline: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw LoggingErrors.ReceiverCertificateUnreadable(files.Certificate, exception.Message);
        }
    }

    private SslStreamCertificateContext Current(IActivity activity)
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_lookedAt) < LookInterval) return _context;
            _lookedAt = _time.GetTimestamp();
            var changed = _files.LastChange;
            if (changed == _changed) return _context;
            _changed = changed;
        }

        // Others go on with the old one meanwhile.
        _ = Task.Run(() => RenewAsync(activity));
        return _context;
    }

    private async Task RenewAsync(IActivity activity)
    {
        try
        {
            var context = await ReadAsync(_files, _password, CancellationToken.None).ConfigureAwait(false);
            lock (_lock) _context = context;
            activity.Verbose($"The certificate '{_files.Certificate}' has changed and is used from now on.");
        }
        catch (ProdOpsException exception)
        {
            activity.Warning($"The certificate has changed and cannot be used; the one before it stays in use. {exception.Message}");
        }
    }
}
