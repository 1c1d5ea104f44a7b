using ProdOps.Logging.Formats.Times;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats.Databases;

/// <summary>
/// The error log of MySQL and MariaDB: <c>2026-11-04T00:00:05.123456Z 0 [Warning] [MY-010068] [Server] CA certificate ca.pem is self signed.</c>,
/// <c>2026-11-04  0:00:05 0 [Note] InnoDB: …</c>, <c>261104  0:00:05 [ERROR] …</c>.
/// </summary>
internal sealed class MySqlErrorFormat : LogFormat
{
    public override string Name => "mysql-error";

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time) => TryReadTime(line, context, out time, out _);

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line)
    {
        if (!TryReadTime(line, AnyContext.Value, out _, out int at)) return null;
        Thread(line, ref at, out _, out _);
        return TryBracket(line, ref at, out int start, out int end) ? Level(line[start..end]) : null;
    }

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        line = LineText.WithoutReturn(line);
        if (!TryReadTime(line, context, out var time, out int at)) return false;
        fields.Time = time;
        Thread(line, ref at, out int thread, out int threadEnd);
        fields.AddUnlessNothing(line, "ThreadId", thread, threadEnd, FieldKind.Number);
        if (!TryBracket(line, ref at, out int start, out int end)) return false;
        fields.Level = Level(line[start..end]);
        if (fields.Level is null) return false;
        if (line[at..].StartsWith(" [MY-"u8) && TryBracket(line, ref at, out start, out end))
        {
            fields.Add("Code", start, end - start);
            if (TryBracket(line, ref at, out start, out end)) fields.Add("Subsystem", start, end - start);
        }

        fields.SetMessage(line, at + 1);
        return true;
    }

    public override bool IsContinuation(ReadOnlySpan<byte> line) => StackTraces.IsContinuation(line);

    private static LogLevel? Level(ReadOnlySpan<byte> word) => word.SequenceEqual("System"u8) ? LogLevel.Informational : LevelText.OfWord(word);

    private static bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time, out int length) =>
        IsoTime.TryRead(line, context, out time, out length) || NumericTime.TryShortDate(line, context, out time, out length);

    private static void Thread(ReadOnlySpan<byte> line, ref int at, out int start, out int end)
    {
        start = end = at + 1;
        if (!LineText.Has(line, at, (byte)' ')) return;
        while (end < line.Length && char.IsAsciiDigit((char)line[end])) end++;
        if (end > start) at = end;
    }

    private static bool TryBracket(ReadOnlySpan<byte> line, ref int at, out int start, out int end)
    {
        start = end = at + 2;
        if (!LineText.Has(line, at, (byte)' ') || !LineText.Has(line, at + 1, (byte)'[')) return false;
        int length = line[start..].IndexOf((byte)']');
        if (length <= 0) return false;
        end = start + length;
        at = end + 1;
        return true;
    }
}
