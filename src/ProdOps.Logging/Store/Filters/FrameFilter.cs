using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ProdOps.Logging.Store.Filters;

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
    public const uint FirstFactor = 0x9E3779B1, SecondFactor = 0x85EBCA77;
    private const byte NoSymbol = 0xFF;

    private static ReadOnlySpan<byte> Symbols => SymbolTable;

    private static readonly byte[] SymbolTable = MakeSymbols();

    public static int BlocksFor(int grams) => Math.Max(1, ((grams * BitsPerGram) + (BlockBytes * 8) - 1) / (BlockBytes * 8));

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

    /// <summary>The minimizers of a literal, and of nothing else.</summary>
    public static unsafe int FindLiteralMinimizers(ReadOnlySpan<byte> literal, Span<uint> hashes)
    {
        if (literal.Length < ShortestExact) return 0;
        fixed (byte* bytes = literal)
        fixed (uint* output = hashes)
            return GramFinder.FindOneByOne(bytes, literal.Length - ShortestExact + 1, output);
    }

    /// <summary>Sets the bits of minimizers.</summary>
    /// <param name="hashes">The minimizers.</param>
    /// <param name="blocks">The second part of the filter, whole blocks of it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void AddGrams(ReadOnlySpan<uint> hashes, Span<byte> blocks)
    {
        int count = blocks.Length / BlockBytes;
        fixed (byte* first = blocks[..(count * BlockBytes)])
        {
            foreach (uint hash in hashes)
            {
                var (block, bits) = Place(hash, count);
                ulong* words = (ulong*)(first + (block * BlockBytes));
                for (int i = 0; i < Probes; i++, bits >>= 9) words[(int)(bits & 511) >> 6] |= 1UL << (int)(bits & 63);
            }
        }
    }

    /// <summary>Whether a gram's bits are set in the block that <see cref="Place"/> names.</summary>
    public static bool HasBits(ulong bits, ReadOnlySpan<byte> block)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(block[..BlockBytes]);
        for (int i = 0; i < Probes; i++, bits >>= 9)
        {
            if ((words[(int)(bits & 511) >> 6] & (1UL << (int)(bits & 63))) == 0) return false;
        }

        return true;
    }

    /// <summary>Where a gram is noted in a filter of so many blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int Block, ulong Bits) Place(uint hash, int blocks)
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
    public static unsafe uint HashAt(byte* text) => (Unsafe.ReadUnaligned<uint>(text) * FirstFactor) + (Unsafe.ReadUnaligned<uint>(text + 2) * SecondFactor);

    /// <summary>The number of each byte's symbol, below 32; of all others one with the highest bit.</summary>
    public static byte[] MakeSymbols()
    {
        byte[] table = new byte[256];
        Array.Fill(table, NoSymbol);
        for (int c = 'a'; c <= 'z'; c++) table[c] = (byte)(c - 'a');
        ReadOnlySpan<byte> others = "-_/.:="u8;
        for (int i = 0; i < others.Length; i++) table[others[i]] = (byte)(26 + i);
        return table;
    }
}
