using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ProdOps.Logging.Store.Filters;

/// <summary>What <see cref="TripleMarker"/> does with the vectors of one width, where no instruction looks up 64 symbols at once.</summary>
internal unsafe interface ITripleLanes
{
    /// <summary>How many bytes a vector has.</summary>
    static abstract int Count { get; }

    /// <summary>Writes the symbols of <see cref="Count"/> bytes.</summary>
    static abstract void WriteSymbols(byte* text, byte* to);

    /// <summary>Writes the triples that begin with <see cref="Count"/> symbols, first those with an even number; <see cref="TripleMarker.NoTriple"/> for none. Reads two symbols more.</summary>
    static abstract void WriteTriples(byte* symbols, ushort* to);
}

internal static class TripleLanes
{
    // The halves of a byte that is no letter, put together by XOR, are another number for each of the others: here they are, and their symbols.
    public static Vector128<byte> Others => Vector128.Create(0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)':', (byte)'_', 0, (byte)'.', (byte)'/', (byte)'=', (byte)'-');

    public static Vector128<byte> OtherSymbols =>
        Vector128.Create(0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 30, 27, 0xFF, 29, 28, 31, (byte)26);
}

internal readonly unsafe struct TripleLanes128 : ITripleLanes
{
    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteSymbols(byte* text, byte* to)
    {
        var bytes = Vector128.Load(text);
        var letters = bytes - Vector128.Create((byte)'a');
        var at = (bytes ^ (bytes.AsUInt16() >>> 4).AsByte()) & Vector128.Create((byte)0x0F);
        var isOther = Vector128.Equals(Vector128.ShuffleNative(TripleLanes.Others, at), bytes);
        var others = Vector128.ShuffleNative(TripleLanes.OtherSymbols, at) | ~isOther;
        Vector128.ConditionalSelect(Vector128.LessThanOrEqual(letters, Vector128.Create((byte)25)), letters, others).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteTriples(byte* symbols, ushort* to)
    {
        var (s0, s1, s2) = (Vector128.Load((ushort*)symbols), Vector128.Load((ushort*)(symbols + 1)), Vector128.Load((ushort*)(symbols + 2)));
        var middle = Vector128.Create((ushort)(31 << 5));
        // The highest bit of a symbol that is none is spread over all of the triple.
        var none = (s0 | s1 | s2).AsInt16();
        ((s0 << 10) | ((s0 >>> 3) & middle) | (s1 >>> 8) | ((none << 8) >> 15).AsUInt16()).Store(to);
        ((s1 << 10) | ((s1 >>> 3) & middle) | (s2 >>> 8) | (none >> 15).AsUInt16()).Store(to + Vector128<ushort>.Count);
    }
}

internal readonly unsafe struct TripleLanes256 : ITripleLanes
{
    public static int Count => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteSymbols(byte* text, byte* to)
    {
        var bytes = Vector256.Load(text);
        var letters = bytes - Vector256.Create((byte)'a');
        var at = (bytes ^ (bytes.AsUInt16() >>> 4).AsByte()) & Vector256.Create((byte)0x0F);
        var isOther = Vector256.Equals(Avx2.Shuffle(Vector256.Create(TripleLanes.Others, TripleLanes.Others), at), bytes);
        var others = Avx2.Shuffle(Vector256.Create(TripleLanes.OtherSymbols, TripleLanes.OtherSymbols), at) | ~isOther;
        Vector256.ConditionalSelect(Vector256.LessThanOrEqual(letters, Vector256.Create((byte)25)), letters, others).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteTriples(byte* symbols, ushort* to)
    {
        var (s0, s1, s2) = (Vector256.Load((ushort*)symbols), Vector256.Load((ushort*)(symbols + 1)), Vector256.Load((ushort*)(symbols + 2)));
        var middle = Vector256.Create((ushort)(31 << 5));
        var none = (s0 | s1 | s2).AsInt16();
        ((s0 << 10) | ((s0 >>> 3) & middle) | (s1 >>> 8) | ((none << 8) >> 15).AsUInt16()).Store(to);
        ((s1 << 10) | ((s1 >>> 3) & middle) | (s2 >>> 8) | (none >> 15).AsUInt16()).Store(to + Vector256<ushort>.Count);
    }
}
