namespace ProdOps.Logging.Matching.Literals;

/// <summary>What it costs to search for some literals and to look at each line that holds one. Estimated, to choose between groups.</summary>
internal static class LiteralCost
{
    private const double NanosecondsPerCandidate = 250;
    private const int MostFrequentBits = 4;
    private const double BitsPerRank = 0.07;
    private const double RarestBits = 16;

    /// <summary>In nanoseconds for each byte.</summary>
    public static double Of(IReadOnlyList<Literal> literals)
    {
        double scan = literals.Count switch { 1 => 0.07, <= 8 => 0.15, _ => 0.3 };
        return scan + NanosecondsPerCandidate * literals.Sum(Frequency);
    }

    /// <summary>How often a literal stands in each byte of a log. Neighbouring bytes are no accident, so all but the three rarest count half.</summary>
    private static double Frequency(Literal literal)
    {
        var bits = literal.Bytes.ToArray().Select(value => Math.Min(RarestBits, MostFrequentBits + BitsPerRank * ByteFrequency.RankOf(value, literal.IgnoreCase)))
            .OrderDescending().ToArray();
        return Math.Pow(2, -bits.Take(3).Sum() - bits.Skip(3).Sum() / 2);
    }
}
