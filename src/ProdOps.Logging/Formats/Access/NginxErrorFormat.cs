using ProdOps.Logging.Formats.Times;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats.Access;

/// <summary>
/// nginx's error log: <c>2026/11/04 00:00:05 [error] 771#771: *99 upstream timed out (110: …), client: 192.0.2.7, server: shop, request: "GET / HTTP/1.1"</c>.
/// </summary>
internal sealed class NginxErrorFormat : LogFormat
{
    private const int LevelStart = 21;

    public override string Name => "nginx-error";

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time) => TryReadStart(line, context, out time, out _);

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line) =>
        TryReadStart(line, AnyContext.Value, out _, out int end) ? LevelText.OfWord(line[LevelStart..end]) : null;

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        line = LineText.WithoutReturn(line);
        if (!TryReadStart(line, context, out var time, out int levelEnd)) return false;
        fields.Time = time;
        fields.Level = LevelText.OfWord(line[LevelStart..levelEnd]);
        int at = levelEnd + 2;
        if (at >= line.Length) return false;
        int hash = line[at..].IndexOf((byte)'#');
        if (hash < 0) return false;
        int thread = at + hash + 1;
        int length = line[thread..].IndexOf(": "u8);
        if (length < 0 || !LineText.IsDigits(line.Slice(at, hash)) || !LineText.IsDigits(line.Slice(thread, length))) return false;
        fields.Add("ProcessId", at, hash, FieldKind.Number);
        fields.Add("ThreadId", thread, length, FieldKind.Number);
        at = thread + length + 2;
        if (LineText.Has(line, at, (byte)'*'))
        {
            int end = LineText.WordEnd(line, at);
            fields.AddUnlessNothing(line, "ConnectionId", at + 1, end, FieldKind.Number);
            at = Math.Min(end + 1, line.Length);
        }

        int client = line[at..].IndexOf(", client: "u8);
        int messageEnd = client < 0 ? line.Length : at + client;
        fields.Message = new Field("Message", at, messageEnd - at, FieldKind.Text);
        ReadContext(line, messageEnd, fields);
        return true;
    }

    public override bool IsContinuation(ReadOnlySpan<byte> line) => !TryReadStart(line, AnyContext.Value, out _, out _) && StackTraces.IsContinuation(line);

    private static bool TryReadStart(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time, out int levelEnd)
    {
        time = default;
        levelEnd = 0;
        if (line.Length < LevelStart + 2 || line[4] != '/' || line[LevelStart - 1] != '[' || line[LevelStart - 2] != ' ') return false;
        int close = line[LevelStart..].IndexOf((byte)']');
        levelEnd = LevelStart + close;
        return close > 0 && IsoTime.TryRead(line[..(LevelStart - 2)], context, out time, out _);
    }

    /// <summary>What nginx was at when it happened: <c>, client: …, server: …, request: "…"</c>.</summary>
    private static void ReadContext(ReadOnlySpan<byte> line, int at, FieldList fields)
    {
        while (at + 2 < line.Length && line[at] == ',' && line[at + 1] == ' ')
        {
            int name = at + 2;
            int length = line[name..].IndexOf(": "u8);
            if (length < 0) return;
            int value = name + length + 2;
            int end;
            if (LineText.Has(line, value, (byte)'"'))
            {
                int close = LineText.ClosingQuote(line, ++value);
                if (close < 0) return;
                end = close;
                at = close + 1;
            }
            else
            {
                int comma = line[value..].IndexOf(", "u8);
                at = end = comma < 0 ? line.Length : value + comma;
            }

            Add(line, line.Slice(name, length), value, end, fields);
        }
    }

    private static void Add(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, int start, int end, FieldList fields)
    {
        if (name.SequenceEqual("client"u8)) fields.AddUnlessNothing(line, "ClientIp", start, end, FieldKind.Address);
        else if (name.SequenceEqual("server"u8)) fields.AddUnlessNothing(line, "VirtualHost", start, end);
        else if (name.SequenceEqual("request"u8)) RequestLine.Read(line, start, end, fields);
        else if (name.SequenceEqual("upstream"u8)) fields.AddUnlessNothing(line, "Upstream", start, end);
        else if (name.SequenceEqual("host"u8)) fields.AddUnlessNothing(line, "Host", start, end);
        else if (name.SequenceEqual("referrer"u8)) fields.AddUnlessNothing(line, "Referer", start, end);
    }
}
