using System.Globalization;
using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Inventory.Data;

/// <summary>Writes what <see cref="DataParser"/> reads, for people to edit: a key a line with the equal signs in one column, short tables and lists on one line, long texts as here-strings.</summary>
internal sealed class DataWriter
{
    private const int Width = 140, Indent = 4;

    private readonly StringBuilder _text = new();

    private DataWriter()
    {
    }

    /// <summary>The text of a file.</summary>
    /// <param name="comments">Lines for its top.</param>
    /// <param name="table">What it says. Values are texts, whole numbers, truth values, tables (<see cref="WrittenTable"/>), and lists of texts or of tables.</param>
    public static string Write(IEnumerable<string> comments, WrittenTable table)
    {
        var writer = new DataWriter();
        foreach (string comment in comments) writer._text.Append("# ").Append(comment).Append('\n');
        writer.WriteTable(table, 0);
        return writer._text.Append('\n').ToString();
    }

    /// <summary>A text in single quotes, in which nothing is special but quotes themselves, typographic ones too.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (char c in text)
        {
            if (PowerShellQuote.IsSingleQuote(c)) quoted.Append(c);
            quoted.Append(c);
        }

        return quoted.Append('\'').ToString();
    }

    private void WriteTable(WrittenTable table, int depth)
    {
        if (table.Entries.Count == 0)
        {
            _text.Append("@{}");
            return;
        }

        _text.Append("@{\n");
        int widest = table.Entries.Max(entry => KeyText(entry.Key).Length);
        foreach (var (key, value) in table.Entries)
        {
            _text.Append(' ', (depth + 1) * Indent).Append(KeyText(key).PadRight(widest)).Append(" = ");
            WriteValue(value, depth + 1, (depth + 1) * Indent + widest + 3);
            _text.Append('\n');
        }

        _text.Append(' ', depth * Indent).Append('}');
    }

    private void WriteValue(object value, int depth, int column)
    {
        if (OneLine(value) is { } line && column + line.Length <= Width) _text.Append(line);
        else if (value is WrittenTable table) WriteTable(table, depth);
        else if (value is string text) _text.Append(TextOf(text));
        else WriteList([.. ((System.Collections.IEnumerable)value).Cast<object>()], depth);
    }

    private void WriteList(IReadOnlyList<object> items, int depth)
    {
        _text.Append("@(\n");
        foreach (object item in items)
        {
            _text.Append(' ', (depth + 1) * Indent);
            WriteValue(item, depth + 1, (depth + 1) * Indent);
            _text.Append('\n');
        }

        _text.Append(' ', depth * Indent).Append(')');
    }

    /// <summary>The value on one line; <see langword="null"/> where it needs several.</summary>
    private static string? OneLine(object value)
    {
        switch (value)
        {
            case string text:
                string written = TextOf(text);
                return written.Contains('\n') ? null : written;
            case bool truth:
                return truth ? "$true" : "$false";
            case int or long:
                return Convert.ToString(value, CultureInfo.InvariantCulture);
            case WrittenTable { IsBlock: true }:
                return null;
            case WrittenTable table:
                var entries = table.Entries.Select(entry => OneLine(entry.Value) is { } one ? $"{KeyText(entry.Key)} = {one}" : null).ToArray();
                return entries.Length == 0 ? "@{}" : entries.Contains(null) ? null : $"@{{ {string.Join("; ", entries)} }}";
            case System.Collections.IEnumerable list:
                var items = list.Cast<object>().Select(OneLine).ToArray();
                return items.Length == 0 ? "@()" : items.Contains(null) ? null : string.Join(", ", items);
            default:
                throw new ArgumentException($"A data file cannot hold a {value.GetType()}.", nameof(value));
        }
    }

    private static string KeyText(string key) => key.Length > 0 && char.IsAsciiLetter(key[0]) && key.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_') ? key : TextOf(key);

    private static string TextOf(string text)
    {
        if (text.Any(static c => char.IsControl(c) && c is not ('\n' or '\t'))) return Escaped(text);
        if (!text.Contains('\n')) return Quote(text);
        // A line that begins as the end of a here-string would end it.
        bool ends = text.Split('\n').Any(static line => line.Length > 1 && line[1] == '@' && PowerShellQuote.IsSingleQuote(line[0]));
        return ends ? Escaped(text) : $"@'\n{text}\n'@";
    }

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder("\"");
        foreach (char c in text)
        {
            _ = c switch
            {
                '\n' => escaped.Append("`n"),
                '\r' => escaped.Append("`r"),
                '\t' => escaped.Append("`t"),
                '`' or '$' or '"' or '\u201C' or '\u201D' or '\u201E' => escaped.Append('`').Append(c),
                _ when char.IsControl(c) => escaped.Append(CultureInfo.InvariantCulture, $"`u{{{(int)c:X}}}"),
                _ => escaped.Append(c),
            };
        }

        return escaped.Append('"').ToString();
    }
}

/// <summary>A table that is to be written.</summary>
internal sealed class WrittenTable
{
    private readonly List<(string Key, object Value)> _entries = [];

    public IReadOnlyList<(string Key, object Value)> Entries => _entries;

    /// <summary>True to give each key a line, however short they are.</summary>
    public bool IsBlock { get; init; }

    /// <summary>Adds a key. Without a value it is left out, and so is an empty list.</summary>
    public WrittenTable Add(string key, object? value)
    {
        if (value is not null and not System.Collections.ICollection { Count: 0 } || value is string) _entries.Add((key, value!));
        return this;
    }

    /// <summary>Adds a key, also with an empty list.</summary>
    public WrittenTable AddAlways(string key, object value)
    {
        _entries.Add((key, value));
        return this;
    }
}
