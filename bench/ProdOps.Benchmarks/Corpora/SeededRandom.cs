using System.Buffers.Binary;

namespace ProdOps.Benchmarks.Corpora;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): any seed will do, and the same seed gives the same corpus on every
/// machine and runtime, which <see cref="Random"/> does not promise.
/// </summary>
internal struct SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A generator of its own for part <paramref name="index"/>, so that parts can be made in any order.</summary>
    public static SeededRandom ForPart(ulong seed, long index)
    {
        var random = new SeededRandom(seed ^ ((ulong)index * 0xD1342543DE82EF95));
        return new SeededRandom(random.Next());
    }

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    public int Below(int limit) => (int)(((Next() >> 32) * (ulong)limit) >> 32);

    public long Below(long limit) => (long)Math.BigMul(Next(), (ulong)limit, out _);

    public bool Chance(int percent) => Below(100) < percent;

    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Sizes of real files: many small, a few very large (Box-Muller over a logarithm).</summary>
    public double LogNormal(double median, double sigma)
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - Fraction()));
        return median * Math.Exp(sigma * radius * Math.Cos(2 * Math.PI * Fraction()));
    }

    public void Fill(Span<byte> destination)
    {
        for (; destination.Length >= 8; destination = destination[8..])
            BinaryPrimitives.WriteUInt64LittleEndian(destination, Next());
        if (destination.Length == 0)
            return;
        Span<byte> last = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(last, Next());
        last[..destination.Length].CopyTo(destination);
    }
}
