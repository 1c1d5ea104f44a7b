using System.Runtime.CompilerServices;

namespace ProdOps.Logging.Formats.Times;

/// <summary>Digits and dates of the Gregorian calendar, without an exception for what is none: parts that are no number are <see cref="Bad"/>, and no date has such a part.</summary>
internal static class Civil
{
    /// <summary>Larger than any part of a date, also when two of them are put together.</summary>
    public const int Bad = 1_000_000;

    private static ReadOnlySpan<byte> DaysInMonth => [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

    /// <summary>The number in two digits, or <see cref="Bad"/>. The caller has looked at the length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Two(ReadOnlySpan<byte> text, int at)
    {
        uint tens = (uint)text[at] - '0', ones = (uint)text[at + 1] - '0';
        return tens > 9 || ones > 9 ? Bad : (int)(tens * 10 + ones);
    }

    /// <summary>The same, where a space may stand for the first digit.</summary>
    public static int PaddedTwo(ReadOnlySpan<byte> text, int at)
    {
        if (text[at] != ' ') return Two(text, at);
        uint ones = (uint)text[at + 1] - '0';
        return ones > 9 ? Bad : (int)ones;
    }

    /// <summary>The number in four digits, or something larger than any year.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Four(ReadOnlySpan<byte> text, int at) => Two(text, at) * 100 + Two(text, at + 2);

    public static bool IsLeap(int year) => (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);

    /// <summary>The ticks of midnight, if there is such a day.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryDate(int year, int month, int day, out long ticks)
    {
        ticks = 0;
        if ((uint)(year - 1) > 9998 || (uint)(month - 1) > 11 || day < 1) return false;
        bool leap = IsLeap(year);
        if (day > DaysInMonth[month - 1] && !(leap && month == 2 && day == 29)) return false;
        // The days of the months before, as if February had 30.
        int before = (367 * month - 362) / 12;
        if (month > 2) before -= leap ? 1 : 2;
        int past = year - 1;
        ticks = (past * 365 + past / 4 - past / 100 + past / 400 + before + day - 1) * TimeSpan.TicksPerDay;
        return true;
    }

    /// <summary>Reads <c>HH:mm:ss</c> as ticks since midnight; a leap second is the first one after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTimeOfDay(ReadOnlySpan<byte> text, int at, out long ticks)
    {
        ticks = 0;
        if (text.Length - at < 8 || text[at + 2] != ':' || text[at + 5] != ':') return false;
        return TryTimeOfDay(Two(text, at), Two(text, at + 3), Two(text, at + 6), out ticks);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTimeOfDay(int hour, int minute, int second, out long ticks)
    {
        ticks = (hour * 3600L + minute * 60 + second) * TimeSpan.TicksPerSecond;
        return hour <= 23 && minute <= 59 && second <= 60;
    }

    /// <summary>Reads a point or comma with digits behind it, if it stands here; digits beyond the seventh are passed over.</summary>
    /// <returns>The ticks; <paramref name="at"/> moves behind the digits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Fraction(ReadOnlySpan<byte> text, ref int at)
    {
        if ((uint)at >= (uint)text.Length || (text[at] != '.' && text[at] != ',')) return 0;
        return FractionDigits(text, ref at);
    }

    private static long FractionDigits(ReadOnlySpan<byte> text, ref int at)
    {
        int i = at + 1;
        long value = 0;
        int digits = 0;
        for (; i < text.Length; i++)
        {
            uint digit = (uint)text[i] - '0';
            if (digit > 9) break;
            if (digits == 7) continue;
            value = value * 10 + digit;
            digits++;
        }

        if (digits == 0) return 0;
        at = i;
        for (; digits < 7; digits++) value *= 10;
        return value;
    }

    /// <summary>The number of a month by its first three letters, whatever their case; 0 if it is none.</summary>
    public static int Month(ReadOnlySpan<byte> text, int at)
    {
        if (text.Length - at < 3) return 0;
        int letters = (text[at] | 0x20) << 16 | (text[at + 1] | 0x20) << 8 | (text[at + 2] | 0x20);
        return letters switch
        {
            'j' << 16 | 'a' << 8 | 'n' => 1,
            'f' << 16 | 'e' << 8 | 'b' => 2,
            'm' << 16 | 'a' << 8 | 'r' => 3,
            'a' << 16 | 'p' << 8 | 'r' => 4,
            'm' << 16 | 'a' << 8 | 'y' => 5,
            'j' << 16 | 'u' << 8 | 'n' => 6,
            'j' << 16 | 'u' << 8 | 'l' => 7,
            'a' << 16 | 'u' << 8 | 'g' => 8,
            's' << 16 | 'e' << 8 | 'p' => 9,
            'o' << 16 | 'c' << 8 | 't' => 10,
            'n' << 16 | 'o' << 8 | 'v' => 11,
            'd' << 16 | 'e' << 8 | 'c' => 12,
            _ => 0,
        };
    }

    /// <summary>Whether a weekday's three letters stand here.</summary>
    public static bool IsWeekday(ReadOnlySpan<byte> text, int at)
    {
        if (text.Length - at < 3) return false;
        int letters = (text[at] | 0x20) << 16 | (text[at + 1] | 0x20) << 8 | (text[at + 2] | 0x20);
        return letters is ('m' << 16 | 'o' << 8 | 'n') or ('t' << 16 | 'u' << 8 | 'e') or ('w' << 16 | 'e' << 8 | 'd') or ('t' << 16 | 'h' << 8 | 'u')
            or ('f' << 16 | 'r' << 8 | 'i') or ('s' << 16 | 'a' << 8 | 't') or ('s' << 16 | 'u' << 8 | 'n');
    }
}
