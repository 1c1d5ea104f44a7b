namespace ProdOps.Logging.Formats.Times;

/// <summary>Times that name the month.</summary>
internal static class NamedMonthTime
{
    /// <summary><c>Nov  4 00:00:05</c> (RFC 3164, section 4.1.2), without year and zone; some devices add the year behind the day, or a fraction.</summary>
    public static bool TrySyslog(ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time, out int length)
    {
        var memory = TimeMemory.OfSyslog;
        if (memory.TryRead(text, context, out time, out length)) return true;
        if (text.Length < 15 || text[3] != ' ' || text[6] != ' ') return false;
        int month = Civil.Month(text, 0);
        if (month == 0) return false;
        int day = Civil.PaddedTwo(text, 4);
        int at = 7;
        int year = 0;
        if (text.Length >= 20 && text[11] == ' ' && text[9] != ':')
        {
            year = Civil.Four(text, 7);
            at = 12;
        }

        if (!Civil.TryTimeOfDay(text, at, out long timeOfDay)) return false;
        at += 8;
        timeOfDay += Civil.Fraction(text, ref at);
        length = at;
        if (year != 0) return Civil.TryDate(year, month, day, out long date) && LocalTimes.TryAt(date + timeOfDay, context.Zone, out time);
        if (!LocalTimes.TryAtGuessedYear(month, day, timeOfDay, context, out time)) return false;
        // The whole minute must be of that year.
        long ahead = context.Reference.UtcTicks + LocalTimes.Tolerance - time.UtcTicks;
        if (ahead is > TimeSpan.TicksPerHour and < 360 * TimeSpan.TicksPerDay) memory.Learn(text, length, 13, " :"u8, context, time);
        return true;
    }

    /// <summary><c>04/Nov/2026:00:00:05 +0000</c> of access logs; HAProxy writes a fraction and no zone.</summary>
    public static bool TryAccess(ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time, out int length)
    {
        var memory = TimeMemory.OfAccess;
        if (memory.TryRead(text, context, out time, out length)) return true;
        if (text.Length < 20 || text[2] != '/' || text[6] != '/' || text[11] != ':') return false;
        if (!Civil.TryDate(Civil.Four(text, 7), Civil.Month(text, 3), Civil.Two(text, 0), out long local)) return false;
        if (!Civil.TryTimeOfDay(text, 12, out long timeOfDay)) return false;
        int at = 20;
        local += timeOfDay + Civil.Fraction(text, ref at);
        if (!Finish(text, at, local, context, out time, out length)) return false;
        memory.Learn(text, length, 18, "]"u8, context, time);
        return true;
    }

    /// <summary><c>Wed Nov 04 00:00:05.123456 2026</c> of Apache and asctime(3); date(1) puts the zone before the year.</summary>
    public static bool TryWeekday(ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time, out int length)
    {
        time = default;
        length = 0;
        if (text.Length < 24 || text[3] != ' ' || text[7] != ' ' || text[10] != ' ' || !Civil.IsWeekday(text, 0)) return false;
        int month = Civil.Month(text, 4);
        if (month == 0 || !Civil.TryTimeOfDay(text, 11, out long timeOfDay)) return false;
        int at = 19;
        timeOfDay += Civil.Fraction(text, ref at);
        int behindTime = at;
        if (text.Length - at < 5 || text[at] != ' ') return false;
        if (char.IsAsciiLetterUpper((char)text[at + 1]))
        {
            while (++at < text.Length && char.IsAsciiLetterUpper((char)text[at])) { }
            if (text.Length - at < 5 || text[at] != ' ') return false;
        }

        if (!Civil.TryDate(Civil.Four(text, at + 1), month, Civil.PaddedTwo(text, 8), out long date)) return false;
        length = at + 5;
        if (length < text.Length && char.IsAsciiDigit((char)text[length])) return false;
        int name = behindTime + 1;
        return at != behindTime && ZoneText.TryName(text, ref name, date + timeOfDay, context.Zone, out long offset)
            ? LocalTimes.TryMake(date + timeOfDay, offset, out time)
            : LocalTimes.TryAt(date + timeOfDay, context.Zone, out time);
    }

    /// <summary><c>04 Nov 2026 00:00:05.123</c> of Redis, and <c>Wed, 04 Nov 2026 00:00:05 GMT</c> of mail and HTTP.</summary>
    public static bool TryDayFirst(ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time, out int length)
    {
        time = default;
        length = 0;
        int start = text.Length > 5 && text[3] == ',' && text[4] == ' ' && Civil.IsWeekday(text, 0) ? 5 : 0;
        var rest = text[start..];
        if (rest.Length < 20 || rest[2] != ' ' || rest[6] != ' ' || rest[11] != ' ') return false;
        if (!Civil.TryDate(Civil.Four(rest, 7), Civil.Month(rest, 3), Civil.PaddedTwo(rest, 0), out long local)) return false;
        if (!Civil.TryTimeOfDay(rest, 12, out long timeOfDay)) return false;
        int at = 20;
        local += timeOfDay + Civil.Fraction(rest, ref at);
        bool read = Finish(rest, at, local, context, out time, out length);
        length += start;
        return read;
    }

    private static bool Finish(ReadOnlySpan<byte> text, int at, long local, TimeContext context, out DateTimeOffset time, out int length)
    {
        bool zoned = false;
        long offset = 0;
        if (at < text.Length && text[at] == ' ') zoned = IsoTime.TryZoneBehindSpace(text, ref at, local, context, out offset);
        length = at;
        return zoned ? LocalTimes.TryMake(local, offset, out time) : LocalTimes.TryAt(local, context.Zone, out time);
    }
}
