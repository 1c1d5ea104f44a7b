using System.Globalization;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Backup.Pruning;

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

        return Quantity.ParseSize(trimmed) is { } bytes ? new(0, bytes) : throw BackupErrors.UnusedLimitInvalid(text);
    }

    /// <summary>The limit in bytes beside so many that are used.</summary>
    public long For(long used) => _bytes ?? (long)(_share / (1 - _share) * used);
}
