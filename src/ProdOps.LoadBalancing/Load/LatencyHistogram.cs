using System.Numerics;

namespace ProdOps.LoadBalancing.Load;

/// <summary>
/// How often which duration was seen, in microseconds and to within 1 of 128: buckets grow with the value, so that any number of durations from a microsecond to an hour takes 58 KiB.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int Bits = 7;
    private const int Half = 1 << Bits;

    private readonly long[] _counts = new long[(65 - Bits) * Half];

    public long Count { get; private set; }

    public TimeSpan Maximum { get; private set; }

    public void Add(TimeSpan duration)
    {
        long value = Math.Max(0, duration.Ticks / TimeSpan.TicksPerMicrosecond);
        _counts[IndexOf(value)]++;
        Count++;
        if (duration > Maximum) Maximum = duration;
    }

    /// <summary>The duration that a share of them, 0 to 1, did not exceed; zero without any.</summary>
    public TimeSpan Percentile(double share)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(share * Count)), seen = 0;
        if (Count == 0) return TimeSpan.Zero;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen < wanted) continue;
            long top = HighestOf(i);
            return top < Maximum.Ticks / TimeSpan.TicksPerMicrosecond ? TimeSpan.FromMicroseconds(top) : Maximum;
        }

        return Maximum;
    }

    // Up to 2^(Bits+1) each value has a bucket of its own, then each power of two has 2^Bits.
    private static int IndexOf(long value)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)value | 1) - Bits);
        return shift * Half + (int)(value >> shift);
    }

    private static long HighestOf(int index)
    {
        int shift = Math.Max(0, index / Half - 1);
        long low = (long)(index - shift * Half) << shift;
        return low + (1L << shift) - 1;
    }
}
