using System.Diagnostics;
using System.Globalization;
using ProdOps.Servers.Schedules;

namespace ProdOps.Servers.Tests.Schedules;

public sealed class CronExpressionTests
{
    private const string Alphabet = "0123456789*/,-@ \tjanfebmonsunLW#?\n%é";

    [Theory]
    [InlineData("15 * * * *", "15 * * * *", "*-*-* *:15:00")]
    [InlineData("*/15 * * * *", "*/15 * * * *", "*-*-* *:00/15:00")]
    [InlineData("0 2 * * mon-fri", "0 2 * * 1-5", "Mon..Fri *-*-* 02:00:00")]
    [InlineData("30 4 1,15 * *", "30 4 1,15 * *", "*-*-01,15 04:30:00")]
    [InlineData("0 0 * jan,JUL sun", "0 0 * 1,7 0", "Sun *-01,07-* 00:00:00")]
    [InlineData("0 0 * * 7", "0 0 * * 7", "Sun *-*-* 00:00:00")]
    [InlineData("0 9-17/2 * * *", "0 9-17/2 * * *", "*-*-* 09,11,13,15,17:00:00")]
    [InlineData("5-59/10 * * * *", "5-59/10 * * * *", "*-*-* *:05/10:00")]
    [InlineData("@daily", "0 0 * * *", "*-*-* 00:00:00")]
    [InlineData("0 0 */2 * 1", "0 0 */2 * 1", "Mon *-*-01/2 00:00:00")]
    public void An_expression_becomes_one_calendar_event(string text, string plain, string calendar)
    {
        var cron = CronExpression.Parse(text);
        Assert.Equal(plain, cron.Text);
        Assert.Equal([calendar], CalendarText.FromCron(cron));
    }

    [Fact]
    public void Where_either_day_is_enough_there_are_two_events() =>
        Assert.Equal(["*-*-13 00:00:00", "Fri *-*-* 00:00:00"], CalendarText.FromCron(CronExpression.Parse("0 0 13 * 5")));

    [Theory]
    [InlineData("", "0 fields")]
    [InlineData("* * * *", "4 fields")]
    [InlineData("0 * * * * *", "6 fields")]
    [InlineData("60 * * * *", "minute")]
    [InlineData("* 24 * * *", "hour")]
    [InlineData("* * 0 * *", "day of the month")]
    [InlineData("* * 32 * *", "day of the month")]
    [InlineData("* * * 13 *", "month")]
    [InlineData("* * * * 8", "day of the week")]
    [InlineData("* * L * *", "'L'")]
    [InlineData("* * * * 5#3", "'5#3'")]
    [InlineData("5/10 * * * *", "5-59/10")]
    [InlineData("*/0 * * * *", "step")]
    [InlineData("*/5/2 * * * *", "step")]
    [InlineData("17-9 * * * *", "17-9")]
    [InlineData("1-2-3 * * * *", "1-2-3")]
    [InlineData("1,,2 * * * *", "''")]
    [InlineData("@reboot", "@reboot")]
    [InlineData("jan * * * *", "jan")]
    public void What_cron_would_not_take_is_refused_with_its_place(string text, string part)
    {
        var failure = Assert.Throws<ProdOpsException>(() => CronExpression.Parse(text));
        Assert.Equal(("CronInvalid", ErrorKind.InvalidArgument), (failure.ErrorId, failure.Kind));
        Assert.Contains(part, failure.Message);
    }

    [Fact]
    public void Any_text_is_read_or_refused()
    {
        var random = new Random(20262);
        for (int i = 0; i < 50_000; i++)
        {
            string text = i % 2 == 0 ? new string([.. Enumerable.Range(0, random.Next(30)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]) : Mutate(random, Expression(random));
            try
            {
                var cron = CronExpression.Parse(text);
                Assert.NotEmpty(CalendarText.FromCron(cron));
                Assert.Equal(cron.Text, CronExpression.Parse(cron.Text).Text);
            }
            catch (ProdOpsException failure)
            {
                Assert.Equal("CronInvalid", failure.ErrorId);
            }
        }
    }

    /// <summary>The oracle of the expression is Cronos, that of the calendar event systemd itself.</summary>
    [LinuxFact("systemd-analyze")]
    public void The_next_runs_are_those_that_systemd_and_Cronos_say()
    {
        var random = new Random(20263);
        for (int i = 0; i < 150; i++)
        {
            string text = Expression(random);
            var from = new DateTimeOffset(2026, 1 + random.Next(12), 1 + random.Next(28), random.Next(24), random.Next(60), 30, TimeSpan.Zero);
            DateTimeOffset[] expected = [.. Upcoming(text, from).Take(6)];
            DateTimeOffset[] actual = [.. BySystemd(CalendarText.FromCron(CronExpression.Parse(text)), from).Distinct().Order().Take(6)];
            Assert.True(expected.SequenceEqual(actual), $"{text} from {from:u}: {string.Join(", ", CalendarText.FromCron(CronExpression.Parse(text)))}\n{string.Join('\n', expected)}\nis not\n{string.Join('\n', actual)}");
        }
    }

    [Fact]
    public void An_interval_becomes_an_event_where_the_day_is_a_multiple_of_it()
    {
        Assert.Equal("*-*-* *:0/15:00", CalendarText.Every(TimeSpan.FromMinutes(15)));
        Assert.Equal("*-*-* 0/6:00:00", CalendarText.Every(TimeSpan.FromHours(6)));
        Assert.Equal("*-*-* *:*:0/10", CalendarText.Every(TimeSpan.FromSeconds(10)));
        Assert.Null(CalendarText.Every(TimeSpan.FromMinutes(7)));
        Assert.Null(CalendarText.Every(TimeSpan.FromMinutes(90)));
        Assert.Null(CalendarText.Every(TimeSpan.FromHours(36)));
    }

    private static IEnumerable<DateTimeOffset> Upcoming(string text, DateTimeOffset from)
    {
        // Cronos wants both days to fit; cron only one, when neither begins with a star.
        string[] fields = text.Split(' ');
        bool either = fields[2][0] != '*' && fields[4][0] != '*';
        string[] texts = either ? [$"{fields[0]} {fields[1]} {fields[2]} {fields[3]} *", $"{fields[0]} {fields[1]} * {fields[3]} {fields[4]}"] : [text];
        while (texts.Min(expression => Cronos.CronExpression.Parse(expression).GetNextOccurrence(from, TimeZoneInfo.Utc)) is { } next)
        {
            Assert.Equal(next, CronState.Next(text, from, TimeZoneInfo.Utc));
            yield return next;
            from = next;
        }
    }

    private static IEnumerable<DateTimeOffset> BySystemd(IReadOnlyList<string> calendars, DateTimeOffset from)
    {
        string[] arguments = ["calendar", "--iterations=6", $"--base-time={from:yyyy-MM-dd HH:mm:ss} UTC", "--", .. calendars];
        var start = new ProcessStartInfo("systemd-analyze", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TZ"] = "UTC";
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(20)) && process.ExitCode == 0, $"{string.Join(' ', calendars)}: {process.StandardError.ReadToEnd()}");
        foreach (string line in output.Split('\n'))
        {
            if (!line.Contains("Next elapse:", StringComparison.Ordinal) && !line.Contains("Iteration #", StringComparison.Ordinal) && !line.Contains("Iter. #", StringComparison.Ordinal)) continue;
            string[] words = line.Trim().Split(' ');
            if (words[^1] == "UTC") yield return DateTimeOffset.ParseExact($"{words[^3]} {words[^2]}", "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        }
    }

    private static string Expression(Random random) => string.Join(' ', Field(random, 0, 59), Field(random, 0, 23), Field(random, 1, 28), Field(random, 1, 12), Field(random, 0, 7));

    private static string Field(Random random, int minimum, int maximum)
    {
        // Cronos takes no star within a list.
        if (random.Next(3) == 0) return random.Next(2) == 0 ? "*" : $"*/{random.Next(1, maximum + 1)}";
        return string.Join(',', Enumerable.Range(0, random.Next(1, 4)).Select(_ =>
        {
            int first = random.Next(minimum, maximum + 1), last = random.Next(first, maximum + 1);
            return random.Next(4) switch
            {
                1 => $"{first}-{last}",
                2 => $"{first}-{last}/{random.Next(1, maximum + 1)}",
                _ => $"{first}",
            };
        }));
    }

    private static string Mutate(Random random, string text)
    {
        int at = random.Next(text.Length);
        return random.Next(3) switch
        {
            0 => text.Remove(at, 1),
            1 => text.Insert(at, Alphabet[random.Next(Alphabet.Length)].ToString()),
            _ => string.Concat(text.AsSpan(0, at), Alphabet[random.Next(Alphabet.Length)].ToString(), text.AsSpan(at + 1)),
        };
    }
}
