using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ProdOps.Logging.Matching.Literals;

/// <summary>
/// One literal: two of its rarest bytes are looked for at once, at their distance from each other, 64 places in a step; a third
/// decides before any place is looked at by itself.
/// </summary>
internal sealed unsafe class SingleLiteralSearch : LiteralSearch
{
    private readonly LiteralBytes _literal;
    private readonly int _first;
    private readonly int _second;
    private readonly int _third;

    public SingleLiteralSearch(Literal literal)
    {
        _literal = new LiteralBytes(literal);
        var rarest = Enumerable.Range(0, _literal.Length).OrderByDescending(_literal.RankAt).ToArray();
        _first = rarest[0];
        // The same byte again says less than another, be it more frequent.
        _second = rarest.FirstOrDefault(at => _literal[at] != _literal[_first], rarest[^1]);
        _third = rarest.FirstOrDefault(at => at != _first && at != _second, _second);
    }

    public override int IndexOf(ReadOnlySpan<byte> text)
    {
        int last = text.Length - _literal.Length;
        if (last < 0) return -1;
        fixed (byte* start = text)
        {
            if (Vector512.IsHardwareAccelerated && last >= Vector512<byte>.Count - 1) return Search512(start, last);
            if (Vector256.IsHardwareAccelerated && last >= Vector256<byte>.Count - 1) return Search256(start, last);
            if (last >= Vector128<byte>.Count - 1) return Search128(start, last);
            for (int at = 0; at <= last; at++)
            {
                if (_literal.IsAt(start + at)) return at;
            }
        }

        return -1;
    }

    // What is not yet compiled at its best takes as long for a first search as all the rest of it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Search512(byte* start, int last)
    {
        var (byte1, byte2, byte3) = (Vector512.Create(_literal[_first]), Vector512.Create(_literal[_second]), Vector512.Create(_literal[_third]));
        var (mask1, mask2, mask3) =
            (Vector512.Create(_literal.MaskAt(_first)), Vector512.Create(_literal.MaskAt(_second)), Vector512.Create(_literal.MaskAt(_third)));
        byte* text1 = start + _first, text2 = start + _second, text3 = start + _third;
        int lastStep = last - (Vector512<byte>.Count - 1);
        int at = 0;
        ulong wanted = ulong.MaxValue;
        while (true)
        {
            var both = Vector512.Equals(Vector512.Load(text1 + at) | mask1, byte1) & Vector512.Equals(Vector512.Load(text2 + at) | mask2, byte2);
            if (both != Vector512<byte>.Zero)
            {
                ulong hits = (both & Vector512.Equals(Vector512.Load(text3 + at) | mask3, byte3)).ExtractMostSignificantBits() & wanted;
                for (; hits != 0; hits &= hits - 1)
                {
                    int place = at + BitOperations.TrailingZeroCount(hits);
                    if (_literal.IsAt(start + place)) return place;
                }
            }

            if (at == lastStep) return -1;
            at += Vector512<byte>.Count;
            if (at <= lastStep) continue;
            // The last step goes back to where it can read whole, and leaves out what was seen.
            if (at - lastStep >= Vector512<byte>.Count) return -1;
            wanted = ulong.MaxValue << (at - lastStep);
            at = lastStep;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Search256(byte* start, int last)
    {
        var (byte1, byte2, byte3) = (Vector256.Create(_literal[_first]), Vector256.Create(_literal[_second]), Vector256.Create(_literal[_third]));
        var (mask1, mask2, mask3) =
            (Vector256.Create(_literal.MaskAt(_first)), Vector256.Create(_literal.MaskAt(_second)), Vector256.Create(_literal.MaskAt(_third)));
        byte* text1 = start + _first, text2 = start + _second, text3 = start + _third;
        int lastStep = last - (Vector256<byte>.Count - 1);
        int at = 0;
        uint wanted = uint.MaxValue;
        while (true)
        {
            var both = Vector256.Equals(Vector256.Load(text1 + at) | mask1, byte1) & Vector256.Equals(Vector256.Load(text2 + at) | mask2, byte2);
            if (both != Vector256<byte>.Zero)
            {
                uint hits = (both & Vector256.Equals(Vector256.Load(text3 + at) | mask3, byte3)).ExtractMostSignificantBits() & wanted;
                for (; hits != 0; hits &= hits - 1)
                {
                    int place = at + BitOperations.TrailingZeroCount(hits);
                    if (_literal.IsAt(start + place)) return place;
                }
            }

            if (at == lastStep) return -1;
            at += Vector256<byte>.Count;
            if (at <= lastStep) continue;
            if (at - lastStep >= Vector256<byte>.Count) return -1;
            wanted = uint.MaxValue << (at - lastStep);
            at = lastStep;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Search128(byte* start, int last)
    {
        var (byte1, byte2, byte3) = (Vector128.Create(_literal[_first]), Vector128.Create(_literal[_second]), Vector128.Create(_literal[_third]));
        var (mask1, mask2, mask3) =
            (Vector128.Create(_literal.MaskAt(_first)), Vector128.Create(_literal.MaskAt(_second)), Vector128.Create(_literal.MaskAt(_third)));
        byte* text1 = start + _first, text2 = start + _second, text3 = start + _third;
        int lastStep = last - (Vector128<byte>.Count - 1);
        int at = 0;
        uint wanted = uint.MaxValue;
        while (true)
        {
            var both = Vector128.Equals(Vector128.Load(text1 + at) | mask1, byte1) & Vector128.Equals(Vector128.Load(text2 + at) | mask2, byte2);
            if (both != Vector128<byte>.Zero)
            {
                uint hits = (both & Vector128.Equals(Vector128.Load(text3 + at) | mask3, byte3)).ExtractMostSignificantBits() & wanted;
                for (; hits != 0; hits &= hits - 1)
                {
                    int place = at + BitOperations.TrailingZeroCount(hits);
                    if (_literal.IsAt(start + place)) return place;
                }
            }

            if (at == lastStep) return -1;
            at += Vector128<byte>.Count;
            if (at <= lastStep) continue;
            if (at - lastStep >= Vector128<byte>.Count) return -1;
            wanted = uint.MaxValue << (at - lastStep);
            at = lastStep;
        }
    }
}
