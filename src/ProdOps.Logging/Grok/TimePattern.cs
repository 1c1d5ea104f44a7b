using System.Text;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Formats.Times;

namespace ProdOps.Logging.Grok;

/// <summary>
/// A time format as the user writes it, in the letters of .NET and of Java: <c>dd/MMM/yyyy:HH:mm:ss zzz</c>, <c>EEE dd.MM.yy HH:mm:ss,SSS</c>. Without a year it is the latest that fits,
/// without a zone the server's. Names of months are English.
/// </summary>
internal sealed class TimePattern
{
    private const string Letters = "yuMdEHhmsfFSztaAZzKXx";

    private readonly List<(char Letter, int Count, byte[] Literal)> _parts = [];

    private TimePattern()
    {
    }

    /// <summary>Reads a format.</summary>
    /// <param name="filter">The filter's name, for errors.</param>
    /// <param name="format">The format.</param>
    /// <exception cref="ProdOpsException">It has a letter that means nothing, or no day: error <c>LogTimeFormatInvalid</c>.</exception>
    public static TimePattern Parse(string filter, string format)
    {
        var pattern = new TimePattern();
        for (int at = 0; at < format.Length;)
        {
            char letter = format[at];
            if (letter is '\'' or '"')
            {
                int close = format.IndexOf(letter, at + 1);
                if (close < 0) throw LoggingErrors.TimeFormatInvalid(filter, at, $"{letter} is never closed");
                pattern.AddLiteral(close == at + 1 ? letter.ToString() : format[(at + 1)..close]);
                at = close + 1;
            }
            else if (letter == '\\' && at + 1 < format.Length)
            {
                pattern.AddLiteral(format[at + 1].ToString());
                at += 2;
            }
            else if (char.IsAsciiLetter(letter) && letter != 'T')
            {
                int count = 1;
                while (at + count < format.Length && format[at + count] == letter) count++;
                if (!Letters.Contains(letter)) throw LoggingErrors.TimeFormatInvalid(filter, at, $"'{letter}' stands for nothing");
                pattern._parts.Add((Canonical(letter, count), count, []));
                at += count;
            }
            else
            {
                pattern.AddLiteral(letter.ToString());
                at++;
            }
        }

        if (!pattern.Has('d') || !pattern.Has('M') || !(pattern.Has('H') || pattern.Has('h'))) throw LoggingErrors.TimeFormatInvalid(filter, 0, "it needs a month, a day and an hour");
        return pattern;
    }

    public bool TryRead(ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time)
    {
        time = default;
        var parts = new Parts { Year = 0, Month = 1, Day = 1 };
        int at = 0;
        foreach (var (letter, count, literal) in _parts)
        {
            if (!TryPart(text, ref at, letter, count, literal, context, ref parts)) return false;
        }

        int hour = parts.IsAfternoon is { } afternoon ? parts.Hour % 12 + (afternoon ? 12 : 0) : parts.Hour;
        if (at != text.Length || !Civil.TryTimeOfDay(hour, parts.Minute, parts.Second, out long timeOfDay)) return false;
        timeOfDay += parts.Fraction;
        if (parts.Year == 0) return parts.Offset is null && LocalTimes.TryAtGuessedYear(parts.Month, parts.Day, timeOfDay, context, out time);
        if (!Civil.TryDate(parts.Year, parts.Month, parts.Day, out long date)) return false;
        // The offset of a name depends on the date, which may stand behind it.
        if (parts.ZoneStart > 0 && parts.Offset is null)
        {
            int zone = parts.ZoneStart - 1;
            if (ZoneText.TryName(text, ref zone, date + timeOfDay, context.Zone, out long named)) parts.Offset = named;
        }

        return parts.Offset is { } offset ? LocalTimes.TryMake(date + timeOfDay, offset, out time) : LocalTimes.TryAt(date + timeOfDay, context.Zone, out time);
    }

    private static bool TryPart(ReadOnlySpan<byte> text, ref int at, char letter, int count, byte[] literal, TimeContext context, ref Parts parts)
    {
        switch (letter)
        {
            case '\0':
                return TryLiteral(text, ref at, literal);
            case 'y':
                if (!TryNumber(text, ref at, count == 2 ? 2 : 4, out int year)) return false;
                parts.Year = count == 2 ? 2000 + year : year;
                return true;
            case 'M' when count >= 3:
                parts.Month = Civil.Month(text, Math.Min(at, text.Length));
                SkipLetters(text, ref at);
                return parts.Month > 0;
            case 'M':
                return TryNumber(text, ref at, 2, out parts.Month);
            case 'd':
                if (count == 2 && LineText.Has(text, at, (byte)' ')) at++;
                return TryNumber(text, ref at, 2, out parts.Day);
            case 'E':
                return SkipLetters(text, ref at) > 0;
            case 'H' or 'h':
                if (LineText.Has(text, at, (byte)' ')) at++;
                return TryNumber(text, ref at, 2, out parts.Hour);
            case 'm':
                return TryNumber(text, ref at, 2, out parts.Minute);
            case 's':
                return TryNumber(text, ref at, 2, out parts.Second);
            case 'f':
                return TryFraction(text, ref at, out parts.Fraction);
            case 't':
                parts.IsAfternoon = at < text.Length && (text[at] | 0x20) == 'p';
                return SkipLetters(text, ref at) > 0;
            default:
                return TryZone(text, ref at, ref parts);
        }
    }

    private static bool TryZone(ReadOnlySpan<byte> text, ref int at, ref Parts parts)
    {
        if (LineText.Has(text, at, (byte)'Z') && (at + 1 == text.Length || !char.IsAsciiLetter((char)text[at + 1])))
        {
            at++;
            parts.Offset = 0;
            return true;
        }

        if (ZoneText.TryOffset(text, ref at, hoursAlone: true, out long offset))
        {
            parts.Offset = offset;
            return true;
        }

        parts.ZoneStart = at + 1;
        return SkipLetters(text, ref at) > 1;
    }

    /// <summary>A space in the format is one in the text, or several.</summary>
    private static bool TryLiteral(ReadOnlySpan<byte> text, ref int at, byte[] literal)
    {
        if (at > text.Length || !text[at..].StartsWith(literal)) return false;
        at += literal.Length;
        if (literal.Length == 1 && literal[0] == ' ') while (LineText.Has(text, at, (byte)' ')) at++;
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, ref int at, int digits, out int value)
    {
        int start = at;
        value = 0;
        while (at < text.Length && at - start < digits && char.IsAsciiDigit((char)text[at])) value = value * 10 + text[at++] - '0';
        return at > start;
    }

    private static bool TryFraction(ReadOnlySpan<byte> text, ref int at, out long ticks)
    {
        ticks = 0;
        int digits = 0;
        for (; at < text.Length && char.IsAsciiDigit((char)text[at]); at++, digits++)
        {
            if (digits < 7) ticks = ticks * 10 + text[at] - '0';
        }

        for (int i = digits; i < 7; i++) ticks *= 10;
        return digits > 0;
    }

    private static int SkipLetters(ReadOnlySpan<byte> text, ref int at)
    {
        int start = at;
        while (at < text.Length && (char.IsAsciiLetter((char)text[at]) || (text[at] == '.' && at > start))) at++;
        return at - start;
    }

    private static char Canonical(char letter, int count) => letter switch
    {
        'u' => 'y',
        'd' when count >= 3 => 'E',
        'F' or 'S' => 'f',
        'a' or 'A' => 't',
        'Z' or 'K' or 'X' or 'x' => 'z',
        _ => letter,
    };

    private bool Has(char letter) => _parts.Any(part => part.Letter == letter);

    private void AddLiteral(string text) => _parts.Add(('\0', 0, Encoding.UTF8.GetBytes(text)));

    private struct Parts
    {
        public int Year, Month, Day, Hour, Minute, Second;
        public long Fraction;
        public bool? IsAfternoon;
        public long? Offset;

        /// <summary>One more than where a zone's name begins.</summary>
        public int ZoneStart;
    }
}
