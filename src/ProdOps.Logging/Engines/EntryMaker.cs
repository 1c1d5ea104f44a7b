using ProdOps.Logging.Formats;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Engines;

/// <summary>
/// Makes of what an engine gives back the entries that the store would make, and asks the query's conditions of them once more: an engine may give more than was wanted, never less.
/// For one thread.
/// </summary>
internal sealed class EntryMaker(LogQuery query, LineTest test, IFormatCatalog formats)
{
    private readonly Dictionary<(string Format, string Zone), Reading> _readings = [];

    /// <summary>Whether a line is what the query looks for.</summary>
    public bool IsMatch(EngineLine line)
    {
        if (!query.Covers(line.Ticks) || !query.Wants(line.Stream.Server, line.Stream.Source)) return false;
        // An entry that ends with an empty line has that line too.
        byte[] lines = line.Text is [.., (byte)'\n'] ? [.. line.Text, (byte)'\n'] : line.Text;
        if (test.Matcher is { } matcher && matcher.TryFind(lines, 0, out _, out _) == test.IsNegated) return false;
        return !test.LooksInside || test.IsMatch(line.Text, FactsOf(line));
    }

    public EntryFacts FactsOf(EngineLine line)
    {
        var reading = ReadingOf(line);
        return new EntryFacts(line.Stream.Server, line.Stream.Source, reading.Format, reading.Context, line.Ticks);
    }

    public LogEntry Make(EngineLine line, bool isContext = false)
    {
        var reading = ReadingOf(line);
        return new LogEntry(line.Text, reading.Reader)
        {
            Time = TimeOf(line, reading),
            ReceivedTime = line.Received == 0 ? null : DateTimeOffset.UnixEpoch.AddTicks(line.Received * TimeSpan.TicksPerMicrosecond),
            Server = line.Stream.Server,
            Source = line.Stream.Source,
            IsContext = isContext,
        };
    }

    /// <summary>The time in the zone that the line is of, as far as it says.</summary>
    private static DateTimeOffset TimeOf(EngineLine line, Reading reading)
    {
        var first = line.Text.AsSpan();
        int end = first.IndexOf((byte)'\n');
        var utc = new DateTimeOffset(line.Ticks, TimeSpan.Zero);
        if (reading.Format.TryReadTime(end < 0 ? first : first[..end], reading.Context, out var own) && own.UtcTicks == line.Ticks) return own;
        return TimeZoneInfo.ConvertTime(utc, reading.Context.Zone);
    }

    private Reading ReadingOf(EngineLine line)
    {
        var key = (line.Format ?? "", line.Zone ?? "UTC");
        if (_readings.TryGetValue(key, out var known)) return known;
        // What others have sent is told apart by its content, a line at a time: nothing says which lines belong together.
        var format = line.Format is { } name ? formats.Find(name) : formats.Detect([.. line.Text, (byte)'\n'], line.Stream.Source);
        var context = new TimeContext(new DateTimeOffset(line.Ticks, TimeSpan.Zero).AddDays(1), Zones.Find(key.Item2));
        var reading = new Reading(format, context, new LogLineReader(format, context));
        if (line.Format is not null) _readings.Add(key, reading);
        return reading;
    }

    private sealed record Reading(LogFormat Format, TimeContext Context, LogLineReader Reader);
}
