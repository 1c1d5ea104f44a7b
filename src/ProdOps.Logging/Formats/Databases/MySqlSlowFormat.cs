using ProdOps.Logging.Formats.Times;

namespace ProdOps.Logging.Formats.Databases;

/// <summary>
/// The slow query log of MySQL and MariaDB: an entry begins with <c># User@Host:</c>, has what is known of the query in lines that begin with <c>#</c>, and the statement last.
/// <c># Time:</c> stands before an entry, in MariaDB before the first one of a second: as a line it goes with the entry above it, and its time is that of the lines below.
/// </summary>
internal sealed class MySqlSlowFormat : LogFormat, IRecognizesLines
{
    private static ReadOnlySpan<byte> Start => "# User@Host: "u8;

    private static ReadOnlySpan<byte> TimeLine => "# Time: "u8;

    private static ReadOnlySpan<byte> Timestamp => "\nSET timestamp="u8;

    public override string Name => "mysql-slow";

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time)
    {
        time = default;
        if (line.StartsWith(TimeLine))
        {
            var text = line[TimeLine.Length..];
            return IsoTime.TryRead(text, context, out time, out _) || NumericTime.TryShortDate(text, context, out time, out _);
        }

        int set = line.StartsWith(Start) ? line.IndexOf(Timestamp) : -1;
        if (set < 0) return false;
        var seconds = line[(set + Timestamp.Length)..];
        int end = seconds.IndexOf((byte)';');
        return end > 0 && NumericTime.TryEpoch(seconds[..end], out time);
    }

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line) => null;

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        bool timed = TryReadTime(line, context, out var time);
        if (timed) fields.Time = time;
        line = LineText.WithoutReturn(line);
        fields.SetMessage(line, 0);
        if (!line.StartsWith(Start)) return timed;
        int at = 0;
        while (LineText.Has(line, at, (byte)'#'))
        {
            int end = LineEnd(line, at);
            if (line[at..].StartsWith(Start)) ReadUser(line, at + Start.Length, end, fields);
            else ReadNumbers(line, at + 1, end, fields);
            at = NextLine(line, at);
        }

        ReadStatement(line, at, fields);
        return true;
    }

    public override bool IsContinuation(ReadOnlySpan<byte> line) => !line.StartsWith(Start);

    /// <summary>Entries, and the three lines that the server writes when it opens the file.</summary>
    public bool Recognizes(ReadOnlySpan<byte> line, TimeContext context, FieldList fields) =>
        line.StartsWith(Start) || TryReadTime(line, context, out _) || line.StartsWith("Tcp port: "u8)
        || (line.StartsWith("Time"u8) && LineText.WithoutReturn(line).EndsWith("Argument"u8)) || line.IndexOf(", Version: "u8) > 0;

    /// <summary><c>app[app] @ web1 [192.0.2.7]  Id:   123</c></summary>
    private static void ReadUser(ReadOnlySpan<byte> line, int at, int end, FieldList fields)
    {
        int bracket = line[at..end].IndexOf((byte)'[');
        int sign = line[at..end].IndexOf(" @ "u8);
        if (bracket < 0 || sign < bracket) return;
        fields.AddUnlessNothing(line, "User", at, at + bracket);
        int host = at + sign + 3;
        int address = line[host..end].IndexOf((byte)'[');
        if (address < 0) return;
        fields.AddUnlessNothing(line, "Host", host, TrimEnd(line, host, host + address));
        int close = line[(host + address)..end].IndexOf((byte)']');
        if (close < 0) return;
        fields.AddUnlessNothing(line, "ClientIp", host + address + 1, host + address + close, FieldKind.Address);
        ReadNumbers(line, host + address + close + 1, end, fields);
    }

    /// <summary><c>Query_time: 2.000123  Lock_time: 0.000045 Rows_sent: 1  Rows_examined: 100</c></summary>
    private static void ReadNumbers(ReadOnlySpan<byte> line, int at, int end, FieldList fields)
    {
        while (at < end)
        {
            int colon = line[at..end].IndexOf(": "u8);
            if (colon < 0) return;
            var name = line.Slice(at, colon);
            name = name[(name.LastIndexOf((byte)' ') + 1)..];
            int value = at + colon + 2;
            while (value < end && line[value] == ' ') value++;
            int valueEnd = value;
            while (valueEnd < end && line[valueEnd] != ' ') valueEnd++;
            // Nothing between: "Schema:   QC_hit: No".
            if (valueEnd > value && line[valueEnd - 1] == ':')
            {
                at = value;
                continue;
            }

            var (field, kind) = Known(name);
            if (field is not null) fields.AddUnlessNothing(line, field, value, valueEnd, kind);
            at = valueEnd;
        }
    }

    private static (string? Name, FieldKind Kind) Known(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("Id"u8) || name.SequenceEqual("Thread_id"u8)) return ("ConnectionId", FieldKind.Number);
        if (name.SequenceEqual("Schema"u8)) return ("Database", FieldKind.Text);
        if (name.SequenceEqual("Query_time"u8)) return ("QueryTime", FieldKind.Seconds);
        if (name.SequenceEqual("Lock_time"u8)) return ("LockTime", FieldKind.Seconds);
        if (name.SequenceEqual("Rows_sent"u8)) return ("RowsSent", FieldKind.Number);
        if (name.SequenceEqual("Rows_examined"u8)) return ("RowsExamined", FieldKind.Number);
        return name.SequenceEqual("Rows_affected"u8) ? ("RowsAffected", FieldKind.Number) : (null, FieldKind.Text);
    }

    /// <summary>Behind <c>use shop;</c> and <c>SET timestamp=…;</c> the statement is the message, up to the time of the entry below.</summary>
    private static void ReadStatement(ReadOnlySpan<byte> line, int at, FieldList fields)
    {
        int below = line.LastIndexOf("\n# Time: "u8);
        if (below >= at) line = LineText.WithoutReturn(line[..below]);
        if (line[at..].StartsWith("use "u8))
        {
            int start = at + 4;
            int end = LineEnd(line, at);
            if (end > start && line[end - 1] == ';') end--;
            if (end - start > 1 && line[start] == '`' && line[end - 1] == '`') (start, end) = (start + 1, end - 1);
            fields.AddUnlessNothing(line, "Database", start, end);
            at = NextLine(line, at);
        }

        if (line[at..].StartsWith(Timestamp[1..])) at = NextLine(line, at);
        fields.SetMessage(line, at < line.Length ? at : 0);
    }

    private static int LineEnd(ReadOnlySpan<byte> line, int at)
    {
        int length = line[at..].IndexOf((byte)'\n');
        int end = length < 0 ? line.Length : at + length;
        return end > at && line[end - 1] == '\r' ? end - 1 : end;
    }

    private static int NextLine(ReadOnlySpan<byte> line, int at)
    {
        int length = line[at..].IndexOf((byte)'\n');
        return length < 0 ? line.Length : at + length + 1;
    }

    private static int TrimEnd(ReadOnlySpan<byte> line, int start, int end)
    {
        while (end > start && line[end - 1] == ' ') end--;
        return end;
    }
}
