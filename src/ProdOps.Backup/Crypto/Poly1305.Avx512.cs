using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ProdOps.Backup.Crypto;

/// <content>
/// Eight blocks at a time: a lane sums every eighth block as a polynomial at r^8, and in the end is multiplied by the power of r
/// that its last block still lacks. Numbers are five limbs of 26 bits, a vector each, so that products of limbs and their sums fit 64 bits.
/// </content>
internal static partial class Poly1305
{
    private const int Lanes = 8, LimbBits = 26, StepSize = Lanes * BlockSize;
    private const ulong LimbMask = (1 << LimbBits) - 1;

    /// <summary>From here on the powers of r cost less than they save.</summary>
    private const int VectorThreshold = 4 * StepSize;

    internal static bool IsVectorSupported => Avx512F.IsSupported && BitConverter.IsLittleEndian;

    private partial struct Accumulator
    {
        /// <summary>Adds the blocks to an accumulator that is still zero. Their length is a multiple of eight blocks.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void AddFirstSteps(ReadOnlySpan<byte> steps)
        {
            Span<ulong> powers = stackalloc ulong[5 * Lanes];
            WritePowers(powers);
            Vector512<uint> r0 = Power8(powers, 0), r1 = Power8(powers, 1), r2 = Power8(powers, 2), r3 = Power8(powers, 3), r4 = Power8(powers, 4);

            Vector512<ulong> h0 = default, h1 = default, h2 = default, h3 = default, h4 = default;
            AddBlocks(ref MemoryMarshal.GetReference(steps), ref h0, ref h1, ref h2, ref h3, ref h4);
            for (steps = steps[StepSize..]; steps.Length >= StepSize; steps = steps[StepSize..])
            {
                Multiply(ref h0, ref h1, ref h2, ref h3, ref h4, r0, r1, r2, r3, r4);
                AddBlocks(ref MemoryMarshal.GetReference(steps), ref h0, ref h1, ref h2, ref h3, ref h4);
            }

            Multiply(
                ref h0, ref h1, ref h2, ref h3, ref h4,
                Vector512.Create<ulong>(powers).AsUInt32(), Vector512.Create<ulong>(powers[Lanes..]).AsUInt32(),
                Vector512.Create<ulong>(powers[(2 * Lanes)..]).AsUInt32(), Vector512.Create<ulong>(powers[(3 * Lanes)..]).AsUInt32(),
                Vector512.Create<ulong>(powers[(4 * Lanes)..]).AsUInt32());
            SetFromLimbs(Vector512.Sum(h0), Vector512.Sum(h1), Vector512.Sum(h2), Vector512.Sum(h3), Vector512.Sum(h4));
        }

        /// <summary>
        /// The limbs of r^1 to r^8, limb by limb, each in the lane whose block needs it: unpacking puts blocks 0 4 1 5 2 6 3 7 into the lanes,
        /// and block b is followed by 7 - b more of its step and takes r^(8 - b).
        /// </summary>
        private readonly void WritePowers(Span<ulong> powers)
        {
            ulong p0 = _r0, p1 = _r1, p2 = 0;
            for (int block = Lanes - 1; block >= 0; block--)
            {
                int lane = ((block & 3) << 1) | (block >> 2);
                powers[lane] = p0 & LimbMask;
                powers[Lanes + lane] = (p0 >> 26) & LimbMask;
                powers[(2 * Lanes) + lane] = ((p0 >> 52) | (p1 << 12)) & LimbMask;
                powers[(3 * Lanes) + lane] = (p1 >> 14) & LimbMask;
                powers[(4 * Lanes) + lane] = (p1 >> 40) | (p2 << 24);
                Multiply(ref p0, ref p1, ref p2, _r0, _r1, _s1);
            }
        }

        // Lane 0 holds block 0 and so r^8.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<uint> Power8(Span<ulong> powers, int limb) => Vector512.Create(powers[limb * Lanes]).AsUInt32();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void AddBlocks(
            ref byte step, ref Vector512<ulong> h0, ref Vector512<ulong> h1, ref Vector512<ulong> h2, ref Vector512<ulong> h3, ref Vector512<ulong> h4)
        {
            var mask = Vector512.Create(LimbMask);
            var first = Vector512.LoadUnsafe(ref step).AsUInt64();
            var second = Vector512.LoadUnsafe(ref step, 64).AsUInt64();
            var low = Avx512F.UnpackLow(first, second);
            var high = Avx512F.UnpackHigh(first, second);
            h0 += low & mask;
            h1 += (low >>> 26) & mask;
            h2 += ((low >>> 52) | (high << 12)) & mask;
            h3 += (high >>> 14) & mask;
            h4 += (high >>> 40) | Vector512.Create(1ul << 24);
        }

        /// <summary>
        /// h · r with the carries taken far enough for the next product: factors stay below 2^28 on the one side and, five times a limb of r,
        /// 2^30 on the other, so that five products add up to less than 2^61.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Multiply(
            ref Vector512<ulong> h0, ref Vector512<ulong> h1, ref Vector512<ulong> h2, ref Vector512<ulong> h3, ref Vector512<ulong> h4,
            Vector512<uint> r0, Vector512<uint> r1, Vector512<uint> r2, Vector512<uint> r3, Vector512<uint> r4)
        {
            Vector512<uint> a0 = h0.AsUInt32(), a1 = h1.AsUInt32(), a2 = h2.AsUInt32(), a3 = h3.AsUInt32(), a4 = h4.AsUInt32();
            Vector512<uint> s1 = TimesFive(r1), s2 = TimesFive(r2), s3 = TimesFive(r3), s4 = TimesFive(r4);
            var d0 = Product(a0, r0) + Product(a1, s4) + Product(a2, s3) + Product(a3, s2) + Product(a4, s1);
            var d1 = Product(a0, r1) + Product(a1, r0) + Product(a2, s4) + Product(a3, s3) + Product(a4, s2);
            var d2 = Product(a0, r2) + Product(a1, r1) + Product(a2, r0) + Product(a3, s4) + Product(a4, s3);
            var d3 = Product(a0, r3) + Product(a1, r2) + Product(a2, r1) + Product(a3, r0) + Product(a4, s4);
            var d4 = Product(a0, r4) + Product(a1, r3) + Product(a2, r2) + Product(a3, r1) + Product(a4, r0);

            var mask = Vector512.Create(LimbMask);
            d1 += d0 >>> LimbBits;
            d4 += d3 >>> LimbBits;
            d0 &= mask;
            d3 &= mask;
            var top = d4 >>> LimbBits;
            d2 += d1 >>> LimbBits;
            d0 += top + (top << 2);
            h4 = d4 & mask;
            d1 &= mask;
            h3 = d3 + (d2 >>> LimbBits);
            h2 = d2 & mask;
            h1 = d1 + (d0 >>> LimbBits);
            h0 = d0 & mask;
            h4 += h3 >>> LimbBits;
            h3 &= mask;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<ulong> Product(Vector512<uint> a, Vector512<uint> b) => Avx512F.Multiply(a, b);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<uint> TimesFive(Vector512<uint> limbs) => limbs + (limbs << 2);

        /// <summary>Puts together limbs that may exceed 26 bits by a few.</summary>
        private void SetFromLimbs(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
        {
            for (int pass = 0; pass < 2; pass++)
            {
                l1 += l0 >> LimbBits;
                l2 += l1 >> LimbBits;
                l3 += l2 >> LimbBits;
                l4 += l3 >> LimbBits;
                l0 = (l0 & LimbMask) + (5 * (l4 >> LimbBits));
                (l1, l2, l3, l4) = (l1 & LimbMask, l2 & LimbMask, l3 & LimbMask, l4 & LimbMask);
            }

            // Only l0 may still exceed its bits now, by less than 5, and the sum without the top two bits its 128 by as little.
            var rest = (UInt128)l0 + ((UInt128)l1 << 26) + ((UInt128)l2 << 52) + ((UInt128)l3 << 78);
            var low = rest + ((UInt128)l4 << 104);
            _h0 = (ulong)low;
            _h1 = (ulong)(low >> 64);
            _h2 = (l4 >> 24) + (low < rest ? 1ul : 0);
        }
    }
}
