using System.Globalization;
using System.Text;

namespace ProdOps.Monitoring.Checks.Plugins;

/// <summary>
/// What a plugin in the manner of Nagios said: how it is, by its exit code; a line; further lines; and performance data behind a bar
/// (Monitoring Plugins Development Guidelines, sections 2 and 2.6).
/// </summary>
internal sealed record PluginOutput(HealthState State, string Text, string More, IReadOnlyList<PluginValue> Values)
{
    private const int MostValues = 1000, LongestText = 1000;

    /// <summary>Reads what a plugin printed. Whatever that is, there is a result.</summary>
    public static PluginOutput Parse(int exitCode, string output)
    {
        string[] lines = output.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n').Split('\n');
        var more = new StringBuilder();
        var data = new StringBuilder();
        var (text, first) = Cut(lines[0]);
        data.Append(first);
        bool isData = false;
        foreach (string line in lines.Skip(1))
        {
            if (isData)
            {
                data.Append(' ').Append(line);
                continue;
            }

            // The first bar below the first line ends the text: all that follows is performance data.
            var (part, rest) = Cut(line);
            more.Append(part).Append('\n');
            isData = line.Contains('|', StringComparison.Ordinal);
            data.Append(' ').Append(rest);
        }

        text = text.Trim();
        var state = exitCode switch { 0 => HealthState.OK, 1 => HealthState.Warning, 2 => HealthState.Critical, _ => HealthState.Unknown };
        if (exitCode is < 0 or > 3) text = $"{(text.Length > 0 ? text + "; " : "")}it ended with {exitCode.ToString(CultureInfo.InvariantCulture)}{Meaning(exitCode)}";
        else if (text.Length == 0) text = "it printed nothing";
        if (text.Length > LongestText) text = text[..LongestText] + "…";
        return new PluginOutput(state, text, more.ToString().TrimEnd('\n'), ParseValues(data.ToString()));
    }

    private static (string Before, string After) Cut(string line)
    {
        int bar = line.IndexOf('|', StringComparison.Ordinal);
        return bar < 0 ? (line, "") : (line[..bar].TrimEnd(), line[(bar + 1)..]);
    }

    private static string Meaning(int exitCode) => exitCode switch
    {
        126 => ": it may not be executed",
        127 => ": it is not there",
        > 128 and < 192 => $", by signal {exitCode - 128}",
        _ => ", which means nothing for a plugin",
    };

    private static List<PluginValue> ParseValues(string data)
    {
        var values = new List<PluginValue>();
        int position = 0;
        while (values.Count < MostValues && TryReadLabel(data, ref position, out string label))
        {
            int end = data.IndexOfAny([' ', '\t'], position);
            if (end < 0) end = data.Length;
            if (PluginValue.Parse(label, data.AsSpan(position, end - position)) is { } value) values.Add(value);
            position = end;
        }

        return values;
    }

    /// <summary>Reads a label and its equals sign; labels with spaces stand in single quotes, and two of those are one.</summary>
    private static bool TryReadLabel(string data, ref int position, out string label)
    {
        label = "";
        while (position < data.Length && char.IsWhiteSpace(data[position])) position++;
        if (position >= data.Length) return false;
        var text = new StringBuilder();
        if (data[position] == '\'')
        {
            for (position++; position < data.Length; position++)
            {
                if (data[position] != '\'') text.Append(data[position]);
                else if (position + 1 < data.Length && data[position + 1] == '\'') text.Append(data[position++]);
                else break;
            }

            position++;
            if (position >= data.Length || data[position] != '=') return false;
        }
        else
        {
            int equals = data.IndexOf('=', position);
            if (equals < 0) return false;
            text.Append(data.AsSpan(position, equals - position).Trim());
            position = equals;
        }

        position++;
        label = text.ToString();
        return true;
    }
}
