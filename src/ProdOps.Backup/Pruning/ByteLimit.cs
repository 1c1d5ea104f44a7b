using System.Globalization;

namespace ProdOps.Backup.Pruning;

/// <summary>Numbers of bytes as restic's options take them (<c>500M</c>, <c>2g</c>) and PowerShell writes them (<c>2GB</c>): powers of 1024; no unit for bytes.</summary>
internal static class ByteText
{
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var digits = text.AsSpan().Trim();
        if (digits.Length > 2 && digits.EndsWith("ib", StringComparison.OrdinalIgnoreCase)) digits = digits[..^2];
        else if (digits.Length > 2 && digits.EndsWith("b", StringComparison.OrdinalIgnoreCase) && char.IsAsciiLetter(digits[^2])) digits = digits[..^1];
        int power = digits.IsEmpty ? -1 : "BKMGT".IndexOf(char.ToUpperInvariant(digits[^1]));
        if (power >= 0) digits = digits[..^1];
        int shift = 10 * Math.Max(power, 0);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > long.MaxValue >> shift) return false;
        bytes = number << shift;
        return true;
    }
}

/// <summary>How much unused data may stay in the repository: bytes, or a share of all that stays.</summary>
internal readonly record struct UnusedLimit
{
    private readonly double _share;
    private readonly long? _bytes;

    private UnusedLimit(double share, long? bytes) => (_share, _bytes) = (share, bytes);

    /// <summary>restic's: 5 %.</summary>
    public static UnusedLimit Default => new(0.05, null);

    /// <summary>Reads <c>5%</c>, <c>10G</c>, <c>0</c> or <c>unlimited</c>.</summary>
    public static UnusedLimit Parse(string text)
    {
        string trimmed = text.Trim();
        if (trimmed.Equals("unlimited", StringComparison.OrdinalIgnoreCase)) return new(0, long.MaxValue);
        if (trimmed.EndsWith('%'))
        {
            return double.TryParse(trimmed[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent is >= 0 and < 100
                ? new(percent / 100, null)
                : throw BackupErrors.UnusedLimitInvalid(text);
        }

        return ByteText.TryParse(trimmed, out long bytes) ? new(0, bytes) : throw BackupErrors.UnusedLimitInvalid(text);
    }

    /// <summary>The limit in bytes beside so many that are used.</summary>
    public long For(long used) => _bytes ?? (long)(_share / (1 - _share) * used);
}
