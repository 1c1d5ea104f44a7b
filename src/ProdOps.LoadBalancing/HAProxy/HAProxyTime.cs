using System.Globalization;

namespace ProdOps.LoadBalancing.HAProxy;

/// <summary>Times of HAProxy's configuration (Configuration Manual, section 2.5): milliseconds, or a number with a unit.</summary>
internal static class HAProxyTime
{
    /// <summary>Milliseconds of a reply, which is not to be trusted.</summary>
    public static TimeSpan OfMilliseconds(long milliseconds) => TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue));

    /// <returns><see langword="null"/> if it is none.</returns>
    public static TimeSpan? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits < 0) digits = text.Length;
        if (!int.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return null;
        double? milliseconds = text[digits..] switch { "" or "ms" => 1, "us" => 0.001, "s" => 1000, "m" => 60_000, "h" => 3_600_000, "d" => 86_400_000, _ => null };
        // HAProxy refuses what is longer than its counter of milliseconds ("timer overflow").
        return milliseconds is { } unit && number * unit <= int.MaxValue ? TimeSpan.FromMilliseconds(number * unit) : null;
    }
}
