using ProdOps.Logging.Formats.Times;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats.Databases;

/// <summary>
/// PostgreSQL's log to stderr: a time, whatever log_line_prefix has behind it, and the severity: <c>2026-11-04 00:00:05.123 CET [771] jo@shop ERROR:  relation "x" does not exist</c>.
/// What explains a message (DETAIL, HINT, STATEMENT) is a line of its own; further lines of one begin with a tab.
/// </summary>
internal sealed class PostgreSqlFormat : LogFormat
{
    public override string Name => "postgresql";

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time) => TryReadStart(line, context, out time, out _);

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line) =>
        TryReadStart(line, AnyContext.Value, out _, out int at) && TrySeverity(line, at, out int severity, out int end) ? LevelText.OfWord(line[severity..end]) : null;

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        line = LineText.WithoutReturn(line);
        if (!TryReadStart(line, context, out var time, out int at) || !TrySeverity(line, at, out int severity, out int end)) return false;
        fields.Time = time;
        fields.Level = LevelText.OfWord(line[severity..end]);
        PostgreSqlPrefix.Read(line, at, severity, fields);
        fields.Add("Severity", severity, end - severity);
        int message = end + 3;
        fields.SetMessage(line, message);
        AddDuration(line, message, fields);
        return true;
    }

    public override bool IsContinuation(ReadOnlySpan<byte> line) => LineText.Has(line, 0, (byte)'\t');

    private static bool TryReadStart(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time, out int at)
    {
        int start = LineText.Has(line, 0, (byte)'[') ? 1 : 0;
        if (!AnyTime.TryRead(line[start..], context, out time, out int length))
        {
            at = 0;
            return false;
        }

        at = start + length;
        return true;
    }

    /// <summary>The first word in capitals with a colon and two spaces behind it, which no prefix has: in whatever language.</summary>
    private static bool TrySeverity(ReadOnlySpan<byte> line, int at, out int start, out int end)
    {
        start = end = 0;
        for (int tries = 0; tries < 3; tries++)
        {
            int colon = line[at..].IndexOf(":  "u8);
            if (colon < 0) return false;
            end = at + colon;
            start = end;
            while (start > at && line[start - 1] is (>= (byte)'A' and <= (byte)'Z') or (>= (byte)'0' and <= (byte)'9') or >= 0x80) start--;
            if (end - start is >= 3 and <= 24 && (start == 0 || line[start - 1] is (byte)' ' or (byte)':' or (byte)']')) return true;
            at = end + 3;
        }

        return false;
    }

    /// <summary><c>duration: 12.345 ms  statement: …</c></summary>
    private static void AddDuration(ReadOnlySpan<byte> line, int message, FieldList fields)
    {
        if (!line[message..].StartsWith("duration: "u8)) return;
        int number = message + 10;
        int end = LineText.WordEnd(line, number);
        if (line[end..].StartsWith(" ms"u8)) fields.AddUnlessNothing(line, "Duration", number, end, FieldKind.Milliseconds);
    }
}
