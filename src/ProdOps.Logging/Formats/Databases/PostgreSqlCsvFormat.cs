using ProdOps.Logging.Formats.Times;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats.Databases;

/// <summary>PostgreSQL's csvlog (manual, section 20.8.4). A statement of several lines makes an entry of several lines.</summary>
internal sealed class PostgreSqlCsvFormat : LogFormat
{
    private const int SeverityColumn = 11;
    private const int MessageColumn = 13;

    /// <summary>The columns in their order; empty where a column is something else than a field of its own.</summary>
    private static readonly (string Name, FieldKind Kind)[] Columns =
    [
        ("", FieldKind.Text), ("User", FieldKind.Text), ("Database", FieldKind.Text), ("ProcessId", FieldKind.Number), ("Client", FieldKind.Text), ("SessionId", FieldKind.Text),
        ("SessionLine", FieldKind.Number), ("CommandTag", FieldKind.Text), ("SessionStart", FieldKind.Text), ("VirtualTransactionId", FieldKind.Text), ("TransactionId", FieldKind.Number),
        ("Severity", FieldKind.Text), ("SqlState", FieldKind.Text), ("", FieldKind.Text), ("Detail", FieldKind.Text), ("Hint", FieldKind.Text), ("InternalQuery", FieldKind.Text),
        ("InternalQueryPosition", FieldKind.Number), ("Context", FieldKind.Text), ("Statement", FieldKind.Text), ("StatementPosition", FieldKind.Number), ("Location", FieldKind.Text),
        ("Application", FieldKind.Text), ("BackendType", FieldKind.Text), ("LeaderProcessId", FieldKind.Number), ("QueryId", FieldKind.Number),
    ];

    public override string Name => "postgresql-csv";

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time) =>
        IsoTime.TryRead(line, context, out time, out int length) && LineText.Has(line, length, (byte)',');

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line)
    {
        int at = 0;
        int start = 0, end = 0;
        for (int column = 0; column <= SeverityColumn; column++)
        {
            if (!TryColumn(line, ref at, out start, out end, out _)) return null;
        }

        return LevelText.OfWord(line[start..end]);
    }

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        line = LineText.WithoutReturn(line);
        if (!TryReadTime(line, context, out var time)) return false;
        fields.Time = time;
        int at = 0;
        int column = 0;
        while (column < Columns.Length && TryColumn(line, ref at, out int start, out int end, out bool quoted))
        {
            var (name, kind) = Columns[column];
            if (quoted && line[start..end].Contains((byte)'"')) kind = FieldKind.CsvText;
            if (column == SeverityColumn) fields.Level = LevelText.OfWord(line[start..end]);
            if (column == MessageColumn) fields.Message = new Field("Message", start, end - start, kind);
            else if (name == "Client") AddClient(line, start, end, fields);
            else if (name.Length > 0 && end > start) fields.Add(name, start, end - start, kind);
            column++;
        }

        return column > MessageColumn;
    }

    /// <summary>What does not begin with a date: a quoted column has line feeds in it.</summary>
    public override bool IsContinuation(ReadOnlySpan<byte> line) => !TryReadTime(line, AnyContext.Value, out _);

    private static void AddClient(ReadOnlySpan<byte> line, int start, int end, FieldList fields)
    {
        int colon = line[start..end].LastIndexOf((byte)':');
        fields.AddUnlessNothing(line, "ClientIp", start, colon < 0 ? end : start + colon, FieldKind.Address);
        if (colon >= 0) fields.AddUnlessNothing(line, "ClientPort", start + colon + 1, end, FieldKind.Number);
    }

    /// <summary>The next column. A quote that nothing closes goes to the end: the entry goes on in the next line.</summary>
    private static bool TryColumn(ReadOnlySpan<byte> line, ref int at, out int start, out int end, out bool quoted)
    {
        start = end = Math.Min(at, line.Length);
        quoted = LineText.Has(line, at, (byte)'"');
        if (at > line.Length) return false;
        if (!quoted)
        {
            int comma = line[at..].IndexOf((byte)',');
            end = comma < 0 ? line.Length : at + comma;
            at = end + 1;
            return true;
        }

        start++;
        int from = start;
        while (true)
        {
            int quote = line[from..].IndexOf((byte)'"');
            end = quote < 0 ? line.Length : from + quote;
            if (quote < 0 || !LineText.Has(line, end + 1, (byte)'"')) break;
            from = end + 2;
        }

        at = end + 2;
        return true;
    }
}
