namespace ProdOps.Monitoring.Store.Chunks;

/// <summary>Doubles that are decimal numbers: 71.25 is the whole number 7125 with two decimals, and nothing is lost on the way there and back.</summary>
internal static class Decimals
{
    /// <summary>The most decimals there are; all the powers are exact as doubles.</summary>
    public const int Most = 9;

    /// <summary>No number of decimals will do.</summary>
    public const int None = -1;

    private const double Exact = 1L << 53;

    private static readonly double[] Powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    /// <summary>How many decimals the value needs, at least as many as given; <see cref="None"/> stays.</summary>
    public static int Needed(double value, int decimals)
    {
        while (decimals >= 0 && !TryScale(value, decimals, out _))
        {
            if (++decimals > Most) return None;
        }

        return decimals;
    }

    /// <summary>The value times a power of ten, if that is whole and gives the value back to the last bit.</summary>
    public static bool TryScale(double value, int decimals, out long scaled)
    {
        double whole = Math.Round(value * Powers[decimals]);
        // Written so that NaN is refused, and so is -0, whose sign would be lost.
        if (!(Math.Abs(whole) < Exact) || BitConverter.DoubleToInt64Bits(whole / Powers[decimals] + 0.0) != BitConverter.DoubleToInt64Bits(value))
        {
            scaled = 0;
            return false;
        }

        scaled = (long)whole;
        return true;
    }

    public static double Unscale(long scaled, int decimals) => scaled / Powers[decimals];

    /// <summary>The nearest value with so many decimals; as it is if there are <see cref="None"/>, or if it is too great for them to matter.</summary>
    public static double Round(double value, int decimals)
    {
        if (decimals < 0) return value;
        double whole = Math.Round(value * Powers[decimals]);
        return Math.Abs(whole) < Exact ? whole / Powers[decimals] + 0.0 : value;
    }
}
