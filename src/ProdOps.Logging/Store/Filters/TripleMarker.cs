using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ProdOps.Logging.Store.Filters;

/// <summary>Finds the triples of symbols in a text, for the first part of its filter. For one thread; its buffers are used again.</summary>
/// <remarks>A triple has a byte while they are collected: setting a bit among others would wait for the bit set before it.</remarks>
internal sealed unsafe class TripleMarker
{
    private const int Triples = FrameFilter.TripleBytes * 8, ChunkLength = 4096;

    /// <summary>Stands for what is no triple.</summary>
    public const ushort NoTriple = ushort.MaxValue;

    // What is none is marked far behind those that are.
    private readonly byte[] _marks = new byte[NoTriple + 1];
    private readonly byte[] _symbols = new byte[ChunkLength + 64];
    private readonly ushort[] _found = new ushort[ChunkLength + Vector512<ushort>.Count];
    private readonly byte[] _table = FrameFilter.MakeSymbols();

    /// <summary>What suits this processor best.</summary>
    public static VectorWidth Widest { get; } = Enum.GetValues<VectorWidth>().Where(Has).Max();

    /// <summary>Whether this processor has the instructions; of AVX-512 those that look up 64 symbols at once, which came later than others.</summary>
    public static bool Has(VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => Avx512Vbmi.IsSupported && Avx512BW.IsSupported && Avx512Vbmi2.IsSupported && Popcnt.X64.IsSupported,
        VectorWidth.Bits256 => Avx2.IsSupported,
        VectorWidth.Bits128 => Vector128.IsHardwareAccelerated,
        _ => true,
    };

    /// <summary>Makes the first part of a text's filter.</summary>
    /// <param name="text">The text in lower case, with <see cref="FrameFilter.Padding"/> zeros behind it.</param>
    /// <param name="length">The text's length.</param>
    /// <param name="bits">Gets the bits; its former content is lost.</param>
    /// <param name="width">One that <see cref="Has">is there</see>.</param>
    public void Collect(ReadOnlySpan<byte> text, int length, Span<byte> bits, VectorWidth width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(text.Length, length + FrameFilter.Padding);
        _marks.AsSpan(0, Triples).Clear();
        fixed (byte* bytes = text, marks = _marks)
        {
            switch (width)
            {
                case VectorWidth.Bits512: MarkBy512(bytes, length, marks); break;
                case VectorWidth.Bits256: MarkBy<TripleLanes256>(bytes, length, marks); break;
                case VectorWidth.Bits128: MarkBy<TripleLanes128>(bytes, length, marks); break;
                default: MarkOneByOne(bytes, length, marks); break;
            }

            Pack(marks, bits);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MarkBy512(byte* text, int length, byte* marks)
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MarkBy<TLanes>(byte* text, int length, byte* marks)
        where TLanes : struct, ITripleLanes
    {
        fixed (byte* symbols = _symbols)
        fixed (ushort* found = _found)
        {
            for (int start = 0; start < length; start += ChunkLength)
            {
                // What is none is marked with the others: leaving it out takes as long where no instruction does it.
                int count = Math.Min(ChunkLength, length - start), i = 0;
                for (; i < count + 2; i += TLanes.Count) TLanes.WriteSymbols(text + start + i, symbols + i);
                for (i = 0; i < count; i += TLanes.Count) TLanes.WriteTriples(symbols + i, found + i);
                Mark(found, found + i, marks);
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
                marks[(history & 0x808080) == 0 ? triple : NoTriple] = 0xFF;
            }
        }
    }

    private static void Pack(byte* marks, Span<byte> bits)
    {
        var words = MemoryMarshal.Cast<byte, ushort>(bits[..FrameFilter.TripleBytes]);
        for (int i = 0; i < words.Length; i++) words[i] = (ushort)Vector128.Load(marks + (i * 16)).ExtractMostSignificantBits();
    }
}
