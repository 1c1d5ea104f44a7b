using System.Globalization;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Retention;

/// <summary>Days of the Gregorian calendar counted from 1970-01-01, in any year, and what parts of time a moment is in.</summary>
internal static class CalendarDate
{
    private const long DaysPerEra = 146_097, EraShift = 719_468;

    public static long ToDay(long year, int month, int day)
    {
        // Years that begin in March, so that the leap day is the last one, in eras of 400 years.
        if (month <= 2) year--;
        long era = FloorDivide(year, 400);
        long yearOfEra = year - era * 400;
        long dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        return era * DaysPerEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - EraShift;
    }

    public static void FromDay(long days, out long year, out int month, out int day)
    {
        days += EraShift;
        long era = FloorDivide(days, DaysPerEra);
        long dayOfEra = days - era * DaysPerEra;
        long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        long shifted = (5 * dayOfYear + 2) / 153;
        day = (int)(dayOfYear - (153 * shifted + 2) / 5) + 1;
        month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    }

    // Snapshots fall into hours, days and so on by the wall clock of the machine that made them.
    public static long HourOf(Rfc3339Time time) => DayOf(time) * 100 + time.ToDateTimeOffset().Hour;

    public static long DayOf(Rfc3339Time time) => MonthOf(time) * 100 + time.ToDateTimeOffset().Day;

    /// <summary>Weeks are ISO 8601's, which begin on Monday and belong to the year of their Thursday.</summary>
    public static long WeekOf(Rfc3339Time time)
    {
        var date = time.ToDateTimeOffset().DateTime;
        return ISOWeek.GetYear(date) * 100L + ISOWeek.GetWeekOfYear(date);
    }

    public static long MonthOf(Rfc3339Time time) => YearOf(time) * 100 + time.ToDateTimeOffset().Month;

    public static long YearOf(Rfc3339Time time) => time.ToDateTimeOffset().Year;

    private static long FloorDivide(long value, long by) => (value >= 0 ? value : value - by + 1) / by;
}
