namespace ProdOps.Backup.Databases.Testing;

/// <summary>Rows that a database's client printed.</summary>
/// <param name="Columns">The columns' names.</param>
/// <param name="Rows">The values as text, one for each column; nothing is an empty text.</param>
internal sealed record QueryAnswer(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    public static QueryAnswer Empty { get; } = new([], []);

    /// <summary>The first row's first value; <see langword="null"/> without rows.</summary>
    public string? First => Rows is [[var first, ..], ..] ? first : null;

    /// <summary>Reads comma-separated values with a header (RFC 4180), as psql and sqlite3 print them.</summary>
    public static QueryAnswer FromCsv(string text)
    {
        var records = new List<List<string>>();
        var record = new List<string>();
        var value = new System.Text.StringBuilder();
        bool quoted = false, any = false;
        for (int at = 0; at < text.Length; at++)
        {
            char letter = text[at];
            if (quoted)
            {
                if (letter != '"') value.Append(letter);
                else if (at + 1 < text.Length && text[at + 1] == '"') value.Append(text[at++]);
                else quoted = false;
            }
            else if (letter == '"') quoted = any = true;
            else if (letter == ',') Close();
            else if (letter == '\n') CloseRecord();
            else if (letter != '\r' || at + 1 >= text.Length || text[at + 1] != '\n') value.Append(letter);
        }
        if (value.Length > 0 || record.Count > 0 || any) CloseRecord();
        return From(records);

        void Close()
        {
            record.Add(value.ToString());
            value.Clear();
            any = true;
        }

        void CloseRecord()
        {
            Close();
            records.Add(record);
            record = [];
            any = false;
        }
    }

    /// <summary>Reads values between tabs with a header, as <c>mariadb --batch</c> prints them: <c>\t</c>, <c>\n</c>, <c>\\</c>, <c>\0</c> are escaped.</summary>
    public static QueryAnswer FromBatch(string text) =>
        From([.. Lines(text).Select(line => line.Split('\t').Select(Unescape).ToList())]);

    /// <summary>Each line is a value.</summary>
    public static QueryAnswer FromLines(string text) => new(["value"], [.. Lines(text).Select(line => new[] { line.TrimEnd('\r') })]);

    private static QueryAnswer From(List<List<string>> records)
    {
        if (records.Count == 0) return Empty;
        var columns = records[0];
        // What is no row of this table is of another statement's answer.
        return new QueryAnswer(columns, [.. records.Skip(1).Where(record => record.Count == columns.Count)]);
    }

    private static string[] Lines(string text) => text.Length == 0 ? [] : (text.EndsWith('\n') ? text[..^1] : text).Split('\n');

    private static string Unescape(string value)
    {
        if (!value.Contains('\\')) return value;
        var text = new System.Text.StringBuilder();
        for (int at = 0; at < value.Length; at++)
        {
            if (value[at] != '\\' || at + 1 == value.Length) text.Append(value[at]);
            else text.Append(value[++at] switch { 't' => '\t', 'n' => '\n', '0' => '\0', var other => other });
        }
        return text.ToString();
    }
}
