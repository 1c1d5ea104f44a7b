using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ProdOps.Monitoring.Checks.Snmp;

/// <summary>The keys of a user at one engine: they are made of the password and the engine's id (RFC 3414, sections 2.6 and A.2; RFC 7860; RFC 3826).</summary>
internal sealed class UserKeys : IDisposable
{
    private const int Expanded = 1024 * 1024, BlockSize = 16;

    private readonly HashAlgorithmName _hash;
    private readonly SnmpPrivacy _privacy;
    private readonly byte[] _authentication, _encryption;

    public UserKeys(SnmpAuthentication authentication, SnmpPrivacy privacy, ReadOnlySpan<byte> password, ReadOnlySpan<byte> privacyPassword, ReadOnlySpan<byte> engine)
    {
        (_hash, DigestLength) = authentication switch
        {
            SnmpAuthentication.Md5 => (HashAlgorithmName.MD5, 12),
            SnmpAuthentication.Sha1 => (HashAlgorithmName.SHA1, 12),
            SnmpAuthentication.Sha384 => (HashAlgorithmName.SHA384, 32),
            SnmpAuthentication.Sha512 => (HashAlgorithmName.SHA512, 48),
            _ => (HashAlgorithmName.SHA256, 24),
        };
        _privacy = privacy;
        _authentication = Localize(password, engine);
        _encryption = privacy == SnmpPrivacy.None ? [] : Localize(privacyPassword, engine);
    }

    /// <summary>How many bytes of the digest go with a message.</summary>
    public int DigestLength { get; }

    public bool Encrypts => _privacy != SnmpPrivacy.None;

    /// <summary>The digest of a message in which its place is zeros.</summary>
    public byte[] Digest(ReadOnlySpan<byte> message)
    {
        using var mac = IncrementalHash.CreateHMAC(_hash, _authentication);
        mac.AppendData(message);
        return mac.GetHashAndReset()[..DigestLength];
    }

    /// <summary>Encrypts; the salt must never come twice.</summary>
    public byte[] Encrypt(ReadOnlySpan<byte> plain, int boots, int time, ReadOnlySpan<byte> salt)
    {
        if (_privacy == SnmpPrivacy.Aes)
        {
            using var aes = Aes.Create();
            aes.Key = _encryption[..16];
            return aes.EncryptCfb(Padded(plain, BlockSize), AesVector(boots, time, salt), PaddingMode.None, feedbackSizeInBits: 128)[..plain.Length];
        }

        using var des = DES.Create();
        des.Key = _encryption[..8];
        return des.EncryptCbc(Padded(plain, 8), DesVector(salt), PaddingMode.None);
    }

    /// <summary>Decrypts.</summary>
    /// <exception cref="CryptographicException">It is not as long as it must be.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> secret, int boots, int time, ReadOnlySpan<byte> salt)
    {
        if (salt.Length != 8) throw new CryptographicException("the salt is not 8 bytes long");
        if (_privacy == SnmpPrivacy.Aes)
        {
            using var aes = Aes.Create();
            aes.Key = _encryption[..16];
            return aes.DecryptCfb(Padded(secret, BlockSize), AesVector(boots, time, salt), PaddingMode.None, feedbackSizeInBits: 128)[..secret.Length];
        }

        using var des = DES.Create();
        des.Key = _encryption[..8];
        return des.DecryptCbc(secret, DesVector(salt), PaddingMode.None);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_authentication);
        CryptographicOperations.ZeroMemory(_encryption);
    }

    /// <summary>The key at one engine: the hash of a megabyte of the password, then of that around the engine's id.</summary>
    private byte[] Localize(ReadOnlySpan<byte> password, ReadOnlySpan<byte> engine)
    {
        using var hash = IncrementalHash.CreateHash(_hash);
        byte[] chunk = new byte[64 * 1024];
        int position = 0;
        for (int done = 0; done < Expanded; done += chunk.Length)
        {
            for (int i = 0; i < chunk.Length; i++)
            {
                chunk[i] = password[position];
                if (++position == password.Length) position = 0;
            }

            hash.AppendData(chunk);
        }

        CryptographicOperations.ZeroMemory(chunk);
        byte[] key = hash.GetHashAndReset();
        hash.AppendData(key);
        hash.AppendData(engine);
        hash.AppendData(key);
        CryptographicOperations.ZeroMemory(key);
        return hash.GetHashAndReset();
    }

    private static byte[] AesVector(int boots, int time, ReadOnlySpan<byte> salt)
    {
        byte[] vector = new byte[BlockSize];
        BinaryPrimitives.WriteInt32BigEndian(vector, boots);
        BinaryPrimitives.WriteInt32BigEndian(vector.AsSpan(4), time);
        salt.CopyTo(vector.AsSpan(8));
        return vector;
    }

    // RFC 3414, section 8.1.1.1: the second half of the key makes the vector.
    private byte[] DesVector(ReadOnlySpan<byte> salt)
    {
        byte[] vector = new byte[8];
        for (int i = 0; i < vector.Length; i++) vector[i] = (byte)(_encryption[8 + i] ^ salt[i]);
        return vector;
    }

    private static byte[] Padded(ReadOnlySpan<byte> bytes, int block)
    {
        byte[] padded = new byte[(bytes.Length + block - 1) / block * block];
        bytes.CopyTo(padded);
        return padded;
    }
}
