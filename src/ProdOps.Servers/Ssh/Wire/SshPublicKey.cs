using System.Numerics;
using System.Security.Cryptography;

namespace ProdOps.Servers.Ssh.Wire;

/// <summary>A public key. Two keys are equal when their numbers are, however these were written.</summary>
internal sealed class SshPublicKey : IEquatable<SshPublicKey>
{
    private const int MaximumLength = 64 * 1024;

    private SshPublicKey(string type, byte[] blob, int bits)
    {
        Type = type;
        Blob = blob;
        Bits = bits;
    }

    /// <summary>The key's type, e.g. <c>ssh-ed25519</c>; for a certificate's key the plain type.</summary>
    public string Type { get; }

    /// <summary>The key in its usual encoding (RFC 4253, 6.6).</summary>
    public byte[] Blob { get; }

    /// <summary>The size, of an RSA key the modulus'.</summary>
    public int Bits { get; }

    /// <summary>The certificate that came with it, if one did.</summary>
    public SshCertificate? Certificate { get; private init; }

    /// <summary>The print as OpenSSH shows it, e.g. <c>SHA256:…</c>.</summary>
    public string Fingerprint => "SHA256:" + Convert.ToBase64String(SHA256.HashData(Blob)).TrimEnd('=');

    /// <summary>A key that only the device it is in can use.</summary>
    public bool IsSecurityKey => Type.StartsWith("sk-", StringComparison.Ordinal);

    /// <summary>Reads a key or a certificate. <see langword="null"/> for what is neither, or of a type that is not known.</summary>
    public static SshPublicKey? Parse(ReadOnlySpan<byte> blob)
    {
        if (blob.Length > MaximumLength) return null;
        var reader = new SshReader(blob);
        string name = reader.Text();
        if (!SshKeyTypes.IsCertificate(name)) return ReadParts(ref reader, name) is { } key && reader.AtEnd ? key : null;
        reader.Bytes();
        if (ReadParts(ref reader, SshKeyTypes.Plain(name)) is not { } plain) return null;
        var certificate = SshCertificate.Read(ref reader, blob, name);
        return certificate is null ? null : new(plain.Type, plain.Blob, plain.Bits) { Certificate = certificate };
    }

    /// <summary>Reads a key as files have it: its type, a blank, base64.</summary>
    public static SshPublicKey? Parse(ReadOnlySpan<char> type, ReadOnlySpan<char> base64)
    {
        if (base64.Length > MaximumLength * 4 / 3 || base64.IsEmpty || base64.ContainsAny('\r', '\n')) return null;
        byte[] bytes = new byte[base64.Length / 4 * 3 + 3];
        if (!Convert.TryFromBase64Chars(base64, bytes, out int length)) return null;
        var key = Parse(bytes.AsSpan(0, length));
        return key is not null && type.SequenceEqual(key.Certificate?.Type ?? key.Type) ? key : null;
    }

    /// <summary>The key by itself.</summary>
    public SshPublicKey WithoutCertificate() => Certificate is null ? this : new(Type, Blob, Bits);

    public bool Equals(SshPublicKey? other) => other is not null && Blob.AsSpan().SequenceEqual(other.Blob);

    public override bool Equals(object? obj) => Equals(obj as SshPublicKey);

    public override int GetHashCode() => BitConverter.ToInt32(SHA256.HashData(Blob));

    /// <summary>Type and base64, as known_hosts and .pub files have them.</summary>
    public override string ToString() => $"{Type} {Convert.ToBase64String(Blob)}";

    private static SshPublicKey? ReadParts(ref SshReader reader, string type)
    {
        var writer = new SshWriter().Text(type);
        int bits;
        switch (type)
        {
            case "ssh-rsa":
                writer.Number(reader.Number());
                var modulus = reader.Number();
                writer.Number(modulus);
                bits = modulus.IsEmpty ? 0 : modulus.Length * 8 - BitOperations.LeadingZeroCount((uint)modulus[0]) + 24;
                break;
            case "ssh-dss":
                for (int i = 0; i < 4; i++) writer.Number(reader.Number());
                bits = 1024;
                break;
            case "ssh-ed25519" or "sk-ssh-ed25519@openssh.com":
                var point = reader.Bytes();
                if (point.Length != 32) return null;
                writer.Bytes(point);
                bits = 256;
                break;
            case "ecdsa-sha2-nistp256" or "ecdsa-sha2-nistp384" or "ecdsa-sha2-nistp521" or "sk-ecdsa-sha2-nistp256@openssh.com":
                string curve = type.Contains("256", StringComparison.Ordinal) ? "nistp256" : type[^8..];
                bits = int.Parse(curve.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture);
                string named = reader.Text();
                var q = reader.Bytes();
                // An uncompressed point: 4, then both coordinates (SEC 1, 2.3.3).
                if (named != curve || q.Length != 1 + (bits + 7) / 8 * 2 || q[0] != 4) return null;
                writer.Text(curve).Bytes(q);
                break;
            default:
                return null;
        }

        if (type.StartsWith("sk-", StringComparison.Ordinal)) writer.Bytes(reader.Bytes());
        return reader.Failed || bits == 0 ? null : new(type, writer.ToArray(), bits);
    }
}
