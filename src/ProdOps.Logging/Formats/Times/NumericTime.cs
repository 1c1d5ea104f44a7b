using System.Buffers.Text;

namespace ProdOps.Logging.Formats.Times;

/// <summary>Times made of digits alone.</summary>
internal static class NumericTime
{
    private const long Epoch = 621_355_968_000_000_000;

    /// <summary>
    /// The time since 1970 in seconds (with a fraction, if there is one), milliseconds, microseconds or nanoseconds: the number of digits tells which.
    /// The whole text is the number.
    /// </summary>
    public static bool TryEpoch(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        int at = 0;
        long value = 0;
        for (; at < text.Length; at++)
        {
            uint digit = (uint)text[at] - '0';
            if (digit > 9) break;
            if (at == 19 || value > (long.MaxValue - 9) / 10) return false;
            value = value * 10 + digit;
        }

        int digits = at;
        long ticks;
        switch (digits)
        {
            case 9 or 10:
                ticks = value * TimeSpan.TicksPerSecond + Civil.Fraction(text, ref at);
                break;
            case 12 or 13:
                ticks = value * TimeSpan.TicksPerMillisecond + Civil.Fraction(text, ref at) / 1000;
                break;
            case 15 or 16:
                ticks = value * TimeSpan.TicksPerMicrosecond;
                break;
            case 18 or 19:
                ticks = value / 100;
                break;
            case 1 when text.Length > 4:
                return TryExponent(text, out time);
            default:
                return false;
        }

        return at == text.Length && LocalTimes.TryMake(Epoch + ticks, 0, out time);
    }

    /// <summary><c>I1104 00:00:05.123456</c> of klog and glog: the level's letter, month and day, the time.</summary>
    public static bool TryKlog(ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time, out int length)
    {
        time = default;
        length = 0;
        if (text.Length < 16 || text[5] != ' ' || text[14] != '.' || text[0] is not ((byte)'I' or (byte)'W' or (byte)'E' or (byte)'F' or (byte)'D')) return false;
        if (!Civil.TryTimeOfDay(text, 6, out long timeOfDay)) return false;
        int at = 14;
        timeOfDay += Civil.Fraction(text, ref at);
        length = at;
        return LocalTimes.TryAtGuessedYear(Civil.Two(text, 1), Civil.Two(text, 3), timeOfDay, context, out time);
    }

    /// <summary><c>261104  0:00:05</c> of MySQL before 5.7.</summary>
    public static bool TryShortDate(ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time, out int length)
    {
        time = default;
        length = 0;
        if (text.Length < 15 || text[6] != ' ' || text[9] != ':' || text[12] != ':') return false;
        int year = Civil.Two(text, 0);
        if (!Civil.TryDate(2000 + year, Civil.Two(text, 2), Civil.Two(text, 4), out long date)) return false;
        if (!Civil.TryTimeOfDay(Civil.PaddedTwo(text, 7), Civil.Two(text, 10), Civil.Two(text, 13), out long timeOfDay)) return false;
        length = 15;
        return LocalTimes.TryAt(date + timeOfDay, context.Zone, out time);
    }

    private static bool TryExponent(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (!Utf8Parser.TryParse(text, out double seconds, out int read) || read != text.Length || !(seconds is >= 1e8 and < 1e10)) return false;
        return LocalTimes.TryMake(Epoch + (long)(seconds * 1e6) * 10, 0, out time);
    }
}
