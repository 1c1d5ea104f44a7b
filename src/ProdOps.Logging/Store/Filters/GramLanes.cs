using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ProdOps.Logging.Store.Filters;

/// <summary>What <see cref="GramFinder"/> does with the vectors of one width.</summary>
internal unsafe interface IGramLanes
{
    /// <summary>How many hashes a vector has.</summary>
    static abstract int Count { get; }

    /// <summary>For each pattern of changed lanes an order that brings them to the front; empty where an instruction does.</summary>
    static abstract byte[] Orders { get; }

    /// <summary>Writes the hashes of <see cref="Count"/> grams in a row. Reads up to 32 bytes.</summary>
    static abstract void Hash(byte* text, uint* to);

    /// <summary>Puts in the place of each hash the least of it and the three behind it.</summary>
    static abstract void LeastOfFour(uint* hashes);

    /// <summary>From such: writes the least of eight where it is another than one place before. Writes a whole vector, and returns where the changes end.</summary>
    static abstract uint* WriteChanges(uint* least, byte* orders, uint* to);
}

internal static class GramLanes
{
    /// <summary>The orders of all patterns of so many lanes, in units of so many bytes.</summary>
    public static byte[] MakeOrders(int lanes, int unit)
    {
        byte[] orders = new byte[(lanes * unit) << lanes];
        for (int pattern = 0; pattern < 1 << lanes; pattern++)
        {
            int at = pattern * lanes * unit;
            for (int i = 0; i < lanes * unit; i++)
            {
                if ((pattern & (1 << (i / unit))) != 0) orders[at++] = (byte)i;
            }
        }

        return orders;
    }
}

internal readonly unsafe struct GramLanes128 : IGramLanes
{
    private static readonly byte[] AllOrders = GramLanes.MakeOrders(4, sizeof(uint));

    public static int Count => 4;

    public static byte[] Orders => AllOrders;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Hash(byte* text, uint* to)
    {
        var bytes = Vector128.Load(text);
        var front = Vector128.Shuffle(bytes, Vector128.Create((byte)0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6)).AsUInt32();
        var back = Vector128.Shuffle(bytes, Vector128.Create((byte)2, 3, 4, 5, 3, 4, 5, 6, 4, 5, 6, 7, 5, 6, 7, 8)).AsUInt32();
        ((front * FrameFilter.FirstFactor) + (back * FrameFilter.SecondFactor)).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LeastOfFour(uint* hashes) => Vector128.Min(
        Vector128.Min(Vector128.Load(hashes), Vector128.Load(hashes + 1)),
        Vector128.Min(Vector128.Load(hashes + 2), Vector128.Load(hashes + 3))).Store(hashes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint* WriteChanges(uint* least, byte* orders, uint* to)
    {
        var values = Vector128.Min(Vector128.Load(least), Vector128.Load(least + 4));
        var before = Vector128.Min(Vector128.Load(least - 1), Vector128.Load(least + 3));
        uint changed = Vector128.Equals(values, before).ExtractMostSignificantBits() ^ 0xF;
        Vector128.ShuffleNative(values.AsByte(), Vector128.Load(orders + (changed * 16))).AsUInt32().Store(to);
        return to + BitOperations.PopCount(changed);
    }
}

internal readonly unsafe struct GramLanes256 : IGramLanes
{
    private static readonly byte[] AllOrders = GramLanes.MakeOrders(8, 1);

    public static int Count => 8;

    public static byte[] Orders => AllOrders;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Hash(byte* text, uint* to)
    {
        // Bytes are shuffled within halves only, so each has all of them.
        var bytes = Avx2.BroadcastVector128ToVector256(text);
        var front = Avx2.Shuffle(bytes, Vector256.Create(
            (byte)0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, 4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10)).AsUInt32();
        var back = Avx2.Shuffle(bytes, Vector256.Create(
            (byte)2, 3, 4, 5, 3, 4, 5, 6, 4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10, 8, 9, 10, 11, 9, 10, 11, 12)).AsUInt32();
        ((front * FrameFilter.FirstFactor) + (back * FrameFilter.SecondFactor)).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LeastOfFour(uint* hashes) => Vector256.Min(
        Vector256.Min(Vector256.Load(hashes), Vector256.Load(hashes + 1)),
        Vector256.Min(Vector256.Load(hashes + 2), Vector256.Load(hashes + 3))).Store(hashes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint* WriteChanges(uint* least, byte* orders, uint* to)
    {
        var values = Vector256.Min(Vector256.Load(least), Vector256.Load(least + 4));
        var before = Vector256.Min(Vector256.Load(least - 1), Vector256.Load(least + 3));
        uint changed = Vector256.Equals(values, before).ExtractMostSignificantBits() ^ 0xFF;
        Avx2.PermuteVar8x32(values, Avx2.ConvertToVector256Int32(orders + (changed * 8)).AsUInt32()).Store(to);
        return to + BitOperations.PopCount(changed);
    }
}

internal readonly unsafe struct GramLanes512 : IGramLanes
{
    public static int Count => 16;

    public static byte[] Orders => [];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Hash(byte* text, uint* to)
    {
        // Each quarter gets the bytes of its own four grams first.
        var words = Vector256.Load((uint*)text).ToVector512Unsafe();
        var bytes = Avx512F.PermuteVar16x32(words, Vector512.Create(0u, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6)).AsByte();
        var front = Avx512BW.Shuffle(bytes, Vector512.Create(0x03020100u, 0x04030201, 0x05040302, 0x06050403, 0x03020100, 0x04030201, 0x05040302, 0x06050403,
            0x03020100, 0x04030201, 0x05040302, 0x06050403, 0x03020100, 0x04030201, 0x05040302, 0x06050403).AsByte()).AsUInt32();
        var back = Avx512BW.Shuffle(bytes, Vector512.Create(0x05040302u, 0x06050403, 0x07060504, 0x08070605, 0x05040302, 0x06050403, 0x07060504, 0x08070605,
            0x05040302, 0x06050403, 0x07060504, 0x08070605, 0x05040302, 0x06050403, 0x07060504, 0x08070605).AsByte()).AsUInt32();
        ((front * FrameFilter.FirstFactor) + (back * FrameFilter.SecondFactor)).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LeastOfFour(uint* hashes) => Vector512.Min(
        Vector512.Min(Vector512.Load(hashes), Vector512.Load(hashes + 1)),
        Vector512.Min(Vector512.Load(hashes + 2), Vector512.Load(hashes + 3))).Store(hashes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint* WriteChanges(uint* least, byte* orders, uint* to)
    {
        var values = Vector512.Min(Vector512.Load(least), Vector512.Load(least + 4));
        var before = Vector512.Min(Vector512.Load(least - 1), Vector512.Load(least + 3));
        var changed = Avx512F.CompareNotEqual(values, before);
        Avx512F.Compress(Vector512<uint>.Zero, changed, values).Store(to);
        return to + BitOperations.PopCount(changed.ExtractMostSignificantBits());
    }
}
