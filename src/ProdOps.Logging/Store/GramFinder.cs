using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ProdOps.Logging.Store;

/// <summary>
/// Finds the minimizers of a text, for the second part of its filter. Some are found twice, and some are of what lies behind the text: a filter with too much in it is still right.
/// For one thread; its buffers are used again.
/// </summary>
internal sealed unsafe class GramFinder
{
    // Powers of two, and what is left of a hash's 32 bits. The tables keep most repetitions from being written.
    private const int NearEntries = 1 << 12, NearShift = 20, SeenEntries = 1 << 16, SeenShift = 16;

    // Of the 16 lanes of a vector 13 have all their neighbours in the same vectors: 52 windows a round.
    private const int Lanes = 13, Step = Lanes * 4, ChunkLength = Step * 64;

    private readonly uint[] _near = new uint[NearEntries];
    private readonly uint[] _seen = new uint[SeenEntries];
    private readonly uint[] _candidates = new uint[ChunkLength + 64];
    private uint[] _grams = new uint[32 * 1024];
    private int _count;

    public static bool HasVectors => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>The minimizers of a text, until the next call.</summary>
    /// <param name="text">The text in lower case, with <see cref="FrameFilter.Padding"/> zeros behind it.</param>
    /// <param name="length">The text's length.</param>
    /// <param name="vectors">Whether to use the instructions of <see cref="HasVectors"/>.</param>
    public ReadOnlySpan<uint> Find(ReadOnlySpan<byte> text, int length, bool vectors)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(text.Length, length + FrameFilter.Padding);
        Empty(_seen);
        Empty(_near);
        _count = 0;
        int windows = length - FrameFilter.ShortestExact + 1;
        fixed (byte* bytes = text)
        {
            if (vectors) FindByVectors(bytes, windows);
            else FindOneByOne(bytes, windows);
        }

        return _grams.AsSpan(0, _count);
    }

    /// <summary>Sixteen grams four bytes apart are hashed at once, and four such vectors hold 64 places in a row; the least of eight neighbours comes by halving.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindByVectors(byte* text, int windows)
    {
        var next = Vector512.Create(1u, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15);
        var before = Vector512.Create(16 + Lanes - 1, 0u, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
        // Lanes that do not have all their neighbours are nothing, and so the same in all vectors.
        var whole = Vector512.LessThan(Vector512<uint>.Indices, Vector512.Create((uint)Lanes));
        var last = Vector512<uint>.Zero;
        var first = Vector512.Create(FrameFilter.FirstFactor);
        var second = Vector512.Create(FrameFilter.SecondFactor);
        fixed (uint* candidates = _candidates)
        {
            for (int start = 0; start < windows; start += ChunkLength)
            {
                uint* to = candidates;
                int end = Math.Min(start + ChunkLength, windows);
                for (int i = start; i < end; i += Step)
                {
                    var (x0, x1, x2, x3) = (Load(text + i), Load(text + i + 1), Load(text + i + 2), Load(text + i + 3));
                    // The hashes of grams as HashAt makes them, from the four bytes at a place and those two further.
                    var h0 = (x0 * first) + (x2 * second);
                    var h1 = (x1 * first) + (x3 * second);
                    var h2 = (x2 * first) + (Vector512.Shuffle(x0, next) * second);
                    var h3 = (x3 * first) + (Vector512.Shuffle(x1, next) * second);
                    // p: the less of a place and the one four further; q: the same, four further.
                    var p0 = Vector512.Min(h0, Vector512.Shuffle(h0, next));
                    var p1 = Vector512.Min(h1, Vector512.Shuffle(h1, next));
                    var p2 = Vector512.Min(h2, Vector512.Shuffle(h2, next));
                    var p3 = Vector512.Min(h3, Vector512.Shuffle(h3, next));
                    var q0 = Vector512.Shuffle(p0, next);
                    var q1 = Vector512.Min(q0, Vector512.Shuffle(p1, next));
                    var q2 = Vector512.Min(q1, Vector512.Shuffle(p2, next));
                    var s2 = Vector512.Min(p2, p3);
                    var s1 = Vector512.Min(p1, s2);
                    var m0 = Vector512.Min(p0, s1) & whole;
                    var m1 = Vector512.Min(s1, q0) & whole;
                    var m2 = Vector512.Min(s2, q1) & whole;
                    var m3 = Vector512.Min(p3, q2) & whole;
                    if (i == 0) *to++ = m0.ToScalar();
                    // Most windows have the least of the window before: only changes are written.
                    to = WriteChanges(m0, Avx512F.PermuteVar16x32x2(m3, before, last) & whole, to);
                    to = WriteChanges(m1, m0, to);
                    to = WriteChanges(m2, m1, to);
                    to = WriteChanges(m3, m2, to);
                    last = m3;
                }

                Keep(candidates, (int)(to - candidates));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint* WriteChanges(Vector512<uint> values, Vector512<uint> before, uint* to)
    {
        var changed = Avx512F.CompareNotEqual(values, before);
        Avx512F.Compress(Vector512<uint>.Zero, changed, values).Store(to);
        return to + BitOperations.PopCount(changed.ExtractMostSignificantBits());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindOneByOne(byte* text, int windows)
    {
        fixed (uint* candidates = _candidates)
        {
            for (int start = 0; start < windows; start += ChunkLength)
                Keep(candidates, FindOneByOne(text + start, Math.Min(ChunkLength, windows - start), candidates));
        }
    }

    /// <summary>The minimizers of windows in a row, without those that are that of the window before.</summary>
    public static int FindOneByOne(byte* text, int windows, uint* to)
    {
        const int Window = FrameFilter.Window;
        uint* ring = stackalloc uint[Window];
        int grams = windows + Window - 1, count = 0, leastAt = -1;
        uint least = uint.MaxValue;
        for (int i = 0; i < grams; i++)
        {
            uint hash = FrameFilter.HashAt(text + i);
            ring[i & (Window - 1)] = hash;
            bool changed = false;
            if (hash < least || leastAt < 0)
            {
                (least, leastAt, changed) = (hash, i, true);
            }
            else if (leastAt <= i - Window)
            {
                least = uint.MaxValue;
                for (int j = i - Window + 1; j <= i; j++)
                {
                    if (ring[j & (Window - 1)] > least) continue;
                    (least, leastAt) = (ring[j & (Window - 1)], j);
                }

                changed = true;
            }

            if (i == Window - 1 || (changed && i >= Window)) to[count++] = least;
        }

        return count;
    }

    /// <summary>Adds candidates but those that the tables have just seen: first the small one, which stays near, then the large one.</summary>
    private void Keep(uint* candidates, int length)
    {
        if (_grams.Length - _count < length) Array.Resize(ref _grams, Math.Max(_grams.Length * 2, _count + length));
        fixed (uint* grams = _grams, near = _near, seen = _seen)
        {
            length = Unseen(candidates, length, near, NearShift, candidates);
            _count += Unseen(candidates, length, seen, SeenShift, grams + _count);
        }
    }

    /// <summary>Copies hashes that are not at their places in a table, which they come to. Without branches, which nobody could foresee.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Unseen(uint* hashes, int length, uint* table, int shift, uint* to)
    {
        uint* begin = to;
        for (uint* end = hashes + length; hashes < end; hashes++)
        {
            uint hash = *hashes;
            uint* place = table + ((hash * FrameFilter.FirstFactor) >> shift);
            int isNew = *place != hash ? 1 : 0;
            *place = hash;
            *to = hash;
            to += isNew;
        }

        return (int)(to - begin);
    }

    private static void Empty(uint[] table)
    {
        Array.Clear(table);
        // What is empty must be nothing that could stand there: 0 belongs to the first place only, and 1 does not.
        table[0] = 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Load(byte* text) => Vector512.Load((uint*)text);
}
