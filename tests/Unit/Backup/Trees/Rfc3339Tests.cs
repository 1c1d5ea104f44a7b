using System.Globalization;
using System.Text;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Trees;

public sealed class Rfc3339Tests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Theory]
    [InlineData(0, 0, "1970-01-01T00:00:00Z")]
    [InlineData(0, 1, "1970-01-01T00:00:00.000000001Z")]
    [InlineData(-1, 999_999_999, "1969-12-31T23:59:59.999999999Z")]
    [InlineData(1234567890, 120_000_000, "2009-02-13T23:31:30.12Z")]
    [InlineData(1234567890, 100, "2009-02-13T23:31:30.0000001Z")]
    [InlineData(951782400, 0, "2000-02-29T00:00:00Z")]
    [InlineData(-62167219200, 0, "0000-01-01T00:00:00Z")]
    [InlineData(253402300799, 0, "9999-12-31T23:59:59Z")]
    public void A_moment_has_as_many_digits_as_it_needs(long seconds, int nanoseconds, string expected)
    {
        Assert.Equal(expected, Format(TimeZoneInfo.Utc, new UnixTime(seconds, nanoseconds)));
        Assert.True(Rfc3339.TryParse(Encoding.UTF8.GetBytes(expected), out var time));
        Assert.Equal(new UnixTime(seconds, nanoseconds), time);
    }

    [Theory]
    [InlineData(253402300800, "9999-01-01T00:00:00Z")]
    [InlineData(95617584000, "5000-01-01T00:00:00Z")]
    [InlineData(-62167219201, "0000-12-31T23:59:59Z")]
    public void Years_that_RFC_3339_does_not_have_are_clamped(long seconds, string expected) =>
        Assert.Equal(expected, Format(TimeZoneInfo.Utc, new UnixTime(seconds, 0)));

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void The_ends_of_time_are_moments_too(long seconds)
    {
        Assert.True(Rfc3339.TryParse(Encoding.UTF8.GetBytes(Format(Berlin, new UnixTime(seconds, 5))), out _));
    }

    [Theory]
    [InlineData(1711846799, "2024-03-31T01:59:59+01:00")]
    [InlineData(1711846800, "2024-03-31T03:00:00+02:00")]
    [InlineData(1729990799, "2024-10-27T02:59:59+02:00")]
    [InlineData(1729990800, "2024-10-27T02:00:00+01:00")]
    public void The_offset_is_that_of_the_zone_at_that_moment(long seconds, string expected)
    {
        var zone = new Rfc3339(Berlin);
        Assert.Equal(expected, Format(zone, new UnixTime(seconds, 0)));
        Assert.Equal(expected, Format(zone, new UnixTime(seconds, 0)));
    }

    [Fact]
    public void Remembered_offsets_are_the_zones_and_what_is_written_reads_back()
    {
        var random = new Random(7);
        foreach (string id in new[] { "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "UTC" })
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(id);
            var format = new Rfc3339(zone);
            for (int i = 0; i < 5_000; i++)
            {
                var time = new UnixTime(random.NextInt64(-2_000_000_000, 5_000_000_000), random.Next(3) == 0 ? 0 : random.Next(1_000_000_000));
                string text = Format(format, time);
                Assert.True(Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var back));
                Assert.Equal(time, back);
                var expected = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(time.Seconds), zone);
                Assert.StartsWith(expected.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture), text, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("2020-01-01T00:00:00+05:30", 1577817000, 0)]
    [InlineData("2020-01-01T00:00:00-00:00", 1577836800, 0)]
    [InlineData("2020-01-01T00:00:00.1234567899999Z", 1577836800, 123456789)]
    public void Any_offset_and_any_number_of_digits_is_read(string text, long seconds, int nanoseconds)
    {
        Assert.True(Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var time));
        Assert.Equal(new UnixTime(seconds, nanoseconds), time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2020-01-01")]
    [InlineData("2020-01-01T00:00:00")]
    [InlineData("2020-13-01T00:00:00Z")]
    [InlineData("2021-02-29T00:00:00Z")]
    [InlineData("2020-01-01T24:00:00Z")]
    [InlineData("2020-01-01T00:00:00.Z")]
    [InlineData("2020-01-01T00:00:00+0530")]
    [InlineData("2020-01-01T00:00:00Zx")]
    [InlineData("+020-01-01T00:00:00Z")]
    public void Anything_else_is_not_a_moment(string text) => Assert.False(Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out _));

    private static string Format(TimeZoneInfo zone, UnixTime time) => Format(new Rfc3339(zone), time);

    private static string Format(Rfc3339 zone, UnixTime time)
    {
        Span<byte> text = stackalloc byte[Rfc3339.MaxLength];
        return Encoding.UTF8.GetString(text[..zone.Format(time, text)]);
    }
}
