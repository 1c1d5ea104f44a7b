using System.Security.Cryptography;
using Renci.SshNet.Common;
using Renci.SshNet.Security;
using Renci.SshNet.Security.Cryptography;

namespace ProdOps.Servers.Ssh.Wire;

/// <summary>Checks signatures with SSH.NET's ciphers.</summary>
internal static class SshSignature
{
    /// <summary>Whether a signature (algorithm and bytes, RFC 4253, 6.6) over data is the key's. Keys in devices cannot be checked.</summary>
    public static bool Verify(SshPublicKey key, string algorithm, byte[] data, byte[] signature)
    {
        try
        {
            return Algorithm(key, algorithm) is { } host && host.VerifySignature(data, signature);
        }
        catch (Exception exception) when (exception is SshException or CryptographicException or ArgumentException or IndexOutOfRangeException or OverflowException or EndOfStreamException)
        {
            // Bytes from outside that SSH.NET's reader or the cipher cannot take are no signature.
            return false;
        }
    }

    /// <summary>SSH.NET's counterpart of a public key, named by the algorithm it is to sign by; <see langword="null"/> where it has none.</summary>
    public static KeyHostAlgorithm? Algorithm(SshPublicKey key, string algorithm)
    {
        var data = new SshKeyData(key.Blob);
        switch (algorithm)
        {
            case "ssh-ed25519":
                return new(algorithm, new ED25519Key(data));
            case "ecdsa-sha2-nistp256" or "ecdsa-sha2-nistp384" or "ecdsa-sha2-nistp521":
                return new(algorithm, new EcdsaKey(data));
            case "rsa-sha2-512" or "rsa-sha2-256":
                var rsa = new RsaKey(data);
                return new(algorithm, rsa, new RsaDigitalSignature(rsa, algorithm == "rsa-sha2-512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256));
            case "ssh-rsa":
                return new(algorithm, new RsaKey(data));
            default:
                return null;
        }
    }
}
