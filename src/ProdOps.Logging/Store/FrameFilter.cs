using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ProdOps.Logging.Store;

/// <summary>
/// What tells, without decompressing a frame, that a literal cannot be in it. Two parts, both over the text in lower case:
/// <list type="bullet">
/// <item>a bit for each of the 32,768 triples of letters and <c>- _ / . : =</c>, which is good for words;</item>
/// <item>a blocked Bloom filter of minimizers: of each eight six-byte grams in a row the one with the least hash (Roberts and others, "Reducing storage requirements for
/// biological sequence comparison", 2004). A literal of 13 bytes or more has one at least that must be there, whatever it is made of.</item>
/// </list>
/// </summary>
internal static class FrameFilter
{
    public const int GramLength = 6, Window = 8, TripleBytes = 32 * 32 * 32 / 8, BlockBytes = 64;

    /// <summary>The least literal that has a minimizer of its own wherever it stands.</summary>
    public const int ShortestExact = GramLength + Window - 1;

    // A literal has several minimizers, and all must be there: a filter that is wrong about one in twenty is wrong about hardly any literal.
    private const int BitsPerGram = 6, Probes = 4;

    // Odd numbers of high entropy, the first from the golden ratio; the second is one of xxHash's primes.
    private const uint FirstFactor = 0x9E3779B1, SecondFactor = 0x85EBCA77;
    private const byte NoSymbol = 0xFF;

    private static ReadOnlySpan<byte> Symbols => SymbolTable;

    private static readonly byte[] SymbolTable = MakeSymbols();

    public static int BlocksFor(int grams) => Math.Max(1, ((grams * BitsPerGram) + (BlockBytes * 8) - 1) / (BlockBytes * 8));

    /// <summary>Sets the bits of the triples in a text in lower case.</summary>
    public static void AddTriples(ReadOnlySpan<byte> text, Span<byte> triples)
    {
        ref byte symbols = ref MemoryMarshal.GetArrayDataReference(SymbolTable);
        ref byte bits = ref MemoryMarshal.GetReference(triples[..TripleBytes]);
        // A symbol that is none fills three places of the history with ones in a fourth bit range: no triple with it is whole.
        uint history = uint.MaxValue;
        foreach (byte b in text)
        {
            uint symbol = Unsafe.Add(ref symbols, b);
            history = (history << 8) | symbol;
            if ((history & 0xE0E0E0) != 0) continue;
            uint triple = ((history >> 6) & 0x7C00) | ((history >> 3) & 0x3E0) | (history & 0x1F);
            Unsafe.Add(ref bits, triple >> 3) |= (byte)(1 << (int)(triple & 7));
        }
    }

    /// <summary>Calls for each triple of a literal in lower case; true as long as all are set.</summary>
    public static bool HasTriples(ReadOnlySpan<byte> triples, ReadOnlySpan<ushort> wanted)
    {
        foreach (ushort triple in wanted)
        {
            if ((triples[triple >> 3] & (1 << (triple & 7))) == 0) return false;
        }

        return true;
    }

    public static ushort[] TriplesOf(ReadOnlySpan<byte> literal)
    {
        var triples = new List<ushort>();
        uint history = uint.MaxValue;
        foreach (byte b in literal)
        {
            history = (history << 8) | Symbols[b];
            if ((history & 0xE0E0E0) == 0) triples.Add((ushort)(((history >> 6) & 0x7C00) | ((history >> 3) & 0x3E0) | (history & 0x1F)));
        }

        return [.. triples.Distinct()];
    }

    /// <summary>How many bytes a text must be followed by in memory: vectors read beyond its end.</summary>
    public const int Padding = 128;

    /// <summary>Entries of the table that keeps repetitions from being written; a power of two.</summary>
    public const int SeenEntries = 1 << 16;

    /// <summary>
    /// Writes the minimizers of a text in lower case, and returns how many. Some are written twice, and some are of what lies behind the text: a filter with too much in it is still right.
    /// </summary>
    /// <param name="text">The text, with <see cref="Padding"/> bytes behind it.</param>
    /// <param name="length">The text's length.</param>
    /// <param name="hashes">As long as <paramref name="text"/>.</param>
    /// <param name="seen">Cleared, with <see cref="SeenEntries"/> places; most repetitions stop there.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe int FindMinimizers(ReadOnlySpan<byte> text, int length, Span<uint> hashes, Span<uint> seen)
    {
        if (length < ShortestExact) return 0;
        ArgumentOutOfRangeException.ThrowIfLessThan(text.Length, length + Padding);
        ArgumentOutOfRangeException.ThrowIfLessThan(hashes.Length, length);
        ArgumentOutOfRangeException.ThrowIfLessThan(seen.Length, SeenEntries);
        fixed (byte* bytes = text)
        fixed (uint* output = hashes, table = seen)
            return Vector512.IsHardwareAccelerated ? FindByVectors(bytes, length, output, table) : FindOneByOne(bytes, length, output, table);
    }

    /// <summary>Sixteen grams four bytes apart are hashed at once, and four such vectors hold 64 places in a row; the least of eight neighbours comes by halving.</summary>
    private static unsafe int FindByVectors(byte* text, int length, uint* output, uint* seen)
    {
        // Of the 16 lanes 13 have all their neighbours in the same vectors: 52 places a round.
        const int Lanes = 13, Step = Lanes * 4;
        const ulong WholeLanes = (1UL << Lanes) - 1;
        int count = 0;
        uint previous = 0;
        var next = Vector512.Create(1u, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15);
        uint* least = stackalloc uint[64];
        for (int i = 0; i < length - ShortestExact + 1; i += Step)
        {
            var (h0, h1, h2, h3) = (HashesAt(text + i), HashesAt(text + i + 1), HashesAt(text + i + 2), HashesAt(text + i + 3));
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
            var m0 = Vector512.Min(p0, s1);
            var m1 = Vector512.Min(s1, q0);
            var m2 = Vector512.Min(s2, q1);
            var m3 = Vector512.Min(p3, q2);
            // Most windows have the least of the window before: only changes are written.
            ulong changes1 = ~Vector512.Equals(m1, m0).ExtractMostSignificantBits() & WholeLanes;
            ulong changes2 = ~Vector512.Equals(m2, m1).ExtractMostSignificantBits() & WholeLanes;
            ulong changes3 = ~Vector512.Equals(m3, m2).ExtractMostSignificantBits() & WholeLanes;
            ulong changes0 = (~Vector512.Equals(Vector512.Shuffle(m0, next), m3).ExtractMostSignificantBits() << 1) & (WholeLanes - 1);
            if (m0.ToScalar() != previous || i == 0) changes0 |= 1;
            previous = m3.GetElement(Lanes - 1);
            m0.Store(least);
            m1.Store(least + 16);
            m2.Store(least + 32);
            m3.Store(least + 48);
            for (ulong changes = changes0 | (changes1 << 16) | (changes2 << 32) | (changes3 << 48); changes != 0; changes &= changes - 1)
                count = Write(least[BitOperations.TrailingZeroCount(changes)], output, count, seen);
        }

        return count;
    }

    private static unsafe int FindOneByOne(byte* text, int length, uint* output, uint* seen)
    {
        uint* ring = stackalloc uint[Window];
        int grams = length - GramLength + 1, count = 0, leastAt = -1;
        uint least = uint.MaxValue;
        for (int i = 0; i < grams; i++)
        {
            uint hash = HashAt(text + i);
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

            if (i == Window - 1 || (changed && i >= Window)) count = Write(least, output, count, seen);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe int Write(uint hash, uint* output, int count, uint* seen)
    {
        // 0 stands for an empty place; that hash is simply written each time.
        uint* place = seen + ((hash * FirstFactor) >> 16);
        if (*place == hash && hash != 0) return count;
        *place = hash;
        output[count] = hash;
        return count + 1;
    }

    /// <summary>The minimizers of a literal, and of nothing else.</summary>
    public static unsafe int FindLiteralMinimizers(ReadOnlySpan<byte> literal, Span<uint> hashes)
    {
        if (literal.Length < ShortestExact) return 0;
        fixed (byte* bytes = literal)
        fixed (uint* output = hashes, table = new uint[SeenEntries])
            return FindOneByOne(bytes, literal.Length, output, table);
    }

    /// <summary>Sets the bits of a minimizer.</summary>
    public static void AddGram(uint hash, Span<byte> blocks)
    {
        var (block, bits) = Place(hash, blocks.Length / BlockBytes);
        var words = MemoryMarshal.Cast<byte, ulong>(blocks.Slice(block * BlockBytes, BlockBytes));
        for (int i = 0; i < Probes; i++, bits >>= 9) words[(int)(bits & 511) >> 6] |= 1UL << (int)(bits & 63);
    }

    public static bool HasGram(uint hash, ReadOnlySpan<byte> blocks)
    {
        var (block, bits) = Place(hash, blocks.Length / BlockBytes);
        var words = MemoryMarshal.Cast<byte, ulong>(blocks.Slice(block * BlockBytes, BlockBytes));
        for (int i = 0; i < Probes; i++, bits >>= 9)
        {
            if ((words[(int)(bits & 511) >> 6] & (1UL << (int)(bits & 63))) == 0) return false;
        }

        return true;
    }

    private static (int Block, ulong Bits) Place(uint hash, int blocks)
    {
        // The finalizer of splitmix64 (Steele and others, "Fast splittable pseudorandom number generators", 2014) makes all bits depend on all.
        ulong mixed = hash + 0x9E3779B97F4A7C15UL;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        mixed ^= mixed >> 31;
        return ((int)(((mixed >> 45) * (ulong)(uint)blocks) >> 19), mixed);
    }

    /// <summary>The hash of the six bytes at a place, from the four first and the four last of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe uint HashAt(byte* text) => (Unsafe.ReadUnaligned<uint>(text) * FirstFactor) + (Unsafe.ReadUnaligned<uint>(text + 2) * SecondFactor);

    /// <summary>The same of sixteen places, four bytes apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<uint> HashesAt(byte* text) =>
        (Vector512.Load((uint*)text) * Vector512.Create(FirstFactor)) + (Vector512.Load((uint*)(text + 2)) * Vector512.Create(SecondFactor));

    private static byte[] MakeSymbols()
    {
        byte[] table = new byte[256];
        Array.Fill(table, NoSymbol);
        for (int c = 'a'; c <= 'z'; c++) table[c] = (byte)(c - 'a');
        ReadOnlySpan<byte> others = "-_/.:="u8;
        for (int i = 0; i < others.Length; i++) table[others[i]] = (byte)(26 + i);
        return table;
    }
}
