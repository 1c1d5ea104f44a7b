using System.Runtime.CompilerServices;

namespace ProdOps.Backup.Chunking;

/// <summary>How a <see cref="ChunkScanner"/> looks for cuts. All ways find the same.</summary>
internal enum ScanPath
{
    /// <summary>One position after the other, by table.</summary>
    Table,

    /// <summary>Four stretches of positions side by side, by table: their look-ups overlap.</summary>
    Interleaved,

    /// <summary>64 stretches side by side in the byte lanes of AVX-512 vectors, by GFNI's bit matrices.</summary>
    Gfni,
}

/// <summary>
/// Finds where restic cuts a file (restic/chunker, chunker.go): after the first position, at least 512 KiB into the chunk, at which
/// the Rabin fingerprint of the 64 bytes before ends in 20 zero bits. Since the fingerprint depends on those bytes only, any
/// positions can be looked at side by side. May be used from several threads at once.
/// </summary>
internal sealed partial class ChunkScanner
{
    public const int MinSize = 512 * 1024, MaxSize = 8 * 1024 * 1024;

    private const int Window = 64, TopShift = ChunkerPolynomial.Degree - 8;
    private const int Stripe = 4096;
    private const ulong CutMask = (1 << 20) - 1;

    private readonly ScanPath _path;

    /// <summary>What a byte adds to the fingerprint just before it leaves the window: b · x^(8·63).</summary>
    private readonly ulong[] _out = new ulong[256];

    /// <summary>What the byte shifted out above the degree leaves behind, and that byte itself, so that one XOR removes it.</summary>
    private readonly ulong[] _mod = new ulong[256];

    public ChunkScanner(ulong polynomial)
        : this(polynomial, IsGfniSupported ? ScanPath.Gfni : ScanPath.Interleaved) { }

    /// <summary>For tests: keeps to one way of scanning.</summary>
    public ChunkScanner(ulong polynomial, ScanPath path)
    {
        if (polynomial >> ChunkerPolynomial.Degree != 1) throw new ArgumentException("The polynomial's degree is not 53.", nameof(polynomial));
        if (path == ScanPath.Gfni && !IsGfniSupported) throw new PlatformNotSupportedException("This processor has no GFNI or no AVX-512.");
        _path = path;
        for (uint b = 0; b < 256; b++)
        {
            _out[b] = ChunkerPolynomial.ShiftModulo(b, 8 * (Window - 1), polynomial);
            _mod[b] = ChunkerPolynomial.ShiftModulo(b, ChunkerPolynomial.Degree, polynomial) | ((ulong)b << ChunkerPolynomial.Degree);
        }

        if (path == ScanPath.Gfni) _matrices = CreateMatrices(polynomial);
    }

    /// <summary>Looks for the end of a chunk.</summary>
    /// <param name="chunk">The bytes read so far from the chunk's start, at most <see cref="MaxSize"/>.</param>
    /// <param name="from">How many of them an earlier call for the same chunk has looked at; 0 at first.</param>
    /// <returns>The chunk's length, or -1 if it takes more bytes to tell; at the end of a file the chunk is what is there.</returns>
    public int FindCut(ReadOnlySpan<byte> chunk, int from)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunk.Length, MaxSize);
        ArgumentOutOfRangeException.ThrowIfNegative(from);

        int position = Math.Max(MinSize, from + 1);
        int cut = _path switch
        {
            ScanPath.Gfni => ScanByGfni(chunk, ref position),
            ScanPath.Interleaved => ScanInterleaved(chunk, ref position),
            _ => -1,
        };
        if (cut < 0) cut = ScanByTable(chunk, position);
        return cut < 0 && chunk.Length == MaxSize ? MaxSize : cut;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe int ScanByTable(ReadOnlySpan<byte> data, int position)
    {
        if (position > data.Length) return -1;
        fixed (byte* bytes = data)
        fixed (ulong* outs = _out, mods = _mod)
        {
            ulong d = Fingerprint(bytes + position - 1, mods);
            for (int p = position; p <= data.Length; p++)
            {
                d = Step(d, bytes + p, outs, mods);
                if ((d & CutMask) == 0) return p;
            }
        }

        return -1;
    }

    /// <summary>Scans as many blocks of four stripes as fit, and moves the position behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe int ScanInterleaved(ReadOnlySpan<byte> data, ref int position)
    {
        fixed (byte* bytes = data)
        fixed (ulong* outs = _out, mods = _mod)
        {
            for (; data.Length - position + 1 >= 4 * Stripe; position += 4 * Stripe)
            {
                int cut = ScanStripes(bytes + position, outs, mods);
                if (cut >= 0) return position + cut;
            }
        }

        return -1;
    }

    /// <summary>Scans four stripes of positions that begin at <paramref name="start"/>, and returns the first cut's offset from it or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe int ScanStripes(byte* start, ulong* outs, ulong* mods)
    {
        ulong d0 = Fingerprint(start - 1, mods), d1 = Fingerprint(start + Stripe - 1, mods);
        ulong d2 = Fingerprint(start + (2 * Stripe) - 1, mods), d3 = Fingerprint(start + (3 * Stripe) - 1, mods);
        int first = int.MaxValue;
        for (int i = 0; i < Stripe; i++, start++)
        {
            d0 = Step(d0, start, outs, mods);
            d1 = Step(d1, start + Stripe, outs, mods);
            d2 = Step(d2, start + (2 * Stripe), outs, mods);
            d3 = Step(d3, start + (3 * Stripe), outs, mods);
            if ((d0 & CutMask) == 0) return i;
            if ((d1 & CutMask) == 0) first = Math.Min(first, Stripe + i);
            if ((d2 & CutMask) == 0) first = Math.Min(first, (2 * Stripe) + i);
            if ((d3 & CutMask) == 0) first = Math.Min(first, (3 * Stripe) + i);
        }

        return first == int.MaxValue ? -1 : first;
    }

    /// <summary>The fingerprint of the 64 bytes before <paramref name="end"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe ulong Fingerprint(byte* end, ulong* mods)
    {
        ulong d = 0;
        for (int i = -Window; i < 0; i++) d = ((d << 8) | end[i]) ^ mods[d >> TopShift];
        return d;
    }

    /// <summary>From the fingerprint before <c>end - 1</c> to that before <paramref name="end"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe ulong Step(ulong d, byte* end, ulong* outs, ulong* mods)
    {
        d ^= outs[end[-1 - Window]];
        return ((d << 8) | end[-1]) ^ mods[d >> TopShift];
    }
}
