using ProdOps.Logging.Formats.Times;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats.Access;

/// <summary>
/// Apache's error log: <c>[Wed Nov 04 00:00:05.123456 2026] [core:error] [pid 123:tid 456] [client 192.0.2.7:51234] AH00124: …, referer: …</c>; before version 2.4
/// with the level alone.
/// </summary>
internal sealed class ApacheErrorFormat : LogFormat
{
    public override string Name => "apache-error";

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time) => TryReadStart(line, context, out time, out _, out _);

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line) =>
        TryReadStart(line, AnyContext.Value, out _, out int start, out int end) ? LevelText.OfWord(line[LevelPart(line, start, end)..end]) : null;

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        line = LineText.WithoutReturn(line);
        if (!TryReadStart(line, context, out var time, out int start, out int end)) return false;
        fields.Time = time;
        int level = LevelPart(line, start, end);
        fields.Level = LevelText.OfWord(line[level..end]);
        if (level > start) fields.AddUnlessNothing(line, "Module", start, level - 1);
        int at = end + 1;
        while (TryBracket(line, ref at, out int inner, out int innerEnd)) AddBracket(line, inner, innerEnd, fields);
        at = Math.Min(at + 1, line.Length);
        // What the system said comes before the client: "(13)Permission denied: [client …] AH00035: …".
        int client = line[at..].IndexOf(" [client "u8);
        if (client >= 0 && LineText.Has(line, at, (byte)'('))
        {
            int bracket = at + client + 1;
            int close = line[bracket..].IndexOf((byte)']');
            if (close > 0) AddBracket(line, bracket + 1, bracket + close, fields);
        }

        int referer = line[at..].LastIndexOf(", referer: "u8);
        int messageEnd = referer < 0 ? line.Length : at + referer;
        if (referer >= 0) fields.AddUnlessNothing(line, "Referer", messageEnd + 11, line.Length);
        int code = line[at..messageEnd].IndexOf("AH"u8);
        if (code >= 0 && messageEnd - at - code > 7 && line[at + code + 7] == ':' && LineText.IsDigits(line.Slice(at + code + 2, 5))) fields.Add("Code", at + code, 7);
        fields.Message = new Field("Message", at, messageEnd - at, FieldKind.Text);
        return true;
    }

    public override bool IsContinuation(ReadOnlySpan<byte> line) => !LineText.Has(line, 0, (byte)'[') && StackTraces.IsContinuation(line);

    /// <summary>The time and, in the next brackets, the level.</summary>
    private static bool TryReadStart(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time, out int start, out int end)
    {
        time = default;
        start = end = 0;
        if (line.Length < 30 || line[0] != '[' || !NamedMonthTime.TryWeekday(line[1..], context, out time, out int length)) return false;
        int at = length + 1;
        if (!LineText.Has(line, at, (byte)']')) return false;
        at++;
        return TryBracket(line, ref at, out start, out end) && end > start && !line[start..end].Contains((byte)' ');
    }

    private static int LevelPart(ReadOnlySpan<byte> line, int start, int end) => start + line[start..end].LastIndexOf((byte)':') + 1;

    private static bool TryBracket(ReadOnlySpan<byte> line, ref int at, out int start, out int end)
    {
        start = at + 2;
        end = start;
        if (!LineText.Has(line, at, (byte)' ') || !LineText.Has(line, at + 1, (byte)'[')) return false;
        int close = line[start..].IndexOf((byte)']');
        if (close < 0) return false;
        end = start + close;
        at = end + 1;
        return true;
    }

    private static void AddBracket(ReadOnlySpan<byte> line, int start, int end, FieldList fields)
    {
        var text = line[start..end];
        if (text.StartsWith("pid "u8))
        {
            int thread = text.IndexOf(":tid "u8);
            fields.AddUnlessNothing(line, "ProcessId", start + 4, thread < 0 ? end : start + thread, FieldKind.Number);
            if (thread >= 0) fields.AddUnlessNothing(line, "ThreadId", start + thread + 5, end, FieldKind.Number);
        }
        else if (text.StartsWith("client "u8) || text.StartsWith("remote "u8))
        {
            int colon = text.LastIndexOf((byte)':');
            // Before version 2.4 there is no port, and an IPv6 address ends in a colon and digits too.
            bool hasPort = colon > 0 && LineText.IsDigits(text[(colon + 1)..]) && (!text[7..colon].Contains((byte)':') || AddressText.TryRead(text[7..colon], out _));
            fields.AddUnlessNothing(line, "ClientIp", start + 7, hasPort ? start + colon : end, FieldKind.Address);
            if (hasPort) fields.AddUnlessNothing(line, "ClientPort", start + colon + 1, end, FieldKind.Number);
        }
    }
}
