using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ProdOps.Logging.Matching.Literals;

/// <summary>
/// Several literals at once. Up to three neighbouring bytes of each, its rarest, are its fingerprint, and each literal belongs to one
/// of eight buckets. Two tables of 16 entries a byte (by its low and by its high half) tell in which buckets it may stand; shuffles
/// look them up for all bytes of a vector together, and only where all agree is a bucket's every literal compared.
/// </summary>
internal sealed unsafe class PackedLiteralSearch : LiteralSearch
{
    /// <summary>With more literals the buckets are so full that an automaton is faster.</summary>
    public const int MaximumCount = 48;

    private const int Buckets = 8;

    private readonly (LiteralBytes Literal, int Offset)[][] _buckets = new (LiteralBytes, int)[Buckets][];
    private readonly byte[][] _low;
    private readonly byte[][] _high;
    private readonly int _width;

    public PackedLiteralSearch(IReadOnlyList<Literal> literals)
    {
        var all = literals.Select(literal => new LiteralBytes(literal)).ToArray();
        _width = Math.Min(3, all.Min(literal => literal.Length));
        _low = new byte[3][];
        _high = new byte[3][];
        for (int i = 0; i < 3; i++)
            (_low[i], _high[i]) = (new byte[16], new byte[16]);
        var placed = all.Select(literal => (Literal: literal, Offset: RarestPlace(literal, _width)))
            // Alike fingerprints share a bucket, so that the tables let through as little as they can.
            .OrderBy(entry => string.Join(',', Enumerable.Range(entry.Offset, _width).Select(at => entry.Literal[at].ToString("x2")))).ToArray();
        int perBucket = (placed.Length + Buckets - 1) / Buckets;
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            _buckets[bucket] = [.. placed.Skip(bucket * perBucket).Take(perBucket)];
            foreach (var (literal, offset) in _buckets[bucket])
                Enter(literal, offset, (byte)(1 << bucket));
        }

        // Bytes that are not looked at let everything through.
        for (int i = _width; i < 3; i++)
        {
            Array.Fill(_low[i], byte.MaxValue);
            Array.Fill(_high[i], byte.MaxValue);
        }
    }

    public override int IndexOf(ReadOnlySpan<byte> text)
    {
        int last = text.Length - _width;
        if (last < 0) return -1;
        fixed (byte* start = text)
        {
            int at = 0;
            // Three bytes are read from each place, so the last two places of all are left to the slow end.
            if (Avx512BW.IsSupported && text.Length >= Vector512<byte>.Count + 2)
                return Search512(start, text.Length, last);
            if (Avx2.IsSupported && text.Length >= Vector256<byte>.Count + 2)
                return Search256(start, text.Length, last);
            if ((Ssse3.IsSupported || AdvSimd.Arm64.IsSupported) && text.Length >= Vector128<byte>.Count + 2)
                return Search128(start, text.Length, last);
            return SearchEnd(start, text.Length, at, last);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Search512(byte* start, int length, int last)
    {
        var (low1, low2, low3) = (Table512(_low[0]), Table512(_low[1]), Table512(_low[2]));
        var (high1, high2, high3) = (Table512(_high[0]), Table512(_high[1]), Table512(_high[2]));
        var half = Vector512.Create((byte)0x0f);
        int at = 0;
        for (int lastStep = length - Vector512<byte>.Count - 2; at <= lastStep; at += Vector512<byte>.Count)
        {
            var (text1, text2, text3) = (Vector512.Load(start + at), Vector512.Load(start + at + 1), Vector512.Load(start + at + 2));
            var buckets = Avx512BW.Shuffle(low1, text1 & half) & Avx512BW.Shuffle(high1, HighHalf(text1, half))
                & Avx512BW.Shuffle(low2, text2 & half) & Avx512BW.Shuffle(high2, HighHalf(text2, half))
                & Avx512BW.Shuffle(low3, text3 & half) & Avx512BW.Shuffle(high3, HighHalf(text3, half));
            if (buckets == Vector512<byte>.Zero)
                continue;
            ulong hits = ~Vector512.Equals(buckets, Vector512<byte>.Zero).ExtractMostSignificantBits();
            for (; hits != 0; hits &= hits - 1)
            {
                int place = BitOperations.TrailingZeroCount(hits);
                if (Verify(start, length, at + place, buckets.GetElement(place)) is >= 0 and var found) return found;
            }
        }

        return SearchEnd(start, length, at, last);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Search256(byte* start, int length, int last)
    {
        var (low1, low2, low3) = (Table256(_low[0]), Table256(_low[1]), Table256(_low[2]));
        var (high1, high2, high3) = (Table256(_high[0]), Table256(_high[1]), Table256(_high[2]));
        var half = Vector256.Create((byte)0x0f);
        int at = 0;
        for (int lastStep = length - Vector256<byte>.Count - 2; at <= lastStep; at += Vector256<byte>.Count)
        {
            var (text1, text2, text3) = (Vector256.Load(start + at), Vector256.Load(start + at + 1), Vector256.Load(start + at + 2));
            var buckets = Avx2.Shuffle(low1, text1 & half) & Avx2.Shuffle(high1, HighHalf(text1, half))
                & Avx2.Shuffle(low2, text2 & half) & Avx2.Shuffle(high2, HighHalf(text2, half))
                & Avx2.Shuffle(low3, text3 & half) & Avx2.Shuffle(high3, HighHalf(text3, half));
            if (buckets == Vector256<byte>.Zero)
                continue;
            uint hits = ~Vector256.Equals(buckets, Vector256<byte>.Zero).ExtractMostSignificantBits();
            for (; hits != 0; hits &= hits - 1)
            {
                int place = BitOperations.TrailingZeroCount(hits);
                if (Verify(start, length, at + place, buckets.GetElement(place)) is >= 0 and var found) return found;
            }
        }

        return SearchEnd(start, length, at, last);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Search128(byte* start, int length, int last)
    {
        var (low1, low2, low3) = (Vector128.Create(_low[0]), Vector128.Create(_low[1]), Vector128.Create(_low[2]));
        var (high1, high2, high3) = (Vector128.Create(_high[0]), Vector128.Create(_high[1]), Vector128.Create(_high[2]));
        var half = Vector128.Create((byte)0x0f);
        int at = 0;
        for (int lastStep = length - Vector128<byte>.Count - 2; at <= lastStep; at += Vector128<byte>.Count)
        {
            var (text1, text2, text3) = (Vector128.Load(start + at), Vector128.Load(start + at + 1), Vector128.Load(start + at + 2));
            var buckets = Vector128.Shuffle(low1, text1 & half) & Vector128.Shuffle(high1, text1 >>> 4)
                & Vector128.Shuffle(low2, text2 & half) & Vector128.Shuffle(high2, text2 >>> 4)
                & Vector128.Shuffle(low3, text3 & half) & Vector128.Shuffle(high3, text3 >>> 4);
            if (buckets == Vector128<byte>.Zero)
                continue;
            uint hits = ~Vector128.Equals(buckets, Vector128<byte>.Zero).ExtractMostSignificantBits() & 0xffff;
            for (; hits != 0; hits &= hits - 1)
            {
                int place = BitOperations.TrailingZeroCount(hits);
                if (Verify(start, length, at + place, buckets.GetElement(place)) is >= 0 and var found) return found;
            }
        }

        return SearchEnd(start, length, at, last);
    }

    private int SearchEnd(byte* start, int length, int at, int last)
    {
        for (; at <= last; at++)
        {
            int buckets = 0xff;
            for (int i = 0; i < _width; i++)
                buckets &= _low[i][start[at + i] & 0x0f] & _high[i][start[at + i] >> 4];
            if (buckets != 0 && Verify(start, length, at, (byte)buckets) is >= 0 and var found) return found;
        }

        return -1;
    }

    private int Verify(byte* start, int length, int fingerprint, byte buckets)
    {
        for (int rest = buckets; rest != 0; rest &= rest - 1)
        {
            foreach (var (literal, offset) in _buckets[BitOperations.TrailingZeroCount(rest)])
            {
                int place = fingerprint - offset;
                if (place >= 0 && place <= length - literal.Length && literal.IsAt(start + place)) return place;
            }
        }

        return -1;
    }

    private void Enter(LiteralBytes literal, int offset, byte bucket)
    {
        for (int i = 0; i < _width; i++)
        {
            byte value = literal[offset + i];
            _low[i][value & 0x0f] |= bucket;
            _high[i][value >> 4] |= bucket;
            // The other case differs in the high half only.
            if (literal.MaskAt(offset + i) != 0) _high[i][(value & ~0x20) >> 4] |= bucket;
        }
    }

    private static int RarestPlace(LiteralBytes literal, int width) => Enumerable.Range(0, literal.Length - width + 1)
        .MaxBy(place => Enumerable.Range(place, width).Sum(literal.RankAt));

    private static Vector512<byte> Table512(byte[] table) => Vector512.Create(Table256(table), Table256(table));

    private static Vector256<byte> Table256(byte[] table) => Vector256.Create(Vector128.Create(table), Vector128.Create(table));

    // There is no shift of bytes: what comes over from the neighbour is cut off.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> HighHalf(Vector512<byte> text, Vector512<byte> half) => (text.AsUInt16() >>> 4).AsByte() & half;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> HighHalf(Vector256<byte> text, Vector256<byte> half) => (text.AsUInt16() >>> 4).AsByte() & half;
}
