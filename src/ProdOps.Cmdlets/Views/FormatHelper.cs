using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using ProdOps.Logging.Formats;

namespace ProdOps.Cmdlets;

/// <summary>What the module's views show instead of raw numbers. Called from <c>ProdOps.Format.ps1xml</c> only.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static partial class FormatHelper
{
    // Wider than any terminal that a table is read on; a line of a log may have a mebibyte.
    private const int MostColumns = 1000;

    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Bytes as people read them: <c>987 B</c>, <c>1.21 GiB</c>.</summary>
    /// <param name="bytes">A number of bytes, or nothing.</param>
    public static string Size(object? bytes)
    {
        if (bytes is null) return "";
        double value = Convert.ToDouble(bytes, CultureInfo.InvariantCulture);
        int unit = 0;
        // 1023.95 KiB would be rounded to "1024 KiB": step to the next unit as soon as the rounded number would have four digits.
        while (Math.Abs(value) >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        string format = unit == 0 || Math.Abs(value) >= 99.95 ? "0" : Math.Abs(value) >= 9.995 ? "0.0" : "0.00";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>Bytes as people read them, or <c>unknown</c>.</summary>
    /// <param name="bytes">A number of bytes, or nothing.</param>
    public static string KnownSize(object? bytes) => bytes is null ? "unknown" : Size(bytes);

    /// <summary>When a place will be full: <c>41 days</c>, <c>no growth</c>, <c>unknown</c>.</summary>
    /// <param name="days">So many days, or nothing.</param>
    /// <param name="perDay">Bytes a day, or nothing.</param>
    public static string UntilFull(object? days, object? perDay)
    {
        if (days is null) return perDay is not null && Convert.ToInt64(perDay, CultureInfo.InvariantCulture) == 0 ? "no growth" : "unknown";
        double left = Convert.ToDouble(days, CultureInfo.InvariantCulture);
        return left > 3650 ? "> 10 years" : left.ToString(left < 10 ? "0.#" : "0", CultureInfo.InvariantCulture) + " days";
    }

    /// <summary>A count with separators: <c>12,013</c>.</summary>
    /// <param name="number">A whole number, or nothing.</param>
    public static string Count(object? number) =>
        number is null ? "" : Convert.ToInt64(number, CultureInfo.InvariantCulture).ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A share as a percentage: <c>12.5 %</c>.</summary>
    /// <param name="share">0 to 1, or nothing.</param>
    public static string Percent(object? share) =>
        share is null ? "" : (Convert.ToDouble(share, CultureInfo.InvariantCulture) * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    /// <summary>A ratio: <c>2.31x</c>.</summary>
    /// <param name="ratio">A factor, or nothing.</param>
    public static string Ratio(object? ratio) =>
        ratio is null ? "" : Convert.ToDouble(ratio, CultureInfo.InvariantCulture).ToString("0.00", CultureInfo.InvariantCulture) + "x";

    /// <summary>A moment in this machine's time zone, to the second: <c>2026-11-23 18:05:33</c>.</summary>
    /// <param name="moment">A moment, or nothing.</param>
    public static string Moment(object? moment) => moment switch
    {
        DateTimeOffset value => value.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        DateTime value => value.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        _ => "",
    };

    /// <summary>A duration as people read it: <c>0.42 s</c>, <c>1m 05s</c>, <c>2h 03m</c>, <c>3d 04h</c>.</summary>
    /// <param name="duration">A time span, or nothing.</param>
    public static string Duration(object? duration)
    {
        if (duration is not TimeSpan span) return "";
        if (span < TimeSpan.Zero) return "-" + Duration(span.Negate());
        if (span.TotalSeconds < 59.95) return span.TotalSeconds.ToString(span.TotalSeconds < 9.995 ? "0.00" : "0.0", CultureInfo.InvariantCulture) + " s";
        span = TimeSpan.FromSeconds(Math.Round(span.TotalSeconds));
        if (span.TotalHours < 1) return $"{span.Minutes}m {span.Seconds:00}s";
        return span.TotalDays < 1 ? $"{span.Hours}h {span.Minutes:00}m" : $"{(long)span.TotalDays}d {span.Hours:00}h";
    }

    /// <summary>A short duration in its own unit: <c>35 us</c>, <c>1.2 ms</c>; from a second on as <see cref="Duration"/>.</summary>
    /// <param name="duration">A time span, or nothing.</param>
    public static string ShortDuration(object? duration)
    {
        if (duration is not TimeSpan span) return "";
        if (span < TimeSpan.Zero) return "-" + ShortDuration(span.Negate());
        if (span.TotalMilliseconds >= 999.5) return Duration(span);
        return span.TotalMilliseconds < 1
            ? span.TotalMicroseconds.ToString("0", CultureInfo.InvariantCulture) + " us"
            : span.TotalMilliseconds.ToString(span.TotalMilliseconds < 9.95 ? "0.0" : "0", CultureInfo.InvariantCulture) + " ms";
    }

    /// <summary>A clock's offset with its sign. One that is surely off by a tenth of a second, enough to put two servers' logs in the wrong order, gets a <c>!</c> and red.</summary>
    /// <param name="offset">A time span, or nothing.</param>
    /// <param name="uncertainty">What it may be off by.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string ClockOffset(object? offset, object? uncertainty, object? style)
    {
        if (offset is not TimeSpan span) return "";
        bool large = span.Duration() - (uncertainty as TimeSpan? ?? TimeSpan.Zero) >= TimeSpan.FromMilliseconds(100);
        string text = (span < TimeSpan.Zero ? "" : "+") + ShortDuration(span);
        return large ? Mark("! " + text, false, style) : text;
    }

    /// <summary>Text on one line, with its controls made visible: what follows the first line is a <c>␊</c> and how many lines there are more.</summary>
    /// <param name="text">Any text, or nothing. It may be from a server, a file or a backup, whose names and messages are anybody's.</param>
    public static string Text(object? text)
    {
        string all = text?.ToString() ?? "";
        int end = all.AsSpan().IndexOfAny('\r', '\n');
        string line = end < 0 ? all : all[..end];
        if (line.Length > MostColumns) line = line[..MostColumns];
        line = PlainText.Neutralize(line).Replace('\t', ' ');
        int more = end < 0 ? 0 : all.AsSpan(end).TrimEnd("\r\n").Count('\n');
        return more == 0 ? line : string.Create(CultureInfo.InvariantCulture, $"{line} \u240A+{more}");
    }

    /// <summary>Text with its controls made visible, line by line.</summary>
    /// <param name="text">Any text, or nothing.</param>
    public static string Lines(object? text) => string.Join('\n', (text?.ToString() ?? "").TrimEnd('\r', '\n').Split('\n').Select(static line => PlainText.Neutralize(line.TrimEnd('\r'))));

    /// <summary>Several values on one line, as <see cref="Text"/> shows them.</summary>
    /// <param name="values">Values, or nothing.</param>
    public static string List(object? values) => (values is PSObject wrapped ? wrapped.BaseObject : values) switch
    {
        System.Collections.IEnumerable many and not string => string.Join(", ", many.Cast<object>().Select(Text)),
        var single => Text(single),
    };

    /// <summary>Text in a colour where the session has colours. The text says the same without it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="good">True for green, false for red, nothing for plain.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string Mark(object? text, bool? good, object? style)
    {
        string plain = Text(text);
        return good is null ? plain : Paint(plain, good.Value ? "Green" : "Red", style);
    }

    private static string Paint(string plain, string colour, object? style)
    {
        object? colours = style?.GetType().GetProperty("Foreground")?.GetValue(style);
        string? begin = colours?.GetType().GetProperty(colour)?.GetValue(colours) as string;
        string? end = StyleOf(style, "Reset");
        return begin is null || end is null ? plain : begin + plain + end;
    }

    // PSStyle is newer than the reference this assembly is compiled against: its members are found late.
    private static string? StyleOf(object? style, string name) => style?.GetType().GetProperty(name)?.GetValue(style) as string;
}
