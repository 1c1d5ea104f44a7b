using Renci.SshNet;
using Renci.SshNet.Security;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Ssh.Identities;

/// <summary>A key or certificate that is offered to a server, and what signs for it.</summary>
internal sealed class SshIdentity(SshPublicKey key, string origin, IdentitySigner signer, IReadOnlyList<string> accepted, Func<string?> serverVersion, IActivity activity) : IPrivateKeySource
{
    public SshPublicKey Key { get; } = key;

    /// <summary>The one algorithm to offer it by. SSH.NET reads this when it logs in: by then the server's version is known.</summary>
    public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms => Algorithm() is { } algorithm ? [new Offer(this, algorithm)] : [];

    /// <summary>The key for messages: kind, print, where it comes from.</summary>
    public override string ToString() => $"{SshKeyTypes.Short(Key.Type)}{(Key.Certificate is null ? "" : " certificate")} {Key.Fingerprint} ({origin})";

    /// <summary>Whether a key can be used with one of the algorithms that are accepted.</summary>
    public static bool IsAccepted(SshPublicKey key, IReadOnlyList<string> accepted) => SshKeyTypes.SignatureAlgorithms(key.Type).Any(algorithm => accepted.Contains(Name(key, algorithm)));

    /// <summary>
    /// The signature's algorithm. Only for RSA is there a choice, and OpenSSH makes it by a list that the server sends and SSH.NET
    /// does not ask for; each wrong offer would cost one of the few tries that a server allows, so the version has to do.
    /// </summary>
    private string? Algorithm()
    {
        var possible = SshKeyTypes.SignatureAlgorithms(Key.Type).Where(algorithm => accepted.Contains(Name(Key, algorithm))).OrderBy(algorithm => accepted.IndexOf(Name(Key, algorithm))).ToList();
        if (possible.Count < 2) return possible.FirstOrDefault();
        return Preferred(serverVersion() ?? "").FirstOrDefault(possible.Contains) ?? possible[0];
    }

    private static string[] Preferred(string version)
    {
        // Dropbear signs and checks by SHA-256 alone, since 2020.79; OpenSSH before 7.2 by SHA-1 alone.
        if (Number(version, "dropbear_") is { } dropbear) return dropbear < new Version(2020, 79) ? ["ssh-rsa"] : ["rsa-sha2-256"];
        return Number(version, "OpenSSH_") is { } openSsh && openSsh < new Version(7, 2) ? ["ssh-rsa"] : [];
    }

    private static Version? Number(string version, string product)
    {
        int at = version.IndexOf(product, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return null;
        var digits = version.AsSpan(at + product.Length);
        int end = digits.IndexOfAnyExcept("0123456789.");
        return Version.TryParse(end < 0 ? digits : digits[..end], out var number) ? number : null;
    }

    private static string Name(SshPublicKey key, string algorithm) => key.Certificate is null ? algorithm : SshKeyTypes.CertificateAlgorithm(algorithm);

    private byte[] Sign(byte[] data, string algorithm)
    {
        try
        {
            return signer.Sign(data, algorithm);
        }
        catch (Exception exception) when (exception is IOException or System.Security.Cryptography.CryptographicException)
        {
            // An exception would end the login; a signature that the server refuses lets it go on to the next key, as OpenSSH does.
            activity.Warning($"The key {this} could not sign: {exception.Message}");
            return new SshWriter().Text(algorithm).Bytes(new byte[64]).ToArray();
        }
    }

    private sealed class Offer(SshIdentity identity, string algorithm) : HostAlgorithm(Name(identity.Key, algorithm))
    {
        public override byte[] Data => identity.Key.Certificate?.Blob ?? identity.Key.Blob;

        public override byte[] Sign(byte[] data) => identity.Sign(data, algorithm);

        public override bool VerifySignature(byte[] data, byte[] signature) => SshSignature.Verify(identity.Key, algorithm, data, signature);
    }
}

/// <summary>Positions in a read-only list.</summary>
internal static class ReadOnlyListExtensions
{
    public static int IndexOf(this IReadOnlyList<string> list, string text)
    {
        for (int i = 0; i < list.Count; i++)
        {
            if (list[i] == text) return i;
        }

        return -1;
    }
}
