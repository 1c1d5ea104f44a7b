namespace ProdOps.Logging.Formats.Times;

/// <summary>
/// <c>2026-11-04T00:00:05.123456+01:00</c> (RFC 3339, ISO 8601) and its relatives: a space or two between date and time (MariaDB pads the hour with one), slashes
/// in the date (nginx, Go), a comma before the fraction (Java, Python), the zone as an offset, a name behind a space, or left out.
/// </summary>
internal static class IsoTime
{
    public static bool TryRead(ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time, out int length)
    {
        var memory = TimeMemory.OfIso;
        if (memory.TryRead(text, context, out time, out length)) return true;
        if (!TryReadNew(text, context, out time, out length)) return false;
        if (text[10] is not ((byte)'T' or (byte)'t') && text[13] != ':') return true;
        // Behind a space there may be a zone, unless that was said before it.
        bool zoned = text[length - 1] is (byte)'Z' or (byte)'z' || (length >= 25 && text[length - 6] is (byte)'+' or (byte)'-' && text[length - 3] == ':');
        memory.Learn(text, length, 17, zoned ? "]\"| "u8 : "]\"|"u8, context, time);
        return true;
    }

    private static bool TryReadNew(ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time, out int length)
    {
        time = default;
        length = 0;
        if (text.Length < 19 || text[4] != text[7] || text[4] is not ((byte)'-' or (byte)'/')) return false;
        if (!Civil.TryDate(Civil.Four(text, 0), Civil.Two(text, 5), Civil.Two(text, 8), out long local)) return false;
        int at = 11;
        long timeOfDay;
        if (text[10] is (byte)'T' or (byte)'t')
        {
            if (!Civil.TryTimeOfDay(text, at, out timeOfDay)) return false;
        }
        else if (text[10] != ' ')
        {
            return false;
        }
        else if (text[11] != ' ')
        {
            if (!Civil.TryTimeOfDay(text, at, out timeOfDay)) return false;
        }
        else if (text[13] == ':')
        {
            if (text[16] != ':' || !Civil.TryTimeOfDay(Civil.PaddedTwo(text, 11), Civil.Two(text, 14), Civil.Two(text, 17), out timeOfDay)) return false;
        }
        else
        {
            if (!Civil.TryTimeOfDay(text, ++at, out timeOfDay)) return false;
        }

        at += 8;
        local += timeOfDay + Civil.Fraction(text, ref at);
        length = at;
        if (at == text.Length) return LocalTimes.TryAt(local, context.Zone, out time);
        switch (text[at])
        {
            case (byte)'Z' or (byte)'z':
                length = at + 1;
                return LocalTimes.TryMake(local, 0, out time);
            case (byte)'+' or (byte)'-' when ZoneText.TryOffset(text, ref at, hoursAlone: true, out long offset):
                length = at;
                return LocalTimes.TryMake(local, offset, out time);
            case (byte)' ' when TryZoneBehindSpace(text, ref at, local, context, out long offset):
                length = at;
                return LocalTimes.TryMake(local, offset, out time);
            default:
                return LocalTimes.TryAt(local, context.Zone, out time);
        }
    }

    internal static bool TryZoneBehindSpace(ReadOnlySpan<byte> text, ref int at, long local, TimeContext context, out long offset)
    {
        int behind = at + 1;
        offset = 0;
        if (behind >= text.Length) return false;
        bool found = text[behind] is (byte)'+' or (byte)'-'
            ? ZoneText.TryOffset(text, ref behind, hoursAlone: IsPostgreSqlOffset(text, behind), out offset)
            : text[behind] is >= (byte)'A' and <= (byte)'Z' && ZoneText.TryName(text, ref behind, local, context.Zone, out offset);
        if (found) at = behind;
        return found;
    }

    /// <summary>For zones without an abbreviation PostgreSQL writes <c>2026-11-04 00:00:05 -03 [771]</c>. Elsewhere a dash and a number may be anything.</summary>
    private static bool IsPostgreSqlOffset(ReadOnlySpan<byte> text, int at) =>
        text.Length == at + 3 || LineText.Has(text, at + 3, (byte)',') || (LineText.Has(text, at + 3, (byte)' ') && LineText.Has(text, at + 4, (byte)'['));
}
