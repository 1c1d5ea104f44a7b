using ProdOps.Backup.Retention;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Trees;

/// <summary>
/// Moments as Go's time.RFC3339Nano: up to nine fractional digits without trailing zeros, and the offset the zone has
/// at that moment. .NET's own formats stop at 100 ns and at year 1.
/// </summary>
internal sealed class Rfc3339(TimeZoneInfo zone)
{
    public const int MaxLength = 35;

    // Offsets are looked up for whole blocks of 2^17 s (a day and a half): a zone that has the same offset at both ends has
    // it throughout. A block is one long, so that reading and writing it is atomic: block number << 20 | offset + bias.
    private const int BlockBits = 17, CacheSize = 256, OffsetBias = 1 << 19;
    private const long EarliestSecond = -62135596800 + 86400, LatestSecond = 253402300799 - 86400;

    private readonly long[] _offsets = NewCache();
    private readonly bool _isUtc = zone.BaseUtcOffset == TimeSpan.Zero && !zone.SupportsDaylightSavingTime && zone.GetAdjustmentRules().Length == 0;

    /// <summary>In this machine's zone, as restic writes.</summary>
    public static Rfc3339 Local { get; } = new(TimeZoneInfo.Local);

    /// <summary>In UTC, whatever machine writes.</summary>
    public static Rfc3339 Utc { get; } = new(TimeZoneInfo.Utc);

    /// <summary>Writes at most <see cref="MaxLength"/> bytes and returns how many. Years are clamped to 0 to 9999 as restic does.</summary>
    public int Format(UnixTime time, Span<byte> utf8)
    {
        int offset = OffsetAt(time.Seconds);
        long local = Math.Clamp(time.Seconds, -(1L << 50), 1L << 50) + offset;
        long days = Math.DivRem(local, 86400, out long second);
        if (second < 0)
        {
            second += 86400;
            days--;
        }
        CalendarDate.FromDay(days, out long year, out int month, out int day);
        if (year is < 0 or > 9999)
        {
            year = Math.Clamp(year, 0, 9999);
            if (year == 9999 && month == 2 && day == 29) (month, day) = (3, 1);
        }

        WriteTwo(utf8, (int)year / 100);
        WriteTwo(utf8[2..], (int)year % 100);
        utf8[4] = (byte)'-';
        WriteTwo(utf8[5..], month);
        utf8[7] = (byte)'-';
        WriteTwo(utf8[8..], day);
        utf8[10] = (byte)'T';
        WriteTwo(utf8[11..], (int)second / 3600);
        utf8[13] = (byte)':';
        WriteTwo(utf8[14..], (int)second / 60 % 60);
        utf8[16] = (byte)':';
        WriteTwo(utf8[17..], (int)second % 60);
        int length = 19 + WriteFraction(utf8[19..], time.Nanoseconds);
        return length + WriteOffset(utf8[length..], offset);
    }

    /// <summary>Reads any RFC 3339 moment, with any offset and any number of fractional digits (those past the ninth are dropped).</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out UnixTime time) => TryParse(utf8, out time, out _);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out UnixTime)"/>
    /// <param name="utf8">The text.</param>
    /// <param name="time">The moment.</param>
    /// <param name="offset">How far its zone is ahead of UTC, in seconds.</param>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out UnixTime time, out int offset)
    {
        (time, offset) = (default, 0);
        if (utf8.Length < 20 || utf8[4] != '-' || utf8[7] != '-' || utf8[10] is not ((byte)'T' or (byte)'t') || utf8[13] != ':' || utf8[16] != ':')
            return false;
        int century = ReadTwo(utf8), year = ReadTwo(utf8[2..]), month = ReadTwo(utf8[5..]), day = ReadTwo(utf8[8..]);
        int hour = ReadTwo(utf8[11..]), minute = ReadTwo(utf8[14..]), second = ReadTwo(utf8[17..]);
        if ((century | year | month | day | hour | minute | second) < 0) return false;
        year += century * 100;
        if (month is < 1 or > 12 || day < 1 || day > DaysIn(year, month) || hour > 23 || minute > 59 || second > 59) return false;

        int position = 19, nanoseconds = 0;
        if (utf8[position] == '.')
        {
            int scale = 100_000_000, digits = 0;
            for (position++; position < utf8.Length && char.IsAsciiDigit((char)utf8[position]); position++, digits++)
            {
                nanoseconds += (utf8[position] - '0') * scale;
                scale /= 10;
            }
            if (digits == 0) return false;
        }
        if (!TryReadOffset(utf8[position..], out offset)) return false;
        time = new UnixTime(CalendarDate.ToDay(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset, nanoseconds);
        return true;
    }

    private int OffsetAt(long second)
    {
        if (_isUtc) return 0;
        second = Math.Clamp(second, EarliestSecond, LatestSecond);
        long block = second >> BlockBits;
        ref long slot = ref _offsets[block & (CacheSize - 1)];
        long cached = Volatile.Read(ref slot);
        if (cached >> 20 == block) return (int)(cached & 0xFFFFF) - OffsetBias;
        int first = LookUp(block << BlockBits);
        if (first != LookUp((block + 1) << BlockBits)) return LookUp(second);
        Volatile.Write(ref slot, (block << 20) | (uint)(first + OffsetBias));
        return first;
    }

    private int LookUp(long second) =>
        (int)zone.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(second, EarliestSecond, LatestSecond))).TotalSeconds;

    private static long[] NewCache()
    {
        long[] cache = new long[CacheSize];
        Array.Fill(cache, long.MinValue);
        return cache;
    }

    private static int WriteFraction(Span<byte> utf8, int nanoseconds)
    {
        if (nanoseconds == 0) return 0;
        utf8[0] = (byte)'.';
        int length = 10;
        for (int i = 9; i > 0; i--)
        {
            nanoseconds = Math.DivRem(nanoseconds, 10, out int digit);
            if (digit == 0 && length == i + 1) length = i;
            else utf8[i] = (byte)('0' + digit);
        }
        return length;
    }

    private static int WriteOffset(Span<byte> utf8, int offset)
    {
        if (offset == 0)
        {
            utf8[0] = (byte)'Z';
            return 1;
        }
        int minutes = offset / 60;
        utf8[0] = minutes < 0 ? (byte)'-' : (byte)'+';
        minutes = Math.Abs(minutes);
        WriteTwo(utf8[1..], minutes / 60);
        utf8[3] = (byte)':';
        WriteTwo(utf8[4..], minutes % 60);
        return 6;
    }

    private static bool TryReadOffset(ReadOnlySpan<byte> utf8, out int offset)
    {
        offset = 0;
        if (utf8.Length == 1) return utf8[0] is (byte)'Z' or (byte)'z';
        if (utf8.Length != 6 || utf8[3] != ':' || utf8[0] is not ((byte)'+' or (byte)'-')) return false;
        int hours = ReadTwo(utf8[1..]), minutes = ReadTwo(utf8[4..]);
        if (hours is < 0 or > 24 || minutes is < 0 or > 59) return false;
        offset = (hours * 60 + minutes) * 60 * (utf8[0] == '-' ? -1 : 1);
        return true;
    }

    private static void WriteTwo(Span<byte> utf8, int value)
    {
        utf8[1] = (byte)('0' + value % 10);
        utf8[0] = (byte)('0' + value / 10);
    }

    private static int ReadTwo(ReadOnlySpan<byte> utf8)
    {
        uint tens = (uint)utf8[0] - '0', ones = (uint)utf8[1] - '0';
        return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
    }

    private static int DaysIn(int year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };
}
