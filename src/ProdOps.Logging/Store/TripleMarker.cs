using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ProdOps.Logging.Store;

/// <summary>Finds the triples of symbols in a text, for the first part of its filter. For one thread; its buffers are used again.</summary>
/// <remarks>A triple has a byte while they are collected: setting a bit among others would wait for the bit set before it.</remarks>
internal sealed unsafe class TripleMarker
{
    private const int Triples = FrameFilter.TripleBytes * 8, ChunkLength = 4096;

    // One byte more than there are triples: what is none is marked there.
    private readonly byte[] _marks = new byte[Triples + 64];
    private readonly ushort[] _found = new ushort[ChunkLength + Vector512<ushort>.Count];
    private readonly byte[] _table = FrameFilter.MakeSymbols();

    /// <summary>Whether there are instructions here that look up 64 symbols at once.</summary>
    public static bool HasVectors => Avx512Vbmi.IsSupported && Avx512BW.IsSupported && Avx512Vbmi2.IsSupported && Popcnt.X64.IsSupported;

    /// <summary>Makes the first part of a text's filter.</summary>
    /// <param name="text">The text in lower case, with <see cref="FrameFilter.Padding"/> zeros behind it.</param>
    /// <param name="length">The text's length.</param>
    /// <param name="bits">Gets the bits; its former content is lost.</param>
    /// <param name="vectors">Whether to use <see cref="HasVectors">those instructions</see>.</param>
    public void Collect(ReadOnlySpan<byte> text, int length, Span<byte> bits, bool vectors)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(text.Length, length + FrameFilter.Padding);
        Array.Clear(_marks);
        fixed (byte* bytes = text, marks = _marks)
        {
            if (vectors) MarkByVectors(bytes, length, marks);
            else MarkOneByOne(bytes, length, marks);
            Pack(marks, bits);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MarkByVectors(byte* text, int length, byte* marks)
    {
        var lower = Vector512.Create<byte>(_table.AsSpan(0, 64));
        var upper = Vector512.Create<byte>(_table.AsSpan(64, 64));
        var weights = Vector512.Create((ushort)0x0120).AsSByte();
        var symbol = Vector512.Create((short)31);
        var even = Vector512.Create((ushort)0x0080);
        var odd = Vector512.Create((ushort)0x8000);
        fixed (ushort* found = _found)
        {
            for (int start = 0; start < length; start += ChunkLength)
            {
                ushort* to = found;
                int end = Math.Min(start + ChunkLength, length);
                for (int i = start; i < end; i += 64)
                {
                    var (t0, t1, t2) = (Vector512.Load(text + i), Vector512.Load(text + i + 1), Vector512.Load(text + i + 2));
                    var s0 = Avx512Vbmi.PermuteVar64x8x2(lower, t0, upper);
                    var s1 = Avx512Vbmi.PermuteVar64x8x2(lower, t1, upper);
                    var s2 = Avx512Vbmi.PermuteVar64x8x2(lower, t2, upper);
                    // The highest bit says of a byte of the text that it is not ASCII, and of a symbol that it is none.
                    var none = (s0 | s1 | s2 | t0 | t1 | t2).AsUInt16();
                    var p0 = Avx512BW.MultiplyAddAdjacent(s0, weights);
                    var p1 = Avx512BW.MultiplyAddAdjacent(s1, weights);
                    var p2 = Avx512BW.MultiplyAddAdjacent(s2, weights);
                    var whole = Vector512.Equals(none & even, Vector512<ushort>.Zero);
                    Avx512Vbmi2.Compress(Vector512<ushort>.Zero, whole, ((p0 << 5) | (p1 & symbol)).AsUInt16()).Store(to);
                    to += Popcnt.X64.PopCount(whole.ExtractMostSignificantBits());
                    whole = Vector512.Equals(none & odd, Vector512<ushort>.Zero);
                    Avx512Vbmi2.Compress(Vector512<ushort>.Zero, whole, ((p1 << 5) | (p2 & symbol)).AsUInt16()).Store(to);
                    to += Popcnt.X64.PopCount(whole.ExtractMostSignificantBits());
                }

                Mark(found, to, marks);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mark(ushort* from, ushort* to, byte* marks)
    {
        for (; from + 4 <= to; from += 4)
        {
            ulong four = *(ulong*)from;
            marks[(ushort)four] = 0xFF;
            marks[(ushort)(four >> 16)] = 0xFF;
            marks[(ushort)(four >> 32)] = 0xFF;
            marks[four >> 48] = 0xFF;
        }

        for (; from < to; from++) marks[*from] = 0xFF;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MarkOneByOne(byte* text, int length, byte* marks)
    {
        fixed (byte* symbols = _table)
        {
            uint history = uint.MaxValue;
            for (int i = 0; i < length; i++)
            {
                history = (history << 8) | symbols[text[i]];
                uint triple = ((history >> 6) & 0x7C00) | ((history >> 3) & 0x3E0) | (history & 0x1F);
                marks[(history & 0x808080) == 0 ? triple : Triples] = 0xFF;
            }
        }
    }

    private static void Pack(byte* marks, Span<byte> bits)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bits[..FrameFilter.TripleBytes]);
        for (int i = 0; i < words.Length; i++) words[i] = Vector512.Load(marks + (i * 64)).ExtractMostSignificantBits();
    }
}
