using System.Globalization;
using ProdOps.Logging.Conditions;
using ProdOps.Logging.Searching;

namespace ProdOps.Logging.Engines.VictoriaLogs;

/// <summary>Counts by time and by fields in the engine, and makes of its answer the groups that the store would make.</summary>
internal sealed class VictoriaLogsGroups(MeasureOptions measure, MeasureTable table)
{
    /// <summary>Whether the engine can count so.</summary>
    public static bool CanCount(MeasureOptions measure) =>
        measure.Property is null && measure.By.All(static field => EntryFields.Find(field) is EntryField.None or EntryField.Server or EntryField.Source or EntryField.Level);

    /// <summary>Where the engine does not know what a group's value is.</summary>
    public static Certainty<LogsQl> Doubt(MeasureOptions measure)
    {
        var result = Certainty<LogsQl>.Always;
        foreach (string field in measure.By)
        {
            if (EntryFields.Find(field) == EntryField.None) result = result.Unless(LogsQlFields.Doubt).Unless(LogsQlFields.IsOtherText(field));
            else if (EntryFields.Find(field) == EntryField.Level) result = result.Unless(LogsQlFields.Foreign);
        }

        return result;
    }

    /// <summary>How the engine is told to count.</summary>
    public string Pipe()
    {
        var by = measure.By.Select(static name => LogsQlText.Quote(NameOf(name))).Distinct().ToList();
        if (measure.Interval is { } interval) by.Insert(0, Bucket(interval.Ticks));
        return by.Count == 0 ? "stats count() \"prodops.n\"" : $"stats by ({string.Join(", ", by)}) count() \"prodops.n\"";
    }

    /// <summary>Adds a row of the answer.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public void Take(Dictionary<string, string> row)
    {
        if (!long.TryParse(row.GetValueOrDefault("prodops.n"), NumberStyles.None, CultureInfo.InvariantCulture, out long count)) throw new FormatException();
        if (count == 0) return;
        long ticks = 0;
        if (measure.Interval is not null && !VictoriaLogsRows.TryTicks(row.GetValueOrDefault("_time", ""), out ticks)) throw new FormatException();
        table.Add(ticks, [.. measure.By.Select(field => Value(field, row.GetValueOrDefault(NameOf(field), "")))], count);
    }

    private static string NameOf(string field) => LogsQlFields.NameOf(field);

    // Intervals begin at year 1 here and at 1970 there.
    private static string Bucket(long interval)
    {
        long offset = (interval - (DateTime.UnixEpoch.Ticks % interval)) % interval;
        return string.Create(CultureInfo.InvariantCulture, $"_time:{interval * 100}ns offset {offset * 100}ns");
    }

    /// <summary>What a value was before it was sent.</summary>
    private static object? Value(string field, string text) => EntryFields.Find(field) switch
    {
        EntryField.Server or EntryField.Source => text,
        EntryField.Level => Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level) ? level : null,
        _ when text.Length == 0 => null,
        _ when text is "true" or "false" => text == "true",
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => whole,
        _ when double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) => number,
        _ when char.IsAsciiDigit(text[0]) || text[0] == '-' => text.EndsWith('s') && decimal.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds)
            ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)) : text,
        _ => text,
    };
}
