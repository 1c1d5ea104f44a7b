using System.Globalization;
using System.Text;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Formats.Times;

namespace ProdOps.Logging.Tests.Formats;

public sealed class TimeTests
{
    [Theory]
    [InlineData("2026-11-04T00:00:05Z", "2026-11-04T00:00:05.0000000+00:00")]
    [InlineData("2026-11-04T00:00:05.123456789Z", "2026-11-04T00:00:05.1234567+00:00")]
    [InlineData("2026-11-04t00:00:05.1z", "2026-11-04T00:00:05.1000000+00:00")]
    [InlineData("2026-11-04T00:00:05+01:00", "2026-11-04T00:00:05.0000000+01:00")]
    [InlineData("2026-11-04T00:00:05-0530", "2026-11-04T00:00:05.0000000-05:30")]
    [InlineData("2026-11-04 00:00:05+02", "2026-11-04T00:00:05.0000000+02:00")]
    [InlineData("2026-11-04 00:00:05.123 CET", "2026-11-04T00:00:05.1230000+01:00")]
    [InlineData("2026-07-04 00:00:05.123 CEST [12]", "2026-07-04T00:00:05.1230000+02:00")]
    [InlineData("2026-11-04 00:00:05 EST", "2026-11-04T00:00:05.0000000-05:00")]
    [InlineData("2026-11-04 00:00:05,123 ERROR no zone", "2026-11-04T00:00:05.1230000+01:00")]
    [InlineData("2026-11-04 00:00:05 - a dash", "2026-11-04T00:00:05.0000000+01:00")]
    [InlineData("2026-07-04 00:00:05", "2026-07-04T00:00:05.0000000+02:00")]
    [InlineData("2026-11-04  0:00:05 0 [Note]", "2026-11-04T00:00:05.0000000+01:00")]
    [InlineData("2025-06-24  14:36:25", "2025-06-24T14:36:25.0000000+02:00")]
    [InlineData("2026/11/04 00:00:05.25", "2026-11-04T00:00:05.2500000+01:00")]
    [InlineData("2026-06-30T23:59:60Z", "2026-07-01T00:00:00.0000000+00:00")]
    [InlineData("Nov  4 00:00:05", "2026-11-04T00:00:05.0000000+01:00")]
    [InlineData("Nov 04 00:00:05 host", "2026-11-04T00:00:05.0000000+01:00")]
    [InlineData("Nov  4 2025 00:00:05", "2025-11-04T00:00:05.0000000+01:00")]
    [InlineData("Nov 25 10:00:00", "2026-11-25T10:00:00.0000000+01:00")]
    [InlineData("Nov 25 12:00:01", "2025-11-25T12:00:01.0000000+01:00")]
    [InlineData("Dec 31 23:59:59", "2025-12-31T23:59:59.0000000+01:00")]
    [InlineData("Feb 29 12:00:00", "2024-02-29T12:00:00.0000000+01:00")]
    [InlineData("04/Nov/2026:00:00:05 +0000", "2026-11-04T00:00:05.0000000+00:00")]
    [InlineData("04/Nov/2026:00:00:05.390", "2026-11-04T00:00:05.3900000+01:00")]
    [InlineData("Wed Nov 04 00:00:05.123456 2026", "2026-11-04T00:00:05.1234560+01:00")]
    [InlineData("Wed Nov  4 00:00:05 2026", "2026-11-04T00:00:05.0000000+01:00")]
    [InlineData("Wed Nov  4 00:00:05 UTC 2026", "2026-11-04T00:00:05.0000000+00:00")]
    [InlineData("04 Nov 2026 00:00:05.123", "2026-11-04T00:00:05.1230000+01:00")]
    [InlineData("Wed, 04 Nov 2026 00:00:05 GMT", "2026-11-04T00:00:05.0000000+00:00")]
    [InlineData("1793750405", "2026-11-04T00:00:05.0000000+00:00")]
    [InlineData("1793750405.25", "2026-11-04T00:00:05.2500000+00:00")]
    [InlineData("1793750405123", "2026-11-04T00:00:05.1230000+00:00")]
    [InlineData("1793750405123456", "2026-11-04T00:00:05.1234560+00:00")]
    [InlineData("1793750405123456789", "2026-11-04T00:00:05.1234567+00:00")]
    [InlineData("I1104 00:00:05.123456   1 a.go:3] x", "2026-11-04T00:00:05.1234560+01:00")]
    [InlineData("261104  0:00:05", "2026-11-04T00:00:05.0000000+01:00")]
    public void A_time_of_any_spelling_is_read(string text, string expected)
    {
        Assert.True(AnyTime.TryRead(Encoding.UTF8.GetBytes(text), Reading.Berlin, out var time, out _), text);
        Assert.Equal(expected, time.ToString("O", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("2026-13-04T00:00:05Z")]
    [InlineData("2026-02-29T00:00:05Z")]
    [InlineData("2026-11-04T24:00:05Z")]
    [InlineData("2026-11-04T00:60:05Z")]
    [InlineData("2026-11-0:T00:00:05Z")]
    [InlineData("0000-11-04T00:00:05Z")]
    [InlineData("2026-11-04")]
    [InlineData("2026-11-04X00:00:05")]
    [InlineData("Nob  4 00:00:05")]
    [InlineData("Nov 31 00:00:05")]
    [InlineData("Feb 30 00:00:05")]
    [InlineData("04/Nov/2026 00:00:05 +0000")]
    [InlineData("12345678901")]
    [InlineData("99999999999999999999")]
    [InlineData("a word and more")]
    public void What_is_no_time_is_refused(string text) => Assert.False(AnyTime.TryRead(Encoding.UTF8.GetBytes(text), Reading.Berlin, out _, out _), text);

    [Theory]
    [InlineData("2026-03-29 01:59:59", "2026-03-29T01:59:59+01:00")]
    [InlineData("2026-03-29 02:30:00", "2026-03-29T03:30:00+02:00")]
    [InlineData("2026-03-29 03:00:00", "2026-03-29T03:00:00+02:00")]
    [InlineData("2026-10-25 01:59:59", "2026-10-25T01:59:59+02:00")]
    [InlineData("2026-10-25 02:30:00", "2026-10-25T02:30:00+02:00")]
    [InlineData("2026-10-25 03:00:00", "2026-10-25T03:00:00+01:00")]
    public void Of_an_hour_that_comes_twice_the_first_is_meant_and_a_skipped_one_is_moved_on(string text, string expected)
    {
        Assert.True(IsoTime.TryRead(Encoding.UTF8.GetBytes(text), Reading.Berlin, out var time, out _));
        Assert.Equal(expected, time.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("America/Chicago", "-06:00")]
    [InlineData("Asia/Shanghai", "+08:00")]
    public void An_abbreviation_with_two_meanings_means_the_servers_own(string zone, string offset)
    {
        var context = Reading.Utc with { Zone = TimeZoneInfo.FindSystemTimeZoneById(zone) };
        Assert.True(IsoTime.TryRead("2026-11-04 00:00:05 CST"u8, context, out var time, out _));
        Assert.Equal(offset, time.ToString("zzz", CultureInfo.InvariantCulture));
    }

    [Fact]
    public void On_new_years_eve_a_line_of_december_is_of_the_year_that_ends()
    {
        var context = new TimeContext(new DateTimeOffset(2027, 1, 1, 0, 0, 30, TimeSpan.Zero), TimeZoneInfo.Utc);
        Assert.True(NamedMonthTime.TrySyslog("Dec 31 23:59:59"u8, context, out var december, out _));
        Assert.True(NamedMonthTime.TrySyslog("Jan  1 00:00:05"u8, context, out var january, out _));
        Assert.Equal((2026, 2027), (december.Year, january.Year));
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("Asia/Kolkata")]
    [InlineData("Africa/Casablanca")]
    public void Local_times_agree_with_the_system_at_every_quarter_of_an_hour_of_two_years(string zoneId)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneId);
        for (var local = new DateTime(2026, 1, 1); local < new DateTime(2028, 1, 1); local = local.AddMinutes(15))
        {
            Assert.True(LocalTimes.TryAt(local.Ticks, zone, out var time));
            TimeSpan[] offsets = [OffsetAt(local.AddDays(-1)), OffsetAt(local.AddDays(1))];
            var moments = offsets.Where(offset => OffsetAt(local - offset) == offset).Select(offset => local - offset).ToList();
            if (moments.Count > 0) Assert.Equal((moments.Min(), local), (time.UtcDateTime, time.DateTime));
            else Assert.True(time.DateTime > local && time.DateTime - local <= TimeSpan.FromHours(1) && OffsetAt(time.UtcDateTime) == time.Offset);
        }

        TimeSpan OffsetAt(DateTime utc) => zone.GetUtcOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc));
    }

    [Theory]
    [InlineData("update-alternatives 2025-06-24 14:36:53: run", 20)]
    [InlineData("Start-Date: 2025-06-24  14:36:25", 12)]
    [InlineData("Log started: 2025-06-24  14:36:25", 13)]
    [InlineData("[2026-11-04 00:00:05,123] INFO x", 1)]
    [InlineData("1234:M 04 Nov 2026 00:00:05.123 * Ready", 7)]
    [InlineData("<34>Nov  4 00:00:05 host su: x", 4)]
    [InlineData("INFO 2026-11-04T00:00:05Z x", 5)]
    public void A_time_is_found_behind_a_word_or_two(string line, int start)
    {
        Assert.True(AnyTime.TryFind(Encoding.UTF8.GetBytes(line), Reading.Utc, out _, out int found, out _));
        Assert.Equal(start, found);
    }

    [Fact]
    public void Every_day_of_many_years_is_the_day_it_is()
    {
        for (var day = new DateTime(1895, 1, 1); day < new DateTime(2105, 1, 1); day = day.AddDays(1))
        {
            Assert.True(Civil.TryDate(day.Year, day.Month, day.Day, out long ticks));
            Assert.Equal(day.Ticks, ticks);
            Assert.Equal(day.Day < DateTime.DaysInMonth(day.Year, day.Month), Civil.TryDate(day.Year, day.Month, day.Day + 1, out _));
        }
    }

    [Fact]
    public void Times_at_the_ends_of_the_calendar_are_read_or_refused()
    {
        foreach (string text in new[] { "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:60Z", "9999-12-31T23:59:59-14:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59", "Jan  1 00:00:00" })
        {
            foreach (var reference in new[] { DateTimeOffset.MinValue, DateTimeOffset.MaxValue })
            {
                AnyTime.TryRead(Encoding.UTF8.GetBytes(text), new TimeContext(reference, Reading.Berlin.Zone), out _, out _);
            }
        }
    }

    [Fact]
    public void Damaged_times_never_throw()
    {
        string[] seeds = ["2026-11-04T00:00:05.123+01:00", "Nov  4 00:00:05 host", "04/Nov/2026:00:00:05 +0000", "Wed Nov 04 00:00:05.1 2026", "1793750405.25", "I1104 00:00:05.123456 1", "[2026-03-29 02:30:00,5 CST]", "04 Nov 2026 00:00:05", "261104  0:00:05"];
        Servers.Tests.TestTools.ParserFuzz.Run("time", text =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            if (AnyTime.TryFind(bytes, Reading.Berlin, out _, out int start, out int end)) Assert.InRange(end, start, bytes.Length);
        }, seeds);
    }
}
