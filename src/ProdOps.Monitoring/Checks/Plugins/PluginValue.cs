using System.Globalization;

namespace ProdOps.Monitoring.Checks.Plugins;

/// <summary>One value of a plugin's performance data, in our units: seconds, bytes, per cent, or a count.</summary>
/// <param name="Label">What it is, as the plugin calls it.</param>
/// <param name="Value">The value.</param>
/// <param name="Unit"><c>s</c>, <c>B</c>, <c>%</c>, or empty.</param>
internal sealed record PluginValue(string Label, double Value, string Unit)
{
    /// <summary>From where on it is a warning: the plugin's range, e.g. <c>10:20</c>, in the unit of the value; empty without one.</summary>
    public string Warning { get; init; } = "";

    /// <summary>From where on it is critical, likewise.</summary>
    public string Critical { get; init; } = "";

    /// <summary>Reads <c>value[unit];[warn];[crit];[min];[max]</c>; <see langword="null"/> if it is none, or a value that could not be determined (<c>U</c>).</summary>
    public static PluginValue? Parse(string label, ReadOnlySpan<char> text)
    {
        Span<Range> parts = stackalloc Range[6];
        int count = text.Split(parts, ';');
        if (count == 0 || label.Length == 0) return null;
        var value = text[parts[0]].Trim();
        int digits = 0;
        while (digits < value.Length && (char.IsAsciiDigit(value[digits]) || value[digits] is '.' or ',' or '-' or '+' || IsExponent(value, digits))) digits++;
        // Some plugins write the comma of their locale.
        string number = value[..digits].ToString().Replace(',', '.');
        if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double parsed) || !double.IsFinite(parsed)) return null;
        var (factor, unit) = UnitOf(value[digits..].Trim());
        return new PluginValue(label, parsed * factor, unit)
        {
            Warning = count > 1 ? RangeOf(text[parts[1]].Trim().ToString(), factor) : "",
            Critical = count > 2 ? RangeOf(text[parts[2]].Trim().ToString(), factor) : "",
        };
    }

    /// <summary>A range of the guidelines, <c>[@][start:][end]</c> with <c>~</c> for endless, whose numbers have the plugin's unit.</summary>
    private static string RangeOf(string range, double factor)
    {
        string inside = range.StartsWith('@') ? range[1..] : range;
        string[] ends = inside.Split(':');
        for (int i = 0; i < ends.Length; i++)
        {
            if (ends[i] is "" or "~") continue;
            if (!double.TryParse(ends[i].Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out double end) || !double.IsFinite(end * factor)) return range;
            // As decimals people write them: 30 ms are 0.03 s and no 0.029999999999999999.
            ends[i] = (end * factor).ToString("G15", CultureInfo.InvariantCulture);
        }

        return range[..(range.Length - inside.Length)] + string.Join(':', ends);
    }

    private static bool IsExponent(ReadOnlySpan<char> value, int i) =>
        i > 0 && value[i] is 'e' or 'E' && i + 1 < value.Length && (char.IsAsciiDigit(value[i + 1]) || value[i + 1] is '-' or '+');

    /// <summary>Sizes are counted by 1,024, as the Monitoring Plugins themselves do (check_disk, check_swap).</summary>
    private static (double Factor, string Unit) UnitOf(ReadOnlySpan<char> unit) => unit switch
    {
        "s" => (1, "s"),
        "ms" => (1e-3, "s"),
        "us" or "µs" => (1e-6, "s"),
        "ns" => (1e-9, "s"),
        "%" => (1, "%"),
        "B" or "b" => (1, "B"),
        "KB" or "kB" or "KiB" => (1024, "B"),
        "MB" or "MiB" => (1024.0 * 1024, "B"),
        "GB" or "GiB" => (1024.0 * 1024 * 1024, "B"),
        "TB" or "TiB" => (1024.0 * 1024 * 1024 * 1024, "B"),
        _ => (1, ""),
    };
}
