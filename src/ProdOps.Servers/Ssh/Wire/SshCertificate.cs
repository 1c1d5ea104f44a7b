namespace ProdOps.Servers.Ssh.Wire;

/// <summary>An OpenSSH certificate (PROTOCOL.certkeys), read and not yet believed: <see cref="IsSignedByAuthority"/> tells whether its authority signed it.</summary>
internal sealed class SshCertificate
{
    public const uint User = 1, Host = 2;
    private const int MaximumPrincipals = 256;

    private SshCertificate()
    {
    }

    /// <summary>The type's name, e.g. <c>ssh-ed25519-cert-v01@openssh.com</c>.</summary>
    public required string Type { get; init; }

    /// <summary>All of it, as it is offered to a server.</summary>
    public required byte[] Blob { get; init; }

    public required ulong Serial { get; init; }

    /// <summary><see cref="User"/> or <see cref="Host"/>.</summary>
    public required uint Use { get; init; }

    public required string KeyId { get; init; }

    /// <summary>The names it is good for; none means all.</summary>
    public required IReadOnlyList<string> Principals { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required ulong ValidAfter { get; init; }

    /// <summary>Seconds since 1970; the greatest number is for ever.</summary>
    public required ulong ValidBefore { get; init; }

    /// <summary>Names of options that must be understood.</summary>
    public required IReadOnlyList<string> CriticalOptions { get; init; }

    /// <summary>The key that signed it.</summary>
    public required SshPublicKey Authority { get; init; }

    /// <summary>The algorithm it is signed by.</summary>
    public required string SignatureAlgorithm { get; init; }

    private byte[] Signature { get; init; } = [];

    private int SignedLength { get; init; }

    /// <summary>Reads what follows a certificate's key.</summary>
    public static SshCertificate? Read(ref SshReader reader, ReadOnlySpan<byte> blob, string type)
    {
        ulong serial = reader.UInt64();
        uint use = reader.UInt32();
        string id = reader.Text();
        var principals = ReadTexts(reader.Bytes(), pairs: false);
        ulong after = reader.UInt64(), before = reader.UInt64();
        var critical = ReadTexts(reader.Bytes(), pairs: true);
        var extensions = ReadTexts(reader.Bytes(), pairs: true);
        reader.Bytes();
        var authority = SshPublicKey.Parse(reader.Bytes());
        int signed = blob.Length - reader.Left;
        var signature = reader.Bytes();
        if (!reader.AtEnd || use is not (User or Host) || principals is null || critical is null || extensions is null || authority is not { Certificate: null }) return null;
        var parts = new SshReader(signature);
        string algorithm = parts.Text();
        parts.Bytes();
        // A security key's signature has its flags and counter behind.
        if (parts.Failed || (!authority.IsSecurityKey && !parts.AtEnd) || SshKeyTypes.KeyType(algorithm) != authority.Type) return null;
        return new()
        {
            Type = type,
            Blob = blob.ToArray(),
            Serial = serial,
            Use = use,
            KeyId = id,
            Principals = principals,
            ValidAfter = after,
            ValidBefore = before,
            CriticalOptions = critical,
            Authority = authority,
            SignatureAlgorithm = algorithm,
            Signature = signature.ToArray(),
            SignedLength = signed,
        };
    }

    /// <summary>Whether the authority that it names has signed it.</summary>
    public bool IsSignedByAuthority() => SshSignature.Verify(Authority, SignatureAlgorithm, Blob.AsSpan(0, SignedLength).ToArray(), Signature);

    private static List<string>? ReadTexts(ReadOnlySpan<byte> bytes, bool pairs)
    {
        var texts = new List<string>();
        var reader = new SshReader(bytes);
        while (reader.Left > 0 && !reader.Failed)
        {
            if (texts.Count == MaximumPrincipals) return null;
            texts.Add(reader.Text());
            if (pairs) reader.Bytes();
        }

        return reader.Failed ? null : texts;
    }
}
