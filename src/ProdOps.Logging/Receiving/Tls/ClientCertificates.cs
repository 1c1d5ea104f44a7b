using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ProdOps.Servers.Inventory;

namespace ProdOps.Logging.Receiving.Tls;

/// <summary>Whose certificates senders must show: those of certain authorities, and of certain names where some are given.</summary>
internal sealed class ClientCertificates : IDisposable
{
    // RFC 5280, section 4.2.1.12.
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _authorities;
    private readonly IReadOnlyList<string> _names;

    private ClientCertificates(X509Certificate2Collection authorities, IReadOnlyList<string> names)
    {
        _authorities = authorities;
        _names = names;
    }

    /// <param name="path">The full path of the authorities' certificates, in PEM.</param>
    /// <param name="names">Names or wildcards, one of which a certificate must have; all names where there are none.</param>
    /// <exception cref="ProdOpsException">The file cannot be read, or has no certificate.</exception>
    public static ClientCertificates Load(string path, IReadOnlyList<string> names)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw LoggingErrors.ReceiverAuthorityUnreadable(path, exception.Message);
        }

        if (authorities.Count == 0) throw LoggingErrors.ReceiverAuthorityUnreadable(path, "it holds no certificate in PEM");
        return new ClientCertificates(authorities, names);
    }

    /// <summary>What is wrong with a sender's certificate, or <see langword="null"/>.</summary>
    /// <param name="certificate">The certificate, if it showed one.</param>
    /// <param name="shown">What it showed beside it: issuers between it and the authority.</param>
    public string? FindFault(X509Certificate2? certificate, X509Chain? shown)
    {
        if (certificate is null) return "there is none";
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        if (shown is not null) chain.ChainPolicy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
        if (!chain.Build(certificate)) return string.Join(' ', chain.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.')));
        if (_names.Count == 0) return null;
        var names = NamesOf(certificate);
        return names.Any(name => _names.Any(pattern => NamePattern.IsMatch(pattern, name))) ? null : $"its names ({string.Join(", ", names)}) are none of those allowed";
    }

    public void Dispose()
    {
        foreach (var authority in _authorities) authority.Dispose();
    }

    /// <summary>The names in the subject's alternative names, and the common name, which older senders have alone.</summary>
    private static List<string> NamesOf(X509Certificate2 certificate)
    {
        var names = new List<string>();
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            names.AddRange(extension.EnumerateDnsNames());
            names.AddRange(extension.EnumerateIPAddresses().Select(address => address.ToString()));
        }

        if (certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } common && !names.Contains(common)) names.Add(common);
        return names;
    }
}
