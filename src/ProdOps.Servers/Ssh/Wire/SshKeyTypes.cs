namespace ProdOps.Servers.Ssh.Wire;

/// <summary>The names of keys, certificates and signature algorithms, and how they belong together.</summary>
internal static class SshKeyTypes
{
    private const string CertificateEnd = "-cert-v01@openssh.com";

    /// <summary>What OpenSSH offers and accepts where nothing else is said (myproposal.h, KEX_DEFAULT_PK_ALG).</summary>
    public static IReadOnlyList<string> DefaultAlgorithms { get; } =
    [
        "ssh-ed25519-cert-v01@openssh.com", "ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp384-cert-v01@openssh.com",
        "ecdsa-sha2-nistp521-cert-v01@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
        "rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com",
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", "rsa-sha2-512", "rsa-sha2-256",
    ];

    /// <summary>The defaults and what must be asked for: RSA with SHA-1.</summary>
    public static IReadOnlyList<string> AllAlgorithms { get; } = [.. DefaultAlgorithms, "ssh-rsa-cert-v01@openssh.com", "ssh-rsa"];

    /// <summary>What authorities may sign certificates with by default (myproposal.h, SSH_ALLOWED_CA_SIGALGS).</summary>
    public static IReadOnlyList<string> DefaultAuthorityAlgorithms { get; } =
        ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", "rsa-sha2-512", "rsa-sha2-256"];

    public static bool IsCertificate(string name) => name.EndsWith(CertificateEnd, StringComparison.Ordinal);

    /// <summary>A certificate's name without what makes it one; its key's or its signature's name.</summary>
    public static string Plain(string name)
    {
        if (!IsCertificate(name)) return name;
        string plain = name[..^CertificateEnd.Length];
        return plain.StartsWith("sk-", StringComparison.Ordinal) ? plain + "@openssh.com" : plain;
    }

    /// <summary>The type of key that signs by an algorithm, e.g. <c>ssh-rsa</c> for <c>rsa-sha2-512</c>.</summary>
    public static string KeyType(string algorithm) => Plain(algorithm) is var plain && plain.StartsWith("rsa-sha2-", StringComparison.Ordinal) ? "ssh-rsa" : plain;

    /// <summary>The algorithms that a key of a type signs by, in OpenSSH's order.</summary>
    public static IReadOnlyList<string> SignatureAlgorithms(string keyType) => keyType == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [keyType];

    /// <summary>The name under which a certificate is used with a signature algorithm.</summary>
    public static string CertificateAlgorithm(string signatureAlgorithm) =>
        (signatureAlgorithm.EndsWith("@openssh.com", StringComparison.Ordinal) ? signatureAlgorithm[..^"@openssh.com".Length] : signatureAlgorithm) + CertificateEnd;

    /// <summary>The short name that messages use, as OpenSSH does: ED25519, ECDSA, RSA.</summary>
    public static string Short(string keyType) => keyType switch
    {
        "ssh-rsa" => "RSA",
        "ssh-dss" => "DSA",
        "ssh-ed25519" => "ED25519",
        "sk-ssh-ed25519@openssh.com" => "ED25519-SK",
        "sk-ecdsa-sha2-nistp256@openssh.com" => "ECDSA-SK",
        _ => "ECDSA",
    };
}
