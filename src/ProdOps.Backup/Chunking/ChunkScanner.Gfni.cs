using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ProdOps.Backup.Chunking;

/// <content>
/// The scan in 64 byte lanes, one stretch of positions each. The fingerprints are kept in seven vectors, a byte of every lane's
/// fingerprint in each, so that a shift by a byte is a renaming; and what a byte adds to each of the seven is linear over GF(2), which is what
/// GFNI's affine instruction computes. Fingerprints are kept shifted up by three bits: their highest byte is then a vector of its own.
/// </content>
internal sealed partial class ChunkScanner
{
    private const int Lanes = 64, Planes = 7, LaneShift = (8 * Planes) - ChunkerPolynomial.Degree;

    /// <summary>Positions a lane scans in a block, not a power of two so that the lanes do not fall on the same cache sets.</summary>
    private const int MaxLaneLength = 17 * Window, MinLaneLength = Window;

    /// <summary>For each plane the matrices of the highest byte, of the byte that leaves, and of the one that enters the window.</summary>
    private readonly Vector512<byte>[] _matrices = [];

    internal static bool IsGfniSupported => Gfni.V512.IsSupported && Avx512BW.IsSupported && BitConverter.IsLittleEndian;

    private static Vector512<byte>[] CreateMatrices(ulong polynomial)
    {
        var matrices = new Vector512<byte>[3 * Planes];
        for (int plane = 0; plane < Planes; plane++)
        {
            matrices[plane] = CreateMatrix(plane, ChunkerPolynomial.Degree, polynomial);
            matrices[Planes + plane] = CreateMatrix(plane, 8 * Window, polynomial);
            matrices[(2 * Planes) + plane] = CreateMatrix(plane, 0, polynomial);
        }

        return matrices;
    }

    /// <summary>The matrix that takes a byte b to one byte of b · x^shift. Its row for output bit i is byte 7 - i of the operand.</summary>
    private static Vector512<byte> CreateMatrix(int plane, int shift, ulong polynomial)
    {
        ulong matrix = 0;
        for (int input = 0; input < 8; input++)
        {
            ulong image = ChunkerPolynomial.ShiftModulo(1ul << input, shift, polynomial) << LaneShift >> (8 * plane);
            for (int output = 0; output < 8; output++)
                if (((image >> output) & 1) != 0) matrix |= 1ul << ((8 * (7 - output)) + input);
        }

        return Vector512.Create(matrix).AsByte();
    }

    /// <summary>Scans as many blocks of 64 stretches as fit, and moves the position behind them.</summary>
    private int ScanByGfni(ReadOnlySpan<byte> data, ref int position)
    {
        int laneLength;
        while ((laneLength = Math.Min(MaxLaneLength, (data.Length - position + 1) / Lanes / Window * Window)) >= MinLaneLength)
        {
            int cut = ScanBlock(data, position, laneLength);
            if (cut >= 0) return cut;
            position += Lanes * laneLength;
        }

        return -1;
    }

    [SkipLocalsInit]
    private unsafe int ScanBlock(ReadOnlySpan<byte> data, int position, int laneLength)
    {
        byte* scratch = stackalloc byte[(4 * Lanes * Window) + 64];
        var entering = (Vector512<byte>*)(((nuint)scratch + 63) & ~(nuint)63);
        var leaving = entering + Window;
        var spare = leaving + Window;
        var planes = spare + Window;
        new Span<Vector512<byte>>(leaving, Window).Clear();
        new Span<Vector512<byte>>(planes, Planes).Clear();

        int first = int.MaxValue;
        fixed (byte* bytes = data)
        fixed (Vector512<byte>* matrices = _matrices)
        {
            // The first tile is the window before each lane's first position but one: it only fills the fingerprints.
            for (int tile = -Window; tile < laneLength; tile += Window)
            {
                Transpose(bytes + position - 1 + tile, laneLength, entering, spare);
                int cut = ScanTile(planes, entering, leaving, matrices, laneLength);
                if (cut >= 0 && tile >= 0) first = Math.Min(first, position + tile + cut);
                var swap = entering;
                entering = leaving;
                leaving = swap;
            }
        }

        return first == int.MaxValue ? -1 : first;
    }

    /// <summary>Takes every lane 64 positions on. Apart from its caller, and without calls, so that the planes stay in registers.</summary>
    /// <returns>The offset of the first cut from the first lane's position, or -1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe int ScanTile(
        Vector512<byte>* planes, Vector512<byte>* entering, Vector512<byte>* leaving, Vector512<byte>* matrices, int laneLength)
    {
        Vector512<byte>* top = matrices, left = top + Planes, entered = left + Planes;
        Vector512<byte> d0 = planes[0], d1 = planes[1], d2 = planes[2], d3 = planes[3], d4 = planes[4], d5 = planes[5], d6 = planes[6];
        var cutMask = Vector512.Create((byte)((1 << (20 + LaneShift - 16)) - 1));
        int first = int.MaxValue;
        for (int step = 0; step < Window; step++)
        {
            int at = TransposedIndex(step);
            Vector512<byte> t = d6, l = leaving[at], e = entering[at];
            d6 = d5 ^ Apply(t, top[6]) ^ Apply(l, left[6]);
            d5 = d4 ^ Apply(t, top[5]) ^ Apply(l, left[5]);
            d4 = d3 ^ Apply(t, top[4]) ^ Apply(l, left[4]);
            d3 = d2 ^ Apply(t, top[3]) ^ Apply(l, left[3]);
            d2 = d1 ^ Apply(t, top[2]) ^ Apply(l, left[2]);
            d1 = d0 ^ Apply(t, top[1]) ^ Apply(l, left[1]) ^ Apply(e, entered[1]);
            d0 = Apply(t, top[0]) ^ Apply(l, left[0]) ^ Apply(e, entered[0]);

            ulong cuts = Vector512.Equals(d0 | d1 | (d2 & cutMask), default).ExtractMostSignificantBits();
            if (cuts != 0) first = Math.Min(first, (BitOperations.TrailingZeroCount(cuts) * laneLength) + step);
        }

        (planes[0], planes[1], planes[2], planes[3]) = (d0, d1, d2, d3);
        (planes[4], planes[5], planes[6]) = (d4, d5, d6);
        return first == int.MaxValue ? -1 : first;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Apply(Vector512<byte> bytes, Vector512<byte> matrix) => Gfni.V512.GaloisFieldAffineTransform(bytes, matrix, 0);

    /// <summary>
    /// Brings byte s of every lane together in one vector, <see cref="TransposedIndex"/>(s). Interleaving the halves of the
    /// square moves the highest bit of a byte's row number into its column number and one of the column's into the row's; after six
    /// times rows and columns have changed places. Each loop does it twice.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Transpose(byte* source, int laneLength, Vector512<byte>* target, Vector512<byte>* spare)
    {
        for (int i = 0; i < 16; i++)
        {
            var a = Vector512.Load(source + (LaneOfRow(i) * laneLength));
            var b = Vector512.Load(source + (LaneOfRow(i + 16) * laneLength));
            var c = Vector512.Load(source + (LaneOfRow(i + 32) * laneLength));
            var d = Vector512.Load(source + (LaneOfRow(i + 48) * laneLength));
            InterleaveBytes(a, b, c, d, target + (4 * i));
        }

        for (int i = 0; i < 16; i++) InterleaveBytes(target[i], target[i + 16], target[i + 32], target[i + 48], spare + (4 * i));
        for (int i = 0; i < 16; i++) InterleaveQuarters(spare[i], spare[i + 16], spare[i + 32], spare[i + 48], target + (4 * i));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void InterleaveBytes(
        Vector512<byte> a, Vector512<byte> b, Vector512<byte> c, Vector512<byte> d, Vector512<byte>* target)
    {
        Vector512<byte> acLow = Avx512BW.UnpackLow(a, c), acHigh = Avx512BW.UnpackHigh(a, c);
        Vector512<byte> bdLow = Avx512BW.UnpackLow(b, d), bdHigh = Avx512BW.UnpackHigh(b, d);
        target[0] = Avx512BW.UnpackLow(acLow, bdLow);
        target[1] = Avx512BW.UnpackHigh(acLow, bdLow);
        target[2] = Avx512BW.UnpackLow(acHigh, bdHigh);
        target[3] = Avx512BW.UnpackHigh(acHigh, bdHigh);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void InterleaveQuarters(
        Vector512<byte> a, Vector512<byte> b, Vector512<byte> c, Vector512<byte> d, Vector512<byte>* target)
    {
        const byte Even = 0x88, Odd = 0xDD;
        Vector512<ulong> acEven = Avx512F.Shuffle4x128(a.AsUInt64(), c.AsUInt64(), Even), acOdd = Avx512F.Shuffle4x128(a.AsUInt64(), c.AsUInt64(), Odd);
        Vector512<ulong> bdEven = Avx512F.Shuffle4x128(b.AsUInt64(), d.AsUInt64(), Even), bdOdd = Avx512F.Shuffle4x128(b.AsUInt64(), d.AsUInt64(), Odd);
        target[0] = Avx512F.Shuffle4x128(acEven, bdEven, Even).AsByte();
        target[1] = Avx512F.Shuffle4x128(acEven, bdEven, Odd).AsByte();
        target[2] = Avx512F.Shuffle4x128(acOdd, bdOdd, Even).AsByte();
        target[3] = Avx512F.Shuffle4x128(acOdd, bdOdd, Odd).AsByte();
    }

    // Unpacking works within quarters of 128 bits, so the bits of both numbers end up out of order: rows (5 4 3 2 1 0) as lane bits
    // (0 1 5 4 3 2), and steps (5 4 3 2 1 0) as index bits (3 2 1 0 4 5).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LaneOfRow(int row) => (row >> 2) | ((row & 1) << 5) | ((row & 2) << 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int TransposedIndex(int step) => ((step & 15) << 2) | ((step >> 3) & 2) | (step >> 5);
}
