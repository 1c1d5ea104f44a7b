using System.Security.Cryptography.X509Certificates;
using System.Text;
using ProdOps.Servers.Secrets;

namespace ProdOps.Logging.Receiving.Tls;

/// <summary>The files of a certificate: PEM, where the key may be in a file of its own, or PFX.</summary>
/// <param name="Certificate">The full path of the certificate, with those of its issuers behind it.</param>
/// <param name="Key">The full path of the key; <see langword="null"/> where it is with the certificate.</param>
internal sealed record TlsFiles(string Certificate, string? Key)
{
    /// <summary>When one of them changed last. A file that is being replaced has no time.</summary>
    public DateTime LastChange
    {
        get
        {
            var certificate = File.GetLastWriteTimeUtc(Certificate);
            return Key is null ? certificate : new DateTime(Math.Max(certificate.Ticks, File.GetLastWriteTimeUtc(Key).Ticks), DateTimeKind.Utc);
        }
    }

    private bool IsPem { get; } = IsPemFile(Certificate);

    /// <summary>Reads the certificate with its key, and its issuers'.</summary>
    public async Task<(X509Certificate2 Certificate, X509Certificate2Collection Issuers)> ReadAsync(SecretSource? password, CancellationToken cancellationToken)
    {
        using var secret = password is null ? null : await password.ResolveAsync(cancellationToken).ConfigureAwait(false);
        char[] characters = secret is null ? [] : GC.AllocateArray<char>(Encoding.UTF8.GetCharCount(secret.Bytes.Span), pinned: true);
        try
        {
            if (secret is not null) Encoding.UTF8.GetChars(secret.Bytes.Span, characters);
            return IsPem ? ReadPem(characters) : ReadPfx(characters);
        }
        finally
        {
            Array.Clear(characters);
        }
    }

    private (X509Certificate2 Certificate, X509Certificate2Collection Issuers) ReadPem(ReadOnlySpan<char> password)
    {
        string key = Key ?? Certificate;
        string text = File.ReadAllText(key);
        if (!text.Contains("PRIVATE KEY-----", StringComparison.Ordinal)) throw LoggingErrors.ReceiverCertificateWithoutKey(key);
        var certificate = text.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal)
            ? X509Certificate2.CreateFromEncryptedPemFile(Certificate, password, key)
            : X509Certificate2.CreateFromPemFile(Certificate, key);
        var issuers = new X509Certificate2Collection();
        issuers.ImportFromPemFile(Certificate);
        if (issuers.Count > 0) issuers.RemoveAt(0);
        if (!OperatingSystem.IsWindows()) return (certificate, issuers);
        // SChannel uses no key that is in memory alone.
        using (certificate) return (X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null), issuers);
    }

    private (X509Certificate2 Certificate, X509Certificate2Collection Issuers) ReadPfx(ReadOnlySpan<char> password)
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(File.ReadAllBytes(Certificate), password);
        var own = all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw LoggingErrors.ReceiverCertificateWithoutKey(Certificate);
        all.Remove(own);
        return (own, all);
    }

    private static bool IsPemFile(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            char[] start = new char[64 * 1024];
            return start.AsSpan(0, reader.ReadBlock(start)).Contains("-----BEGIN ", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LoggingErrors.ReceiverCertificateUnreadable(path, exception.Message);
        }
    }
}
