namespace ProdOps.Logging.Formats.Times;

/// <summary>The zone behind a time: <c>Z</c>, <c>+0100</c>, <c>+01:00</c>, <c>+01</c>, or the abbreviation that PostgreSQL and date(1) print.</summary>
internal static class ZoneText
{
    private const long Hour = TimeSpan.TicksPerHour;
    private const long Minute = TimeSpan.TicksPerMinute;

    /// <summary>Reads the sign and the digits of an offset.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where the sign would stand; moves behind the offset.</param>
    /// <param name="hoursAlone">Whether <c>+01</c> is an offset.</param>
    /// <param name="offset">In ticks.</param>
    public static bool TryOffset(ReadOnlySpan<byte> text, ref int at, bool hoursAlone, out long offset)
    {
        offset = 0;
        if (text.Length - at < 3 || text[at] is not ((byte)'+' or (byte)'-')) return false;
        int hours = Civil.Two(text, at + 1);
        int minutes = 0;
        int end = at + 3;
        if (text.Length - end >= 3 && text[end] == ':' && Civil.Two(text, end + 1) < 60)
        {
            minutes = Civil.Two(text, end + 1);
            end += 3;
        }
        else if (text.Length - end >= 2 && Civil.Two(text, end) < 60)
        {
            minutes = Civil.Two(text, end);
            end += 2;
        }
        else if (!hoursAlone)
        {
            return false;
        }

        if (hours > 14 || (end < text.Length && char.IsAsciiDigit((char)text[end]))) return false;
        offset = hours * Hour + minutes * Minute;
        if (text[at] == '-') offset = -offset;
        at = end;
        return true;
    }

    /// <summary>Reads an abbreviation of a zone in capital letters.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where it would begin; moves behind it.</param>
    /// <param name="local">The local time in ticks.</param>
    /// <param name="zone">The server's zone: it tells the China of CST from the Chicago of it.</param>
    /// <param name="offset">In ticks.</param>
    public static bool TryName(ReadOnlySpan<byte> text, ref int at, long local, TimeZoneInfo zone, out long offset)
    {
        ulong name = 0;
        int end = at;
        while (end < text.Length && end - at < 5 && text[end] is >= (byte)'A' and <= (byte)'Z') name = name << 8 | text[end++];
        offset = 0;
        if (end - at < 2 || (end < text.Length && (char.IsAsciiLetterOrDigit((char)text[end]) || text[end] is (byte)'_' or (byte)'='))) return false;
        var (first, second) = Offsets(name);
        if (first == long.MaxValue) return false;
        offset = second != long.MaxValue && Shows(zone, local, second) && !Shows(zone, local, first) ? second : first;
        at = end;
        return true;
    }

    private static bool Shows(TimeZoneInfo zone, long local, long offset)
    {
        long utc = local - offset;
        return utc >= 0 && utc <= DateTime.MaxValue.Ticks && zone.GetUtcOffset(new DateTime(utc, DateTimeKind.Utc)).Ticks == offset;
    }

    /// <summary>What an abbreviation stands for, and what else it does somewhere.</summary>
    private static (long First, long Second) Offsets(ulong name) => name switch
    {
        ('U' << 16 | 'T' << 8 | 'C') or ('G' << 16 | 'M' << 8 | 'T') or ('W' << 16 | 'E' << 8 | 'T') or ('U' << 8 | 'T') => (0, long.MaxValue),
        'C' << 16 | 'E' << 8 | 'T' => (Hour, long.MaxValue),
        'C' << 24 | 'E' << 16 | 'S' << 8 | 'T' => (2 * Hour, long.MaxValue),
        'W' << 24 | 'E' << 16 | 'S' << 8 | 'T' => (Hour, long.MaxValue),
        'E' << 16 | 'E' << 8 | 'T' => (2 * Hour, long.MaxValue),
        'E' << 24 | 'E' << 16 | 'S' << 8 | 'T' => (3 * Hour, long.MaxValue),
        'B' << 16 | 'S' << 8 | 'T' => (Hour, 6 * Hour),
        'M' << 16 | 'S' << 8 | 'K' => (3 * Hour, long.MaxValue),
        'I' << 16 | 'S' << 8 | 'T' => (5 * Hour + 30 * Minute, 2 * Hour),
        'P' << 16 | 'K' << 8 | 'T' => (5 * Hour, long.MaxValue),
        'J' << 16 | 'S' << 8 | 'T' or 'K' << 16 | 'S' << 8 | 'T' => (9 * Hour, long.MaxValue),
        'H' << 16 | 'K' << 8 | 'T' => (8 * Hour, long.MaxValue),
        'A' << 24 | 'W' << 16 | 'S' << 8 | 'T' => (8 * Hour, long.MaxValue),
        'A' << 24 | 'E' << 16 | 'S' << 8 | 'T' => (10 * Hour, long.MaxValue),
        'A' << 24 | 'E' << 16 | 'D' << 8 | 'T' => (11 * Hour, long.MaxValue),
        'N' << 24 | 'Z' << 16 | 'S' << 8 | 'T' => (12 * Hour, long.MaxValue),
        'N' << 24 | 'Z' << 16 | 'D' << 8 | 'T' => (13 * Hour, long.MaxValue),
        'E' << 16 | 'S' << 8 | 'T' => (-5 * Hour, long.MaxValue),
        'E' << 16 | 'D' << 8 | 'T' => (-4 * Hour, long.MaxValue),
        'C' << 16 | 'S' << 8 | 'T' => (-6 * Hour, 8 * Hour),
        'C' << 16 | 'D' << 8 | 'T' => (-5 * Hour, long.MaxValue),
        'M' << 16 | 'S' << 8 | 'T' => (-7 * Hour, long.MaxValue),
        'M' << 16 | 'D' << 8 | 'T' => (-6 * Hour, long.MaxValue),
        'P' << 16 | 'S' << 8 | 'T' => (-8 * Hour, long.MaxValue),
        'P' << 16 | 'D' << 8 | 'T' => (-7 * Hour, long.MaxValue),
        'A' << 24 | 'K' << 16 | 'S' << 8 | 'T' => (-9 * Hour, long.MaxValue),
        'A' << 24 | 'K' << 16 | 'D' << 8 | 'T' => (-8 * Hour, long.MaxValue),
        'H' << 16 | 'S' << 8 | 'T' => (-10 * Hour, long.MaxValue),
        _ => (long.MaxValue, long.MaxValue),
    };
}
