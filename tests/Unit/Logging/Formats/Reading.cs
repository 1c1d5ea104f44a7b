using System.Text;
using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Tests.Formats;

/// <summary>Reads single lines in tests.</summary>
internal static class Reading
{
    /// <summary>In Berlin, at noon of 2026-11-24.</summary>
    public static TimeContext Berlin { get; } = new(new DateTimeOffset(2026, 11, 24, 11, 0, 0, TimeSpan.Zero), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

    public static TimeContext Utc { get; } = Berlin with { Zone = TimeZoneInfo.Utc };

    public static LogFormat Format(string name) => LogFormats.Find(name) ?? throw new ArgumentException($"There is no format '{name}'.");

    /// <summary>The entry, with its own time; the test fails if the line does not parse.</summary>
    public static LogEntry Line(string format, string line, TimeContext? context = null)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        var found = Format(format);
        var fields = new FieldList();
        Assert.True(found.TryReadFields(bytes, context ?? Utc, fields), $"{format} does not read: {line}");
        return new LogEntry(bytes, new LogLineReader(found, context ?? Utc)) { Time = fields.Time ?? default };
    }

    public static bool Reads(string format, string line) => Format(format).TryReadFields(Encoding.UTF8.GetBytes(line), Utc, new FieldList());

    /// <summary>The fields in the order of the line: <c>Status=200 (Int64)</c>.</summary>
    public static string[] Shown(this LogEntry entry) =>
        [.. entry.Fields.Select(field => FormattableString.Invariant($"{field.Key}={field.Value}") + (field.Value is string ? "" : $" ({field.Value.GetType().Name})"))];
}
