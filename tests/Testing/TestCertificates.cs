using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ProdOps.Testing;

/// <summary>An authority of its own in a folder, and certificates from it, as PEM files.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly X509Certificate2 _authority;
    private int _serial = 1;

    public TestCertificates(string folder, string name = "test authority")
    {
        Folder = folder;
        Directory.CreateDirectory(folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-10), TimeProvider.System.GetUtcNow().AddDays(90));
        File.WriteAllText(Authority, _authority.ExportCertificatePem());
    }

    public string Folder { get; }

    /// <summary>The authority's certificate.</summary>
    public string Authority => Path.Join(Folder, "ca.pem");

    /// <summary>Makes, for a host or an address, <c>NAME.pem</c> and <c>NAME.key</c>.</summary>
    public (string Certificate, string Key) Issue(string name, string? password = null, int days = 20)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        // Server and client (RFC 5280, section 4.2.1.12).
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, true, false));
        var now = TimeProvider.System.GetUtcNow();
        // The first bit is set, as in every other number of a public authority.
        using var certificate = request.Create(_authority, now.AddDays(Math.Min(0, days) - 1), now.AddDays(days), [0x9A, .. BitConverter.GetBytes(_serial++)]);
        string path = Path.Join(Folder, $"{name}.pem"), keyPath = Path.Join(Folder, $"{name}.key");
        File.WriteAllText(path, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, password is null
            ? key.ExportPkcs8PrivateKeyPem()
            : key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        using var whole = certificate.CopyWithPrivateKey(key);
        File.WriteAllBytes(Path.Join(Folder, $"{name}.pfx"), whole.Export(X509ContentType.Pkcs12, password));
        return (path, keyPath);
    }

    public void Dispose() => _authority.Dispose();
}
