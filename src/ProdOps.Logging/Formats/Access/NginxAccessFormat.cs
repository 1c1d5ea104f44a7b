namespace ProdOps.Logging.Formats.Access;

/// <summary>
/// nginx's "combined" access log, with what is often put behind it: the forwarded client in quotes, the request's and the upstream's seconds, or pairs like <c>rt=0.012</c>.
/// </summary>
internal sealed class NginxAccessFormat : LogFormat
{
    public override string Name => "nginx-access";

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time) => AccessLine.TryReadTime(line, context, out time);

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line) => AccessLine.ReadLevel(LineText.WithoutReturn(line));

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time, out LogLevel? level) => AccessLine.TryReadTime(line, context, out time, out level);

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        line = LineText.WithoutReturn(line);
        int at = 0;
        if (AccessLine.TryRead(line, ref at, context, fields) != AccessShape.Combined) return false;
        AccessExtras.Read(line, at, fields);
        return true;
    }
}
