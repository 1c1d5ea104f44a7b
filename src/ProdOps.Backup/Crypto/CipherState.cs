using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ProdOps.Backup.Crypto;

/// <summary>
/// Expanded keys and scratch for one thread at a time. .NET has no AES-CTR; the mode is its ECB over counter blocks, XORed
/// onto the data, in pieces that stay in the first-level cache.
/// </summary>
internal sealed class CipherState : IDisposable
{
    private const int BlockSize = 16;

    private readonly ICryptoTransform _encrypt, _mac;
    private readonly byte[] _keyStream = GC.AllocateArray<byte>(4096, pinned: true);
    private readonly byte[] _nonce = new byte[BlockSize];

    public CipherState(ReadOnlySpan<byte> encryptionKey, ReadOnlySpan<byte> macKey)
    {
        _encrypt = CreateBlockCipher(encryptionKey);
        _mac = CreateBlockCipher(macKey);
    }

    /// <summary>AES of one block under the MAC key: the second half of the authenticator's one-time key.</summary>
    public void EncryptNonce(ReadOnlySpan<byte> iv, Span<byte> destination)
    {
        iv.CopyTo(_nonce);
        _mac.TransformBlock(_nonce, 0, BlockSize, _nonce, 0);
        _nonce.CopyTo(destination);
    }

    /// <summary>
    /// En- or decrypts. The destination may be the source or begin before it in the same memory: bytes are written only after
    /// those at their place and before have been read.
    /// </summary>
    public void Transform(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var counter = BinaryPrimitives.ReadUInt128BigEndian(iv);
        while (source.Length > 0)
        {
            int length = Math.Min(source.Length, _keyStream.Length);
            int blocks = (length + BlockSize - 1) / BlockSize;
            WriteCounters(_keyStream.AsSpan(0, blocks * BlockSize), counter);
            counter += (uint)blocks;
            _encrypt.TransformBlock(_keyStream, 0, blocks * BlockSize, _keyStream, 0);
            Xor(source[..length], _keyStream, destination);
            source = source[length..];
            destination = destination[length..];
        }
    }

    public void Dispose()
    {
        _encrypt.Dispose();
        _mac.Dispose();
        CryptographicOperations.ZeroMemory(_keyStream);
        CryptographicOperations.ZeroMemory(_nonce);
    }

    private static ICryptoTransform CreateBlockCipher(ReadOnlySpan<byte> key)
    {
        byte[] copy = key.ToArray();
        try
        {
            using var aes = Aes.Create();
            aes.Mode = CipherMode.ECB;
            aes.Padding = PaddingMode.None;
            return aes.CreateEncryptor(copy, null);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteCounters(Span<byte> blocks, UInt128 counter)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(blocks);
        ulong high = (ulong)(counter >> 64), low = (ulong)counter;
        for (int i = 0; i + 1 < words.Length; i += 2)
        {
            words[i] = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(high) : high;
            words[i + 1] = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(low) : low;
            if (++low == 0) high++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Xor(ReadOnlySpan<byte> source, ReadOnlySpan<byte> keyStream, Span<byte> destination)
    {
        int i = 0;
        for (; i <= source.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            (new Vector<byte>(source[i..]) ^ new Vector<byte>(keyStream[i..])).CopyTo(destination[i..]);
        for (; i < source.Length; i++) destination[i] = (byte)(source[i] ^ keyStream[i]);
    }
}
