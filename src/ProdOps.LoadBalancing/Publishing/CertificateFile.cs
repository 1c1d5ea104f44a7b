using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>A certificate with its chain and key, as HAProxy and nginx take them from one PEM file. The key never leaves it in a message.</summary>
internal sealed record CertificateFile
{
    private const int MostCertificates = 20;

    /// <summary>What is written: the certificate, its chain, the key, without empty lines, which HAProxy's socket takes for an end.</summary>
    public required byte[] Pem { get; init; }

    public required IReadOnlyList<string> Names { get; init; }

    public required string Issuer { get; init; }

    /// <summary>Hexadecimal, as HAProxy shows it: without the zero that DER puts before a number whose first bit is set.</summary>
    public required string Serial { get; init; }

    public DateTimeOffset NotBefore { get; init; }

    public DateTimeOffset NotAfter { get; init; }

    public required string Fingerprint { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Reads and checks one.</summary>
    /// <param name="text">PEM: certificates, and the key unless it is given by itself.</param>
    /// <param name="source">What the user calls it.</param>
    /// <param name="now">The time that it has to be valid at.</param>
    /// <exception cref="ProdOpsException">It cannot be used: the message says why.</exception>
    public static CertificateFile Read(string text, string source, DateTimeOffset now)
    {
        try
        {
            return Check(text, source, now);
        }
        catch (CryptographicException)
        {
            // What is damaged within is found only when it is looked at.
            throw LoadBalancingErrors.CertificateInvalid(source, "one of its certificates cannot be read", "See what openssl x509 -in FILE -text says.");
        }
    }

    private static CertificateFile Check(string text, string source, DateTimeOffset now)
    {
        var (certificates, key) = Split(text, source);
        using var own = X509Certificate2.CreateFromPem(certificates[0]);
        if (key is null) throw LoadBalancingErrors.CertificateInvalid(source, "it has no private key", "Add the key to the file, or name its file with -KeyPath.");
        if (key.Contains("ENCRYPTED", StringComparison.Ordinal)) throw LoadBalancingErrors.CertificateInvalid(source, "its private key has a password, which a balancer cannot be asked for", "Take the password off: openssl pkey -in key.pem -out plain.pem.");
        if (!Fits(own, key, source)) throw LoadBalancingErrors.CertificateInvalid(source, "the private key is of another certificate", "Name the key that the certificate was made with.");
        if (now > own.NotAfter) throw LoadBalancingErrors.CertificateInvalid(source, string.Create(CultureInfo.InvariantCulture, $"it was valid until {own.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm}Z"), "Renew it.");
        if (now < own.NotBefore) throw LoadBalancingErrors.CertificateInvalid(source, string.Create(CultureInfo.InvariantCulture, $"it is not valid before {own.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm}Z"), "Wait, or check the clock.");
        string[] names = [.. NamesOf(own)];
        if (names.Length == 0) throw LoadBalancingErrors.CertificateInvalid(source, "it is for no name", "Have one made with the site's names as alternative names.");
        var warnings = new List<string>();
        if (own.NotAfter - now < TimeSpan.FromDays(14)) warnings.Add(string.Create(CultureInfo.InvariantCulture, $"it ends in {(own.NotAfter - now).TotalDays:0.#} days"));
        for (int i = 0; i + 1 < certificates.Count; i++)
        {
            using var child = X509Certificate2.CreateFromPem(certificates[i]);
            using var parent = X509Certificate2.CreateFromPem(certificates[i + 1]);
            if (child.Issuer != parent.Subject) warnings.Add($"its chain has a gap: '{child.Subject}' was issued by '{child.Issuer}', and '{parent.Subject}' follows");
        }

        if (certificates.Count == 1 && own.Issuer != own.Subject) warnings.Add("it comes without the certificates of its issuers: clients may not trust it");
        if (own.Issuer == own.Subject) warnings.Add("it signs itself: clients do not trust it");
        return new CertificateFile
        {
            Pem = Encoding.ASCII.GetBytes(string.Concat(certificates.Append(key).Select(block => block + "\n"))),
            Names = names,
            Issuer = own.Issuer,
            Serial = Convert.ToHexString(own.SerialNumberBytes.Span.TrimStart((byte)0)),
            NotBefore = own.NotBefore,
            NotAfter = own.NotAfter,
            Fingerprint = FingerprintOf(own),
            Warnings = warnings,
        };
    }

    /// <summary>What the first certificate of a text is; <see langword="null"/> if there is none. Keys are not looked at.</summary>
    public static (IReadOnlyList<string> Names, DateTimeOffset NotAfter, string Fingerprint)? TryDescribe(string text)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(text);
            return ([.. NamesOf(certificate)], certificate.NotAfter, FingerprintOf(certificate));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static (List<string> Certificates, string? Key) Split(string text, string source)
    {
        var certificates = new List<string>();
        string? key = null;
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            string block = rest[fields.Location].ToString().Replace("\r", "", StringComparison.Ordinal);
            block = string.Join('\n', block.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            string label = rest[fields.Label].ToString();
            if (label == "CERTIFICATE" && certificates.Count < MostCertificates) certificates.Add(block);
            else if (label.EndsWith("PRIVATE KEY", StringComparison.Ordinal)) key = key is null ? block : throw LoadBalancingErrors.CertificateInvalid(source, "it has several private keys", "Leave the one of the first certificate.");
            rest = rest[fields.Location.End..];
        }

        return certificates.Count > 0 ? (certificates, key) : throw LoadBalancingErrors.CertificateInvalid(source, "it has no certificate in PEM form", "It begins with -----BEGIN CERTIFICATE-----.");
    }

    private static bool Fits(X509Certificate2 certificate, string key, string source)
    {
        try
        {
            using var both = X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), key);
            return both.HasPrivateKey;
        }
        catch (CryptographicException)
        {
            return false;
        }
        catch (ArgumentException)
        {
            // .NET's word for a key that is another's.
            return false;
        }
        catch (NotSupportedException)
        {
            throw LoadBalancingErrors.CertificateInvalid(source, $"its key is of a kind that cannot be checked ({certificate.PublicKey.Oid.FriendlyName})", "Use one of RSA or of an elliptic curve.");
        }
    }

    private static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            foreach (string name in extension.EnumerateDnsNames()) yield return name;
            foreach (var address in extension.EnumerateIPAddresses()) yield return address.ToString();
        }
    }

    private static string FingerprintOf(X509Certificate2 certificate) => Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));
}
