using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ProdOps.Logging.Store.Filters;

/// <summary>
/// Finds the minimizers of a text, for the second part of its filter. Some are found twice. They are the same in the same order on all processors, and so is the filter.
/// For one thread; its buffers are used again.
/// </summary>
internal sealed unsafe class GramFinder
{
    // Powers of two, and what is left of a hash's 32 bits. The tables keep most repetitions from being written.
    private const int NearEntries = 1 << 12, NearShift = 20, SeenEntries = 1 << 16, SeenShift = 16;

    private const int ChunkLength = 2048, Line = 64;

    private readonly uint[] _near = new uint[NearEntries];
    private readonly uint[] _seen = new uint[SeenEntries];
    private readonly uint[] _hashes = new uint[ChunkLength + 128];
    private readonly uint[] _candidates = new uint[ChunkLength + 64];
    private uint[] _grams = new uint[32 * 1024];
    private int _count;

    /// <summary>What suits this processor best.</summary>
    public static VectorWidth Widest { get; } = Enum.GetValues<VectorWidth>().Where(Has).Max();

    /// <summary>Whether this processor has the instructions.</summary>
    public static bool Has(VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported,
        VectorWidth.Bits256 => Avx2.IsSupported,
        VectorWidth.Bits128 => Vector128.IsHardwareAccelerated,
        _ => true,
    };

    /// <summary>The minimizers of a text, until the next call.</summary>
    /// <param name="text">The text in lower case, with <see cref="FrameFilter.Padding"/> zeros behind it.</param>
    /// <param name="length">The text's length.</param>
    /// <param name="width">One that <see cref="Has">is there</see>.</param>
    public ReadOnlySpan<uint> Find(ReadOnlySpan<byte> text, int length, VectorWidth width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(text.Length, length + FrameFilter.Padding);
        Empty(_seen);
        Empty(_near);
        _count = 0;
        int windows = length - FrameFilter.ShortestExact + 1;
        fixed (byte* bytes = text)
        {
            switch (width)
            {
                case VectorWidth.Bits512: FindBy<GramLanes512>(bytes, windows); break;
                case VectorWidth.Bits256: FindBy<GramLanes256>(bytes, windows); break;
                case VectorWidth.Bits128: FindBy<GramLanes128>(bytes, windows); break;
                default: FindOneByOne(bytes, windows); break;
            }
        }

        return _grams.AsSpan(0, _count);
    }

    /// <summary>Three times over a chunk that stays in the nearest cache: hashes, the least of each four, and of those the least of eight where it changes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindBy<TLanes>(byte* text, int windows)
        where TLanes : struct, IGramLanes
    {
        fixed (uint* buffer = _hashes, candidates = _candidates)
        fixed (byte* orders = TLanes.Orders)
        {
            // On a border of cache lines, with room for one before.
            uint* least = (uint*)(((nuint)buffer + Line - 1) & ~(nuint)(Line - 1)) + (Line / sizeof(uint));
            for (int start = 0; start < windows; start += ChunkLength)
            {
                int count = Math.Min(ChunkLength, windows - start), i = 0;
                for (; i < count + FrameFilter.Window - 1; i += TLanes.Count) TLanes.Hash(text + start + i, least + i);
                for (i = 0; i < count + (FrameFilter.Window / 2); i += TLanes.Count) TLanes.LeastOfFour(least + i);
                uint* to = candidates;
                if (start == 0) *to++ = least[-1] = Math.Min(least[0], least[4]);
                // Most windows have the least of the window before: only changes are written.
                for (i = 0; i + TLanes.Count <= count; i += TLanes.Count) to = TLanes.WriteChanges(least + i, orders, to);
                for (; i < count; i++)
                {
                    uint value = Math.Min(least[i], least[i + 4]);
                    if (value != Math.Min(least[i - 1], least[i + 3])) *to++ = value;
                }

                least[-1] = least[count - 1];
                Keep(candidates, (int)(to - candidates));
            }
        }
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
}
