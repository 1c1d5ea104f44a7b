using System.Globalization;

namespace ProdOps.Servers.Inventory.Schema;

/// <summary>Durations, shares and sizes as people write them.</summary>
internal static class Quantity
{
    private static readonly (string Unit, double Seconds)[] TimeUnits = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("w", 604800), ("y", 365 * 86400)];

    private static readonly string[] SizeUnits = ["", "K", "M", "G", "T", "P"];

    /// <summary><c>300ms</c>, <c>15m</c>, <c>1h30m</c>: numbers with ms, s, m, h, d, w or y (365 days), each unit once.</summary>
    public static TimeSpan? ParseDuration(string text)
    {
        double seconds = 0;
        var rest = text.AsSpan().Trim();
        var used = new HashSet<string>();
        if (rest.IsEmpty) return null;
        while (!rest.IsEmpty)
        {
            if (!TakeNumber(ref rest, out decimal number)) return null;
            int length = 0;
            while (length < rest.Length && char.IsAsciiLetter(rest[length])) length++;
            string unit = rest[..length].ToString();
            rest = rest[length..].TrimStart();
            double factor = TimeUnits.FirstOrDefault(known => known.Unit == unit).Seconds;
            if (factor == 0 || !used.Add(unit)) return null;
            seconds += (double)number * factor;
        }

        return seconds <= TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond)) : null;
    }

    /// <summary>A duration as <see cref="ParseDuration"/> reads it, exact to the millisecond.</summary>
    public static string FormatDuration(TimeSpan duration)
    {
        var text = new System.Text.StringBuilder();
        foreach (var (unit, value) in ((string, long)[])[("d", duration.Days), ("h", duration.Hours), ("m", duration.Minutes), ("s", duration.Seconds), ("ms", duration.Milliseconds)])
            if (value != 0) text.Append(CultureInfo.InvariantCulture, $"{value}{unit}");
        return text.Length == 0 ? "0s" : text.ToString();
    }

    /// <summary><c>99.9%</c> as 0.999.</summary>
    public static double? ParsePercentage(string text)
    {
        var rest = text.AsSpan().Trim();
        if (!rest.EndsWith('%')) return null;
        rest = rest[..^1].TrimEnd();
        return TakeNumber(ref rest, out decimal number) && rest.IsEmpty && number <= 100 ? (double)(number / 100) : null;
    }

    /// <summary><c>10 GB</c>, <c>512KiB</c>, <c>1.5G</c>, <c>4096</c>: bytes, with units that are powers of 1024 however they are written.</summary>
    public static long? ParseSize(string text)
    {
        var rest = text.AsSpan().Trim();
        if (!TakeNumber(ref rest, out decimal number)) return null;
        string unit = rest.Trim().ToString().ToUpperInvariant();
        if (unit.EndsWith("IB", StringComparison.Ordinal)) unit = unit[..^2];
        else if (unit.EndsWith('B')) unit = unit[..^1];
        int power = Array.IndexOf(SizeUnits, unit);
        if (power < 0) return null;
        decimal bytes = number;
        for (int i = 0; i < power; i++)
        {
            if (bytes > long.MaxValue) return null;
            bytes *= 1024;
        }

        return bytes <= long.MaxValue ? (long)bytes : null;
    }

    private static bool TakeNumber(ref ReadOnlySpan<char> rest, out decimal number)
    {
        int length = 0;
        while (length < rest.Length && (char.IsAsciiDigit(rest[length]) || rest[length] == '.')) length++;
        bool valid = decimal.TryParse(rest[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
        rest = rest[length..].TrimStart();
        return valid;
    }
}
