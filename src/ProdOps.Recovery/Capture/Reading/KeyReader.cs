using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Capture.Reading;

/// <summary>Public keys of SSH, and certificates. Private keys are never read.</summary>
internal static class KeyReader
{
    public static void Read(CaptureText text, ItemList items)
    {
        foreach (var (path, lines) in text.Files("keys"))
        {
            bool host = path.StartsWith("/etc/ssh/ssh_host_", StringComparison.Ordinal);
            foreach (string line in lines ?? [])
            {
                if (line.Split(' ', 3) is not [var type, var key, .. var comment] || Fingerprint(key) is not { } fingerprint) continue;
                if (host) items.Add(HostKey, type, Secret, "kept so that clients know the host again, or made anew", null, ("Fingerprint", fingerprint), ("Path", path.EndsWith(".pub", StringComparison.Ordinal) ? path[..^4] : path));
                else items.Add(AuthorizedKey, $"{path} {fingerprint}", Replay, "may log in", null, ("Type", type), ("Comment", comment.Length > 0 ? comment[0].Trim() : null));
            }
        }

        AddCertificates(text.Files("certificates"), items);
    }

    private static void AddCertificates(List<(string Path, List<string>? Lines)> files, ItemList items)
    {
        var renewed = files.Where(file => file.Lines is null).Select(file => file.Path[(file.Path.LastIndexOf('/') + 1)..].Replace(".conf", "", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        foreach (var (path, lines) in files)
        {
            if (lines is null) continue;
            try
            {
                using var certificate = X509Certificate2.CreateFromPem(string.Join('\n', lines));
                bool own = certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
                bool snakeoil = path.Contains("snakeoil", StringComparison.Ordinal);
                string? renewal = renewed.FirstOrDefault(name => path.Contains($"/live/{name}/", StringComparison.Ordinal)) is not null ? "certbot" : null;
                items.Add(Certificate, path, snakeoil ? Rebuild : renewal is not null ? Restore : Secret, snakeoil ? "made by the package ssl-cert" : renewal is not null ? "renewed by certbot, with its account's key" : "its private key is a secret", null,
                    ("Subject", CaptureText.Clean(certificate.Subject)), ("Issuer", own ? "itself" : CaptureText.Clean(certificate.Issuer)), ("NotAfter", certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd HH:mm'Z'", System.Globalization.CultureInfo.InvariantCulture)),
                    ("Fingerprint", Convert.ToHexStringLower(SHA256.HashData(certificate.RawData))), ("Renewal", renewal));
            }
            catch (Exception error) when (error is CryptographicException or ArgumentException)
            {
                items.Gap(path, "it begins as a certificate and is none");
            }
        }
    }

    /// <summary>A key's fingerprint as ssh-keygen prints it; <see langword="null"/> for what is no key.</summary>
    private static string? Fingerprint(string key)
    {
        Span<byte> bytes = new byte[key.Length];
        return Convert.TryFromBase64String(key, bytes, out int length) && length > 16 ? $"SHA256:{Convert.ToBase64String(SHA256.HashData(bytes[..length])).TrimEnd('=')}" : null;
    }
}
