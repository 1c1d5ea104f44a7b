using System.Buffers.Binary;
using System.Numerics;

namespace ProdOps.Backup.Crypto;

/// <content>
/// Putting a single turned bit right. Poly1305 is a polynomial in r modulo 2^130-5 (RFC 8439, 2.5) whose coefficients are the blocks, so turning bit b of the k-th block from the end
/// changes its value by ±2^b·r^k: what the tag is off by, divided by r again and again, becomes a power of two at just that block. The seal is the proof; whoever holds the key could
/// have sealed anything anyway.
/// </content>
internal sealed partial class MasterKey
{
    private const int BlockSize = 16;

    private static readonly BigInteger Prime = (BigInteger.One << 130) - 5;
    private static readonly BigInteger TagSpace = BigInteger.One << 128;

    /// <summary>
    /// If one bit alone of what was sealed was turned, wherever, turns it back. Takes a tenth of a second a megabyte. Nothing is changed when the answer is false.
    /// </summary>
    public bool TryHeal(Span<byte> sealedBytes)
    {
        if (sealedBytes.Length < Overhead) return false;
        var r = ClampedR();
        if (r.IsZero) return false;
        var state = Rent();
        try
        {
            var text = sealedBytes[IvSize..^Poly1305.TagSize];
            var value = Evaluate(text, r);
            var told = BinaryPrimitives.ReadUInt128LittleEndian(sealedBytes[^Poly1305.TagSize..]);
            return TryHealTag(sealedBytes[^Poly1305.TagSize..], (UInt128)(value % TagSpace) + NonceOf(state, sealedBytes[..IvSize]), told)
                || TryHealIv(state, sealedBytes[..IvSize], (UInt128)(value % TagSpace), told)
                || TryHealText(text, r, value, told - NonceOf(state, sealedBytes[..IvSize]));
        }
        finally
        {
            Return(state);
        }
    }

    private static bool TryHealTag(Span<byte> tag, UInt128 right, UInt128 told)
    {
        var difference = right ^ told;
        if (UInt128.PopCount(difference) != 1) return false;
        BinaryPrimitives.WriteUInt128LittleEndian(tag, right);
        return true;
    }

    private static bool TryHealIv(CipherState state, Span<byte> iv, UInt128 value, UInt128 told)
    {
        for (int bit = 0; bit < 8 * IvSize; bit++)
        {
            Turn(iv, bit);
            if (value + NonceOf(state, iv) == told) return true;
            Turn(iv, bit);
        }

        return false;
    }

    private static bool TryHealText(Span<byte> text, BigInteger r, BigInteger seen, UInt128 truth)
    {
        var inverse = BigInteger.ModPow(r, Prime - 2, Prime);
        int blocks = (text.Length + BlockSize - 1) / BlockSize;
        // The tag keeps 128 bits of the value's 130.
        var candidates = new List<BigInteger>(4);
        for (BigInteger whole = truth; whole < Prime; whole += TagSpace) candidates.Add(Reduce(whole - seen));
        for (int block = blocks - 1; block >= 0; block--)
        {
            for (int i = 0; i < candidates.Count; i++)
            {
                var off = candidates[i] = candidates[i] * inverse % Prime;
                if (TryTurn(text, block, off, from: 0) || TryTurn(text, block, Prime - off, from: 1)) return true;
            }
        }

        return false;
    }

    /// <summary>Turns the bit of a block that a power of two stands for, if it is one and the bit is as it must be.</summary>
    private static bool TryTurn(Span<byte> text, int block, BigInteger power, int from)
    {
        if (!power.IsPowerOfTwo) return false;
        long bit = (long)power.GetBitLength() - 1, position = 8L * BlockSize * block + bit;
        if (bit >= 8 * BlockSize || position >= 8L * text.Length) return false;
        if (((text[(int)(position >> 3)] >> (int)(position & 7)) & 1) != from) return false;
        text[(int)(position >> 3)] ^= (byte)(1 << (int)(position & 7));
        return true;
    }

    private static void Turn(Span<byte> bytes, int bit) => bytes[bit >> 3] ^= (byte)(1 << (bit & 7));

    private static BigInteger Evaluate(ReadOnlySpan<byte> text, BigInteger r)
    {
        var value = BigInteger.Zero;
        Span<byte> block = stackalloc byte[BlockSize + 1];
        for (int offset = 0; offset < text.Length; offset += BlockSize)
        {
            int length = Math.Min(BlockSize, text.Length - offset);
            text.Slice(offset, length).CopyTo(block);
            block[length] = 1;
            value = (value + new BigInteger(block[..(length + 1)], isUnsigned: true)) * r % Prime;
        }

        return value;
    }

    private static BigInteger Reduce(BigInteger value) => value.Sign < 0 ? value % Prime + Prime : value % Prime;

    private static UInt128 NonceOf(CipherState state, ReadOnlySpan<byte> iv)
    {
        Span<byte> nonce = stackalloc byte[BlockSize];
        state.EncryptNonce(iv, nonce);
        return BinaryPrimitives.ReadUInt128LittleEndian(nonce);
    }

    private BigInteger ClampedR()
    {
        Span<byte> r = stackalloc byte[MacSize];
        _macR.CopyTo(r);
        foreach (int i in (ReadOnlySpan<int>)[3, 7, 11, 15]) r[i] &= 15;
        foreach (int i in (ReadOnlySpan<int>)[4, 8, 12]) r[i] &= 252;
        return new BigInteger(r, isUnsigned: true);
    }
}
