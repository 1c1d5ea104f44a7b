using System.Globalization;
using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Retention;

/// <summary>A length of time on the calendar, written as restic writes it: <c>1y5m7d2h</c>, where <c>m</c> is months.</summary>
internal readonly record struct RetentionPeriod(int Years, int Months, int Days, int Hours)
{
    private const int MaxNumber = 1_000_000;
    private const long SecondsPerDay = 86_400;

    public bool IsZero => (Years | Months | Days | Hours) == 0;

    /// <summary>Reads <c>1y5m7d2h</c>, any of its parts and in any order.</summary>
    public static bool TryParse(string text, out RetentionPeriod period)
    {
        period = default;
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty) return false;
        while (!rest.IsEmpty)
        {
            int digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits <= 0 || !int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number > MaxNumber) return false;
            switch (rest[digits])
            {
                case 'y': period = period with { Years = number }; break;
                case 'm': period = period with { Months = number }; break;
                case 'd': period = period with { Days = number }; break;
                case 'h': period = period with { Hours = number }; break;
                default: return false;
            }

            rest = rest[(digits + 1)..];
        }

        return true;
    }

    /// <summary>
    /// The moment so long before another one: years, months and days back on the calendar of that moment's zone, then hours. Days that a month lacks run over
    /// into the next, as in Go's <c>time.AddDate</c>.
    /// </summary>
    /// <param name="moment">Where to begin.</param>
    /// <param name="zone">This machine's zone. Go takes a moment whose offset is this zone's for one in it, with its summer time; any other has a fixed offset.</param>
    public UnixTime Before(Rfc3339Time moment, TimeZoneInfo zone)
    {
        long offset = (long)moment.Offset.TotalSeconds;
        bool isLocal = offset != 0 && OffsetAt(zone, moment.Time.Seconds) == offset;
        long local = moment.Time.Seconds + offset;
        long day = Math.DivRem(local, SecondsPerDay, out long second);
        if (second < 0) (day, second) = (day - 1, second + SecondsPerDay);
        CalendarDate.FromDay(day, out long year, out int month, out int dayOfMonth);

        long months = (year - Years) * 12 + (month - 1 - Months);
        long targetYear = Math.DivRem(months, 12, out long targetMonth);
        if (targetMonth < 0) (targetYear, targetMonth) = (targetYear - 1, targetMonth + 12);
        long wall = (CalendarDate.ToDay(targetYear, (int)targetMonth + 1, 1) + dayOfMonth - 1 - Days) * SecondsPerDay + second;
        return new UnixTime(wall - (isLocal ? OffsetOfWall(zone, wall) : offset) - Hours * 3600L, moment.Time.Nanoseconds);
    }

    public override string ToString() => string.Concat(Part(Years, 'y'), Part(Months, 'm'), Part(Days, 'd'), Part(Hours, 'h'));

    private static string Part(int number, char unit) => number == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{number}{unit}");

    // As Go's time.Date decides where a clock is set: the offset at the wall time taken for UTC, then that at the moment which it gives.
    private static long OffsetOfWall(TimeZoneInfo zone, long wall)
    {
        long first = OffsetAt(zone, wall);
        return first == 0 ? 0 : OffsetAt(zone, wall - first);
    }

    private static long OffsetAt(TimeZoneInfo zone, long seconds) =>
        (long)zone.GetUtcOffset(new UnixTime(seconds, 0).ToDateTimeOffset()).TotalSeconds;
}
