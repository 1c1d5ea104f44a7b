using System.Runtime.CompilerServices;

namespace ProdOps.Logging.Formats.Times;

/// <summary>
/// Times that leave out their zone, or the year. An hour that the clock shows twice is taken as the first of the two; one that it skips is moved on by what was skipped.
/// </summary>
internal static class LocalTimes
{
    /// <summary>How far a year that is guessed may put a line ahead of its context: clocks differ.</summary>
    public const long Tolerance = TimeSpan.TicksPerDay;

    private const long LargestOffset = 14 * TimeSpan.TicksPerHour;

    // TimeZoneInfo takes some hundred nanoseconds, and lines of one file are of one day: the offset of the day is kept.
    [ThreadStatic]
    private static Stretch? t_stretch;

    /// <summary>The moment of a local time in a zone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAt(long local, TimeZoneInfo zone, out DateTimeOffset time)
    {
        if (ReferenceEquals(zone, TimeZoneInfo.Utc)) return TryMake(local, 0, out time);
        var stretch = t_stretch;
        if (stretch is null || !ReferenceEquals(stretch.Zone, zone) || (ulong)(local - stretch.From) >= (ulong)stretch.Length) stretch = Find(local, zone);
        return TryMake(local + stretch.Shift, stretch.Offset, out time);
    }

    /// <summary>The moment of a local time and its offset in ticks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryMake(long local, long offset, out DateTimeOffset time)
    {
        if ((ulong)local > (ulong)DateTime.MaxValue.Ticks || (ulong)(local - offset) > (ulong)DateTime.MaxValue.Ticks || Math.Abs(offset) > LargestOffset)
        {
            time = default;
            return false;
        }

        time = new DateTimeOffset(local, new TimeSpan(offset));
        return true;
    }

    /// <summary>
    /// The moment of a day and time without a year: the latest year that puts it no later than a day after the context's reference.
    /// </summary>
    public static bool TryAtGuessedYear(int month, int day, long timeOfDay, TimeContext context, out DateTimeOffset time)
    {
        long latest = Math.Clamp(context.Reference.UtcTicks + Tolerance, 0, DateTime.MaxValue.Ticks);
        int year = new DateTime(Math.Min(latest + LargestOffset, DateTime.MaxValue.Ticks)).Year;
        // February 29 is in one of nine years: there was none in 1900, nor will be in 2100.
        for (int oldest = Math.Max(1, year - 9); year >= oldest; year--)
        {
            if (!Civil.TryDate(year, month, day, out long date)) continue;
            if (date + timeOfDay - LargestOffset > latest) continue;
            if (TryAt(date + timeOfDay, context.Zone, out time) && time.UtcTicks <= latest) return true;
        }

        time = default;
        return false;
    }

    private static Stretch Find(long local, TimeZoneInfo zone)
    {
        var stretch = t_stretch ??= new Stretch();
        stretch.Zone = zone;
        stretch.Shift = 0;
        long from = local - (local % TimeSpan.TicksPerDay);
        if (from < 2 * TimeSpan.TicksPerDay || from > DateTime.MaxValue.Ticks - 3 * TimeSpan.TicksPerDay)
        {
            return stretch.Set(from, TimeSpan.TicksPerDay, zone.BaseUtcOffset.Ticks);
        }

        // No zone changes its clock twice within four days: if it agrees well before and well after, it agrees all day, with none of the hours that are skipped or
        // come twice. Asked is only what a moment's offset is: of local times TimeZoneInfo is wrong where summer time is the lesser one (Morocco).
        long before = Offset(zone, from - 20 * TimeSpan.TicksPerHour);
        long after = Offset(zone, from + 44 * TimeSpan.TicksPerHour);
        if (before == after) return stretch.Set(from, TimeSpan.TicksPerDay, before);

        long minute = local - (local % TimeSpan.TicksPerMinute);
        bool asBefore = Offset(zone, minute - before) == before;
        bool asAfter = Offset(zone, minute - after) == after;
        if (asBefore || !asAfter)
        {
            // Before the change, or the first of an hour that comes twice; else an hour that is skipped.
            stretch.Shift = asBefore ? 0 : after - before;
            return stretch.Set(minute, TimeSpan.TicksPerMinute, asBefore ? before : after);
        }

        return stretch.Set(minute, TimeSpan.TicksPerMinute, after);
    }

    private static long Offset(TimeZoneInfo zone, long utc) => zone.GetUtcOffset(new DateTime(utc, DateTimeKind.Utc)).Ticks;

    private sealed class Stretch
    {
        public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

        public long From { get; private set; }

        public long Length { get; private set; }

        public long Offset { get; private set; }

        public long Shift { get; set; }

        public Stretch Set(long from, long length, long offset)
        {
            (From, Length, Offset) = (from, length, offset);
            return this;
        }
    }
}
