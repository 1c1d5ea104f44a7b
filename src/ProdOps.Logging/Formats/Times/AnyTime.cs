namespace ProdOps.Logging.Formats.Times;

/// <summary>Finds a time in any of the known spellings.</summary>
internal static class AnyTime
{
    private const int FarthestStart = 40;

    /// <summary>A time that begins the text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="context">What completes it.</param>
    /// <param name="time">The time.</param>
    /// <param name="length">Its bytes.</param>
    public static bool TryRead(ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time, out int length)
    {
        time = default;
        length = 0;
        if (text.Length < 10) return false;
        if (char.IsAsciiDigit((char)text[0])) return TryDigits(text, context, out time, out length);
        if (!char.IsAsciiLetterUpper((char)text[0])) return false;
        if (char.IsAsciiDigit((char)text[1])) return NumericTime.TryKlog(text, context, out time, out length);
        return text[3] == ','
            ? NamedMonthTime.TryDayFirst(text, context, out time, out length)
            : NamedMonthTime.TrySyslog(text, context, out time, out length) || NamedMonthTime.TryWeekday(text, context, out time, out length);
    }

    /// <summary>
    /// A time at the beginning of a line: first, in brackets, behind syslog's priority, or behind a word or two (<c>update-alternatives 2026-11-04 00:00:05:</c>,
    /// <c>1234:M 04 Nov 2026 00:00:05.123</c>).
    /// </summary>
    /// <param name="line">The line.</param>
    /// <param name="context">What completes it.</param>
    /// <param name="time">The time.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="end">Behind it, and behind its bracket.</param>
    public static bool TryFind(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time, out int start, out int end)
    {
        start = 0;
        int words = 0;
        while (true)
        {
            bool bracket = start < line.Length && line[start] == '[';
            if (bracket) start++;
            if (start < line.Length && TryRead(line[start..], context, out time, out int length))
            {
                end = start + length;
                if (bracket && end < line.Length && line[end] == ']') end++;
                return true;
            }

            if (words == 0 && line.Length > 0 && line[0] == '<' && line.IndexOf((byte)'>') is > 1 and < 5 and int close)
            {
                words++;
                start = close + 1;
                continue;
            }

            int space = start < line.Length ? line[start..].IndexOf((byte)' ') : -1;
            if (space < 0 || ++words > 2 || start + space > FarthestStart) break;
            start += space + 1;
        }

        time = default;
        start = end = 0;
        return false;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time, out int length)
    {
        if (text.Length >= 15)
        {
            if (text[4] is (byte)'-' or (byte)'/') return IsoTime.TryRead(text, context, out time, out length);
            if (text[2] == '/') return NamedMonthTime.TryAccess(text, context, out time, out length);
            if (text[2] == ' ') return NamedMonthTime.TryDayFirst(text, context, out time, out length);
            if (text[6] == ' ') return NumericTime.TryShortDate(text, context, out time, out length);
        }

        length = 0;
        while (length < text.Length && (char.IsAsciiDigit((char)text[length]) || (text[length] == '.' && length == 10))) length++;
        if (length > 10 && text[length - 1] == '.') length--;
        time = default;
        // A number of ten digits at a line's start is a time only if nothing but a space or a bracket ends it.
        return length >= 10 && (length == text.Length || text[length] is (byte)' ' or (byte)']' or (byte)'\t' or (byte)':' or (byte)',')
            && NumericTime.TryEpoch(text[..length], out time);
    }
}
