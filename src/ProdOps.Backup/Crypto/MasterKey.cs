using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace ProdOps.Backup.Crypto;

/// <summary>
/// The key of a repository, and the envelope of everything in it: 16 bytes of IV, AES-256-CTR of the plaintext, and the 16 bytes
/// of a Poly1305-AES tag over the ciphertext (restic, doc/design.rst, "Keys, Encryption and MAC"). May be used from several threads at once.
/// </summary>
internal sealed partial class MasterKey
{
    /// <summary>How much longer the sealed form is.</summary>
    public const int Overhead = IvSize + Poly1305.TagSize;

    private const int IvSize = 16, EncryptSize = 32, MacSize = 16;

    // Pinned, so that the collector leaves no copies behind when it moves things.
    private readonly byte[] _encrypt = GC.AllocateArray<byte>(EncryptSize, pinned: true);
    private readonly byte[] _macK = GC.AllocateArray<byte>(MacSize, pinned: true);
    private readonly byte[] _macR = GC.AllocateArray<byte>(MacSize, pinned: true);
    private readonly CipherState?[] _idle = new CipherState?[Math.Max(4, Environment.ProcessorCount)];

    private MasterKey() { }

    public static MasterKey Generate()
    {
        var key = new MasterKey();
        RandomNumberGenerator.Fill(key._encrypt);
        RandomNumberGenerator.Fill(key._macK);
        RandomNumberGenerator.Fill(key._macR);
        return key;
    }

    /// <param name="encrypt32">The AES-256 key.</param>
    /// <param name="macK16">The AES-128 key that makes the authenticator's one-time half.</param>
    /// <param name="macR16">The authenticator's r, clamped or not.</param>
    public static MasterKey FromParts(ReadOnlySpan<byte> encrypt32, ReadOnlySpan<byte> macK16, ReadOnlySpan<byte> macR16)
    {
        if (encrypt32.Length != EncryptSize || macK16.Length != MacSize || macR16.Length != MacSize)
            throw new ArgumentException("A key has parts of 32, 16 and 16 bytes.");
        if (!encrypt32.ContainsAnyExcept((byte)0) || !macK16.ContainsAnyExcept((byte)0) || !macR16.ContainsAnyExcept((byte)0))
            throw new ArgumentException("A key of zeros protects nothing.");
        var key = new MasterKey();
        encrypt32.CopyTo(key._encrypt);
        macK16.CopyTo(key._macK);
        macR16.CopyTo(key._macR);
        return key;
    }

    /// <summary><c>{"mac":{"k":…,"r":…},"encrypt":…}</c>, as restic keeps it inside a key file. The caller wipes it.</summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, KeyFile.JsonOptions))
        {
            json.WriteStartObject();
            json.WriteStartObject("mac"u8);
            json.WriteBase64String("k"u8, _macK);
            json.WriteBase64String("r"u8, _macR);
            json.WriteEndObject();
            json.WriteBase64String("encrypt"u8, _encrypt);
            json.WriteEndObject();
        }

        byte[] bytes = buffer.WrittenSpan.ToArray();
        buffer.Clear();
        return bytes;
    }

    public static MasterKey FromJson(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            using var json = JsonDocument.ParseValue(ref reader);
            var mac = json.RootElement.GetProperty("mac"u8);
            return FromParts(
                json.RootElement.GetProperty("encrypt"u8).GetBytesFromBase64(),
                mac.GetProperty("k"u8).GetBytesFromBase64(),
                mac.GetProperty("r"u8).GetBytesFromBase64());
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw BackupErrors.MasterKeyInvalid(e);
        }
    }

    /// <summary>
    /// Encrypts and authenticates under a fresh random IV. The plaintext may lie in the destination already, at
    /// <c>destination[16..^16]</c>, and is then sealed in place.
    /// </summary>
    public void Seal(ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        if (destination.Length != plaintext.Length + Overhead)
            throw new ArgumentException("The sealed form is 32 bytes longer than the plaintext.", nameof(destination));
        var ciphertext = destination[IvSize..^Poly1305.TagSize];
        if (plaintext.Overlaps(destination) && !(plaintext.Overlaps(ciphertext, out int offset) && offset == 0))
            throw new ArgumentException("A plaintext inside the destination must lie where its ciphertext will.", nameof(plaintext));

        var iv = destination[..IvSize];
        do RandomNumberGenerator.Fill(iv);
        while (!iv.ContainsAnyExcept((byte)0));

        var state = Rent();
        state.Transform(iv, plaintext, ciphertext);
        ComputeTag(state, iv, ciphertext, destination[^Poly1305.TagSize..]);
        Return(state);
    }

    /// <summary>
    /// Checks the tag and, only if it is right, decrypts. The plaintext may go where its ciphertext lies, or begin before it in
    /// the same memory. Nothing is written when the answer is false: damaged, or sealed under another key.
    /// </summary>
    public bool TryOpen(ReadOnlySpan<byte> sealedBytes, Span<byte> plaintext)
    {
        if (sealedBytes.Length < Overhead) return false;
        if (plaintext.Length != sealedBytes.Length - Overhead)
            throw new ArgumentException("The plaintext is 32 bytes shorter than the sealed form.", nameof(plaintext));
        var iv = sealedBytes[..IvSize];
        var ciphertext = sealedBytes[IvSize..^Poly1305.TagSize];
        if (ciphertext.Overlaps(plaintext, out int offset) && offset > 0)
            throw new ArgumentException("A plaintext in the same memory must not begin after its ciphertext.", nameof(plaintext));
        if (!iv.ContainsAnyExcept((byte)0)) return false;

        var state = Rent();
        Span<byte> tag = stackalloc byte[Poly1305.TagSize];
        ComputeTag(state, iv, ciphertext, tag);
        bool right = CryptographicOperations.FixedTimeEquals(tag, sealedBytes[^Poly1305.TagSize..]);
        if (right) state.Transform(iv, ciphertext, plaintext);
        Return(state);
        return right;
    }

    /// <summary>Forgets a key that was made for a moment, such as a password's. No other call may follow.</summary>
    public void Wipe()
    {
        CryptographicOperations.ZeroMemory(_encrypt);
        CryptographicOperations.ZeroMemory(_macK);
        CryptographicOperations.ZeroMemory(_macR);
        for (int i = 0; i < _idle.Length; i++) Interlocked.Exchange(ref _idle[i], null)?.Dispose();
    }

    private void ComputeTag(CipherState state, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> ciphertext, Span<byte> tag)
    {
        Span<byte> key = stackalloc byte[Poly1305.KeySize];
        _macR.CopyTo(key);
        state.EncryptNonce(iv, key[MacSize..]);
        Poly1305.ComputeTag(key, ciphertext, tag);
        CryptographicOperations.ZeroMemory(key);
    }

    private CipherState Rent()
    {
        for (int i = 0; i < _idle.Length; i++)
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } state) return state;
        return new CipherState(_encrypt, _macK);
    }

    private void Return(CipherState state)
    {
        for (int i = 0; i < _idle.Length; i++)
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], state, null) is null) return;
        state.Dispose();
    }
}
