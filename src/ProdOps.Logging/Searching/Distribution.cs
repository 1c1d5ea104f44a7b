namespace ProdOps.Logging.Searching;

/// <summary>
/// The distribution of many numbers in little memory: exact count, sum, least and greatest; percentiles to within 1 %, from counts in buckets whose bounds grow by 2 % (as DDSketch has it:
/// Masson and others, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", 2019).
/// </summary>
internal sealed class Distribution
{
    private const double RelativeError = 0.01, SmallestTold = 1e-9;

    private static readonly double Gamma = (1 + RelativeError) / (1 - RelativeError), LogGamma = Math.Log(Gamma);

    private readonly SortedDictionary<int, long> _positive = [], _negative = [];
    private long _zeros;

    public long Count { get; private set; }

    public double Sum { get; private set; }

    public double Minimum { get; private set; } = double.PositiveInfinity;

    public double Maximum { get; private set; } = double.NegativeInfinity;

    public void Add(double value)
    {
        if (!double.IsFinite(value)) return;
        Count++;
        Sum += value;
        if (value < Minimum) Minimum = value;
        if (value > Maximum) Maximum = value;
        if (Math.Abs(value) < SmallestTold) _zeros++;
        else Increase(value > 0 ? _positive : _negative, (int)Math.Ceiling(Math.Log(Math.Abs(value)) / LogGamma), 1);
    }

    public void Add(Distribution other)
    {
        Count += other.Count;
        Sum += other.Sum;
        Minimum = Math.Min(Minimum, other.Minimum);
        Maximum = Math.Max(Maximum, other.Maximum);
        _zeros += other._zeros;
        foreach (var (bucket, count) in other._positive) Increase(_positive, bucket, count);
        foreach (var (bucket, count) in other._negative) Increase(_negative, bucket, count);
    }

    /// <summary>The number that a share of all are at most; nothing without any.</summary>
    public double? Percentile(double share)
    {
        if (Count == 0) return null;
        long rank = (long)Math.Ceiling(share * Count);
        foreach (var (bucket, count) in _negative.Reverse())
        {
            if ((rank -= count) <= 0) return Clamp(-ValueOf(bucket));
        }

        if ((rank -= _zeros) <= 0) return Clamp(0);
        foreach (var (bucket, count) in _positive)
        {
            if ((rank -= count) <= 0) return Clamp(ValueOf(bucket));
        }

        return Maximum;
    }

    private double Clamp(double value) => Math.Clamp(value, Minimum, Maximum);

    private static double ValueOf(int bucket) => 2 * Math.Pow(Gamma, bucket) / (Gamma + 1);

    private static void Increase(SortedDictionary<int, long> buckets, int bucket, long count) => buckets[bucket] = buckets.GetValueOrDefault(bucket) + count;
}
