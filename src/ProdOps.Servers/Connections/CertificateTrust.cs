using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ProdOps.Servers.Connections;

/// <summary>Which certificates of servers that are reached over HTTPS are believed, and why one was not.</summary>
internal sealed class CertificateTrust
{
    private string? _distrust;

    /// <param name="caCertificate">The PEM file of the authorities to believe; <see langword="null"/> for those of the system.</param>
    /// <param name="unreadable">Makes the error for a file that cannot be read or holds no certificate.</param>
    public CertificateTrust(string? caCertificate, Func<string, Exception, ProdOpsException> unreadable) =>
        Options = new SslClientAuthenticationOptions { CertificateChainPolicy = CreatePolicy(caCertificate, unreadable), RemoteCertificateValidationCallback = Validate };

    /// <summary>What connections are made with.</summary>
    public SslClientAuthenticationOptions Options { get; }

    /// <summary>Why the last certificate was not believed, in a few words; <see langword="null"/> if all were.</summary>
    public string? Distrust => Volatile.Read(ref _distrust);

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        string reason = errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "it is for another host"
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "there is none"
            : string.Join(", ", chain?.ChainStatus.Select(status => status.StatusInformation.TrimEnd('.', ' ', '\n')).Distinct() ?? []) is { Length: > 0 } text ? text : "its chain is broken";
        Volatile.Write(ref _distrust, reason);
        return false;
    }

    private static X509ChainPolicy? CreatePolicy(string? caCertificate, Func<string, Exception, ProdOpsException> unreadable)
    {
        if (caCertificate is null) return null;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(caCertificate);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw unreadable(caCertificate, error);
        }

        return policy.CustomTrustStore.Count > 0 ? policy : throw unreadable(caCertificate, new InvalidDataException("It holds no certificate."));
    }
}
