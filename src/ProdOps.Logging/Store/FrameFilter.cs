using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ProdOps.Logging.Matching;
using ProdOps.Logging.Matching.Literals;

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

    private const int BitsPerGram = 8, Probes = 5;
    private const ulong GramMask = (1UL << (8 * GramLength)) - 1;
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

    /// <summary>Writes the minimizers of one line (in lower case) behind <paramref name="count"/>; the same one after another is written once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int AddMinimizers(ReadOnlySpan<byte> line, Span<uint> hashes, int count)
    {
        if (line.Length < ShortestExact) return count;
        ref byte text = ref MemoryMarshal.GetReference(line);
        Span<uint> ring = stackalloc uint[Window];
        ref uint recent = ref MemoryMarshal.GetReference(ring);
        int grams = line.Length - GramLength + 1;
        uint least = uint.MaxValue;
        int leastAt = -1;
        for (int i = 0; i < grams; i++)
        {
            uint hash = HashAt(ref text, i, line.Length);
            Unsafe.Add(ref recent, i & (Window - 1)) = hash;
            if (hash < least)
            {
                least = hash;
                leastAt = i;
                if (i >= Window - 1) hashes[count++] = hash;
            }
            else if (leastAt <= i - Window)
            {
                least = uint.MaxValue;
                for (int j = i - Window + 1; j <= i; j++)
                {
                    uint other = Unsafe.Add(ref recent, j & (Window - 1));
                    if (other > least) continue;
                    least = other;
                    leastAt = j;
                }

                hashes[count++] = least;
            }
            else if (i == Window - 1)
            {
                hashes[count++] = least;
            }
        }

        return count;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint HashAt(ref byte text, int at, int length)
    {
        ulong gram = at + 8 <= length
            ? Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref text, at)) & GramMask
            : Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref text, at)) | ((ulong)Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref text, at + 4)) << 32);
        if (!BitConverter.IsLittleEndian) gram = BinaryPrimitives.ReverseEndianness(gram) >> 16;
        return (uint)((gram * 0x9E3779B97F4A7C15UL) >> 32);
    }

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

/// <summary>What a search needs a frame to hold, ready to be asked of one filter after the other.</summary>
internal sealed class FilterQuestion
{
    private readonly Alternative[][] _groups;

    private FilterQuestion(Alternative[][] groups) => _groups = groups;

    /// <summary>The question that a search's literals make, or <see langword="null"/> if every frame may hold them.</summary>
    public static FilterQuestion? Of(RequiredLiterals required)
    {
        var groups = new List<Alternative[]>();
        foreach (var group in required.Groups)
        {
            Alternative[] alternatives = [.. group.Select(Ask)];
            if (alternatives.Length > 0 && alternatives.All(alternative => alternative.SaysSomething)) groups.Add(alternatives);
        }

        return groups.Count == 0 ? null : new FilterQuestion([.. groups]);
    }

    /// <summary>Whether the frame may hold what is asked for.</summary>
    /// <param name="triples">The first part of its filter.</param>
    /// <param name="blocks">The second.</param>
    /// <param name="foldedLetters">Whether it holds one of the two characters that are letters of ASCII in another case.</param>
    public bool MayMatch(ReadOnlySpan<byte> triples, ReadOnlySpan<byte> blocks, bool foldedLetters)
    {
        foreach (var group in _groups)
        {
            bool any = false;
            foreach (var alternative in group)
            {
                if (any = alternative.IsFoldedLetter ? foldedLetters : alternative.MayMatch(triples, blocks)) break;
            }

            if (!any) return false;
        }

        return true;
    }

    private static Alternative Ask(Literal literal)
    {
        if (literal == FoldedLetters.LongS || literal == FoldedLetters.KelvinSign) return new Alternative([], []) { IsFoldedLetter = true };
        byte[] text = new byte[literal.Bytes.Length];
        AsciiCase.ToLower(literal.Bytes.Span, text);
        uint[] hashes = new uint[text.Length + 1];
        int count = FrameFilter.AddMinimizers(text, hashes, 0);
        return new Alternative(FrameFilter.TriplesOf(text), [.. hashes.AsSpan(0, count).ToArray().Distinct()]);
    }

    private readonly record struct Alternative(ushort[] Triples, uint[] Grams)
    {
        public bool IsFoldedLetter { get; init; }

        public bool SaysSomething => IsFoldedLetter || Triples.Length > 0 || Grams.Length > 0;

        public bool MayMatch(ReadOnlySpan<byte> triples, ReadOnlySpan<byte> blocks)
        {
            foreach (uint gram in Grams)
            {
                if (!FrameFilter.HasGram(gram, blocks)) return false;
            }

            return FrameFilter.HasTriples(triples, Triples);
        }
    }
}
