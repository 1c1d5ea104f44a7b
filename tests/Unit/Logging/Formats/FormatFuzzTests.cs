using System.Text;
using ProdOps.Logging.Formats;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Formats;

public sealed class FormatFuzzTests
{
    public static TheoryData<string> Names => [.. LogFormats.All.Select(format => format.Name)];

    /// <summary>Each format is given damaged lines, its own and those of others: parts stand within the line, and what is asked alone agrees with what is asked together.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_lines_never_throw_and_the_answers_agree(string name)
    {
        var format = Reading.Format(name);
        var reader = new FieldReader(format, Reading.Berlin);
        var random = new Random(20261130);
        byte[][] seeds = [.. FixtureLines.Of(name).Concat(FixtureLines.All.Where((_, index) => index % 7 == 0))];
        for (int i = 0; i < 6000; i++)
        {
            byte[] line = i < seeds.Length ? seeds[i] : Mutation.Of(seeds[i % seeds.Length], random);
            try
            {
                Check(format, reader, line);
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{name}: '{Encoding.Latin1.GetString(line)}': {exception}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_line_of_the_fixture_agrees_with_itself(string name)
    {
        var reader = new FieldReader(Reading.Format(name), Reading.Berlin);
        foreach (byte[] line in FixtureLines.All) Check(Reading.Format(name), reader, line);
    }

    /// <summary>Times of lines in a row are told from what the line before had, and level and time are read together where lines are stored; neither may change an answer.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_time_is_the_same_whatever_was_read_before_it(string name)
    {
        var format = Reading.Format(name);
        var random = new Random(20261126);
        // Close to the fixtures' times: some years are guessed, and some minutes have lines of two years in them.
        TimeContext[] contexts = [Reading.Berlin, Reading.Berlin with { Reference = new DateTimeOffset(2026, 11, 4, 0, 0, 7, TimeSpan.Zero).AddDays(-1) }];
        foreach (byte[] seed in FixtureLines.Of(name))
        {
            foreach (var context in contexts)
            {
                for (int i = 0; i < 40; i++)
                {
                    byte[] line = (byte[])seed.Clone();
                    for (int change = random.Next(4); change > 0; change--)
                    {
                        int at = random.Next(Math.Min(line.Length, 90));
                        bool digit = char.IsAsciiDigit((char)line[at]);
                        if (digit || change == 3) line[at] = digit && change != 3 ? (byte)('0' + random.Next(10)) : (byte)random.Next(32, 127);
                    }

                    if (i % 10 == 9) line = Mutation.Of(line, random);
                    format.TryReadTime(seed, context, out _);
                    bool timed = format.TryReadTime(line, context, out var time, out var level);
                    var unknown = context with { };
                    string shown = $"{name}: '{Encoding.Latin1.GetString(line)}'";
                    Assert.True(format.TryReadTime(line, unknown, out var alone) == timed, shown);
                    Assert.True(!timed || alone.EqualsExact(time), $"{shown}: {time:O} is not {alone:O}");
                    Assert.True(format.ReadLevel(line) == level, $"{shown}: {level}");
                }
            }
        }
    }

    private static void Check(LogFormat format, FieldReader reader, byte[] line)
    {
        bool timed = format.TryReadTime(line, Reading.Berlin, out var time);
        var level = format.ReadLevel(line);
        format.IsContinuation(line);
        bool read = reader.Read(line);
        var entry = new LogEntry(line, new LogLineReader(format, Reading.Berlin));
        string message = entry.Message;
        var fields = entry.Fields.ToList();
        if (!read) return;
        string shown = $"{format.Name}: '{Encoding.Latin1.GetString(line)}'";
        Assert.True(reader.Time == (timed ? time : null), $"{shown}: {reader.Time:O} is not {(timed ? time : null):O}");
        Assert.True(reader.Level == level, $"{shown}: {reader.Level} is not {level}");
        Assert.Equal(fields.Count, fields.Select(field => field.Key).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(message, Encoding.UTF8.GetString(reader.Message(line)));
        foreach (var (name, value) in fields)
        {
            Assert.True(reader.TryGet(line, name, out var found));
            if (value is string text) Assert.Equal(text, Encoding.UTF8.GetString(found.Text));
            else Assert.NotEqual(ProdOps.Logging.Formats.Values.ValueType.Text, found.Type);
        }
    }
}
