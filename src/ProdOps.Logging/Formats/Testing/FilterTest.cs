using System.Text;
using ProdOps.Logging.Grok;

namespace ProdOps.Logging.Formats.Testing;

/// <summary>Shows what a format makes of single lines.</summary>
internal static class FilterTest
{
    /// <summary>What a format is called; a pattern on trial has no name yet.</summary>
    public static string NameOf(LogFormat format) => format is MultiLineFormat ruled ? NameOf(ruled.Inner) : format.Name.Length == 0 ? "pattern" : format.Name;

    /// <summary>Reads one line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="format">The format, or <see langword="null"/> to find the likeliest.</param>
    /// <param name="context">What completes times.</param>
    public static LogFilterTest Read(string line, LogFormat? format, TimeContext context)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        format ??= FormatDetector.Detect(bytes);
        var reader = new LogLineReader(format, context);
        bool matches = format.TryReadFields(bytes, context, new FieldList());
        bool timed = format.TryReadTime(bytes, context, out var time);
        var entry = new LogEntry(bytes, reader);
        return new LogFilterTest
        {
            Line = line,
            Format = NameOf(format),
            IsMatch = matches,
            Time = timed ? time : null,
            Level = entry.Level,
            Message = entry.Message,
            Fields = entry.Fields,
            MatchedPattern = matches ? null : (format as GrokFormat)?.MatchingPart(bytes),
        };
    }
}
