using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ProdOps.Backup.Crypto;

/// <summary>
/// The one-time authenticator of RFC 8439, section 2.5: the message as 17-byte little-endian numbers, evaluated as a polynomial
/// at r modulo 2^130 - 5, plus s. Free of branches and table look-ups that depend on key or message.
/// </summary>
internal static partial class Poly1305
{
    public const int KeySize = 32;
    public const int TagSize = 16;
    private const int BlockSize = 16;

    /// <param name="key">r and s; r is clamped here.</param>
    /// <param name="message">What to authenticate.</param>
    /// <param name="tag">16 bytes.</param>
    /// <param name="scalar">Keeps away from vector instructions; tests compare the two.</param>
    public static void ComputeTag(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> tag, bool scalar = false)
    {
        Debug.Assert(key.Length == KeySize && tag.Length == TagSize);
        var accumulator = new Accumulator(
            BinaryPrimitives.ReadUInt64LittleEndian(key) & 0x0FFFFFFC_0FFFFFFF,
            BinaryPrimitives.ReadUInt64LittleEndian(key[8..]) & 0x0FFFFFFC_0FFFFFFC);

        if (IsVectorSupported && !scalar && message.Length >= VectorThreshold)
        {
            int steps = message.Length / StepSize * StepSize;
            accumulator.AddFirstSteps(message[..steps]);
            message = message[steps..];
        }

        int whole = message.Length & ~(BlockSize - 1);
        accumulator.AddBlocks(message[..whole]);
        if (whole < message.Length)
        {
            Span<byte> last = stackalloc byte[BlockSize];
            last.Clear();
            message[whole..].CopyTo(last);
            last[message.Length - whole] = 1;
            accumulator.AddLastBlock(last);
        }

        accumulator.Finish(key[16..], tag);
    }

    /// <summary>A number below 2^131 in limbs of 64, 64 and 3 bits, and the r it is multiplied by.</summary>
    private partial struct Accumulator(ulong r0, ulong r1)
    {
        private ulong _h0, _h1, _h2;

        // Clamping clears the low two bits of r1, so that r1 · 2^128 = r1 / 4 · 2^130 = r1 / 4 · 5 modulo 2^130 - 5.
        private readonly ulong _r0 = r0, _r1 = r1, _s1 = r1 + (r1 >> 2);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void AddBlocks(ReadOnlySpan<byte> blocks)
        {
            ulong h0 = _h0, h1 = _h1, h2 = _h2, r0 = _r0, r1 = _r1, s1 = _s1;
            for (; blocks.Length >= BlockSize; blocks = blocks[BlockSize..])
            {
                Add(ref h0, ref h1, ref h2, blocks, 1);
                Multiply(ref h0, ref h1, ref h2, r0, r1, s1);
            }

            (_h0, _h1, _h2) = (h0, h1, h2);
        }

        /// <summary>Adds a block that holds its own end mark.</summary>
        public void AddLastBlock(ReadOnlySpan<byte> block)
        {
            Add(ref _h0, ref _h1, ref _h2, block, 0);
            Multiply(ref _h0, ref _h1, ref _h2, _r0, _r1, _s1);
        }

        public readonly void Finish(ReadOnlySpan<byte> s, Span<byte> tag)
        {
            // h + 5 reaches 2^130 exactly when h is 2^130 - 5 or more; then h + 5 - 2^130 is the remainder.
            ulong g0 = _h0 + 5;
            ulong carry = g0 < 5 ? 1ul : 0;
            ulong g1 = _h1 + carry;
            carry = g1 < carry ? 1ul : 0;
            ulong take = 0 - (((_h2 + carry) >> 2) & 1);
            var h = new UInt128((g1 & take) | (_h1 & ~take), (g0 & take) | (_h0 & ~take));
            BinaryPrimitives.WriteUInt128LittleEndian(tag, h + BinaryPrimitives.ReadUInt128LittleEndian(s));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add(ref ulong h0, ref ulong h1, ref ulong h2, ReadOnlySpan<byte> block, ulong high)
        {
            ulong m0 = BinaryPrimitives.ReadUInt64LittleEndian(block);
            ulong m1 = BinaryPrimitives.ReadUInt64LittleEndian(block[8..]);
            h0 += m0;
            ulong carry = h0 < m0 ? 1ul : 0;
            h1 += m1;
            ulong carry1 = h1 < m1 ? 1ul : 0;
            h1 += carry;
            carry1 += h1 < carry ? 1ul : 0;
            h2 += high + carry1;
        }

        // h2 stays below 8 and r below 2^124, so that the products with h2 fit 64 bits.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Multiply(ref ulong h0, ref ulong h1, ref ulong h2, ulong r0, ulong r1, ulong s1)
        {
            ulong aHigh = Math.BigMul(h0, r0, out ulong aLow);
            ulong bHigh = Math.BigMul(h1, s1, out ulong bLow);
            ulong cHigh = Math.BigMul(h0, r1, out ulong cLow);
            ulong dHigh = Math.BigMul(h1, r0, out ulong dLow);
            ulong e = h2 * s1;
            ulong top = h2 * r0;

            aLow += bLow;
            aHigh += bHigh + (aLow < bLow ? 1ul : 0);
            cLow += dLow;
            cHigh += dHigh + (cLow < dLow ? 1ul : 0);
            cLow += e;
            cHigh += cLow < e ? 1ul : 0;
            cLow += aHigh;
            cHigh += cLow < aHigh ? 1ul : 0;
            top += cHigh;

            // What lies above 2^130 counts five times: (top / 4) · 5 = top / 4 + (top without its low two bits).
            ulong fold = (top >> 2) + (top & ~3ul);
            h0 = aLow + fold;
            ulong carry = h0 < fold ? 1ul : 0;
            h1 = cLow + carry;
            h2 = (top & 3) + (h1 < carry ? 1ul : 0);
        }
    }
}
