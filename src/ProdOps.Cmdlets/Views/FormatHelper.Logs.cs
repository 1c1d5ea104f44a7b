using System.Globalization;

namespace ProdOps.Cmdlets;

/// <summary>What the views of logs show. What a log says goes to the terminal only through <see cref="Text"/>.</summary>
public static partial class FormatHelper
{
    private static readonly string[] Eighths = ["", "\u258F", "\u258E", "\u258D", "\u258C", "\u258B", "\u258A", "\u2589"];

    /// <summary>When an entry was written, in this machine's time zone, to the millisecond: <c>11-23 18:05:33.042</c>.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string LogTime(LogEntry? entry, object? style) =>
        entry is null ? "" : Shade(entry, entry.Time.ToLocalTime().ToString("MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture), style);

    /// <summary>How severe an entry is, in a word of at most seven letters: red from Error on, yellow for a warning.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string LogLevel(LogEntry? entry, object? style) => entry is { IsContext: true } ? Shade(entry, LevelWord(entry.Level), style) : LogLevel(entry?.Level, style);

    /// <summary>A level as <see cref="LogLevel(LogEntry?, object?)"/> shows it.</summary>
    /// <param name="level">The level, or nothing.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string LogLevel(LogLevel? level, object? style) => level switch
    {
        <= ProdOps.LogLevel.Error => Paint(LevelWord(level), "Red", style),
        ProdOps.LogLevel.Warning => Paint(LevelWord(level), "Yellow", style),
        _ => LevelWord(level),
    };

    /// <summary>A name of an entry, its server or source, for a column.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="name">The name.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string LogName(LogEntry? entry, object? name, object? style) => entry is null ? "" : Shade(entry, Text(name), style);

    /// <summary>What an entry says, on one line. What only stands around what was looked for is dim, and marked with a dot before it.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string LogMessage(LogEntry? entry, object? style) =>
        entry is null ? "" : entry.IsContext ? Shade(entry, "\u00B7 " + Text(entry.Message), style) : Text(entry.Message);

    /// <summary>An entry's fields, one on a line.</summary>
    /// <param name="entry">The entry.</param>
    public static string LogFields(LogEntry? entry) =>
        entry is null ? "" : string.Join('\n', entry.Fields.Select(static field => $"{Text(field.Key)} = {Text(Convert.ToString(field.Value, CultureInfo.InvariantCulture))}"));

    /// <summary>How a pattern has changed against the time before: <c>new</c>, <c>3.1x</c>; one that is new or surges is yellow.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string PatternChange(LogPattern? pattern, object? style) => pattern switch
    {
        { IsNew: true } => Paint("new", "Yellow", style),
        { Change: { } change } => change >= 2 ? Paint(Factor(change), "Yellow", style) : Factor(change),
        _ => "",
    };

    /// <summary>When an interval begins, as exactly as its length asks for: a day, a minute, a second.</summary>
    /// <param name="time">The moment, or nothing.</param>
    /// <param name="interval">How long the interval is.</param>
    public static string IntervalStart(object? time, object? interval)
    {
        if (time is not DateTimeOffset start) return "";
        start = start.ToLocalTime();
        long ticks = interval is TimeSpan span ? span.Ticks : 0;
        string format = ticks % TimeSpan.TicksPerDay == 0 && start.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd"
            : ticks % TimeSpan.TicksPerMinute == 0 && start.Second == 0 ? "yyyy-MM-dd HH:mm" : ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd HH:mm:ss" : "yyyy-MM-dd HH:mm:ss.fff";
        return start.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>A bar of blocks, to an eighth of a column. What is more than nothing is never an empty bar.</summary>
    /// <param name="share">0 to 1, or nothing.</param>
    /// <param name="width">How many columns the longest bar has.</param>
    public static string Bar(object? share, int width)
    {
        double value = share is null ? 0 : Convert.ToDouble(share, CultureInfo.InvariantCulture);
        if (!(value > 0) || width <= 0) return "";
        int eighths = (int)Math.Clamp(Math.Round(value * width * 8), 1, width * 8.0);
        return new string('\u2588', eighths / 8) + Eighths[eighths % 8];
    }

    /// <summary>A measured number with four digits that count: <c>0.0421</c>, <c>17.35</c>, <c>12,013</c>.</summary>
    /// <param name="number">A number, or nothing.</param>
    public static string Number(object? number)
    {
        if (number is null) return "";
        double value = Convert.ToDouble(number, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value)) return value.ToString(CultureInfo.InvariantCulture);
        double size = Math.Abs(value);
        return size >= 1e12 ? value.ToString("0.###e+0", CultureInfo.InvariantCulture)
            : size >= 1000 ? value.ToString("N0", CultureInfo.InvariantCulture)
            : size >= 0.001 ? value.ToString(size >= 100 ? "0.#" : size >= 10 ? "0.##" : size >= 1 ? "0.###" : size >= 0.1 ? "0.####" : size >= 0.01 ? "0.#####" : "0.######", CultureInfo.InvariantCulture)
            : size == 0 ? "0" : value.ToString("0.###e+0", CultureInfo.InvariantCulture);
    }

    /// <summary>The words are syslog's, but for those that nobody reads twice.</summary>
    private static string LevelWord(LogLevel? level) => level switch
    {
        null => "",
        ProdOps.LogLevel.Emergency => "Emerg",
        ProdOps.LogLevel.Critical => "Crit",
        ProdOps.LogLevel.Informational => "Info",
        var other => other.ToString()!,
    };

    private static string Factor(double change) => change.ToString(change < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture) + "x";

    private static string Shade(LogEntry entry, string text, object? style) => entry.IsContext && text.Length > 0 && StyleOf(style, "Dim") is { } begin ? begin + text + StyleOf(style, "Reset") : text;
}
