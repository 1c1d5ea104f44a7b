namespace ProdOps.Logging.Formats.Proxies;

/// <summary>
/// HAProxy's log of requests, or of connections. Either format reads the lines of both, since one process writes both, and what HAProxy says of itself as syslog's lines;
/// what it is called for decides which one a source is given.
/// </summary>
internal sealed class HaproxyFormat(string name, HaproxyShape shape) : LogFormat, IRecognizesLines
{
    public override string Name => name;

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time)
    {
        var found = new HaproxyLine(LineText.WithoutReturn(line), context).Time;
        time = found.GetValueOrDefault();
        return found.HasValue;
    }

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time, out LogLevel? level)
    {
        var found = new HaproxyLine(LineText.WithoutReturn(line), context);
        time = found.Time.GetValueOrDefault();
        // What has a time that cannot be completed here may still be a line with a level.
        level = found.Time.HasValue ? found.Level : ReadLevel(line);
        return found.Time.HasValue;
    }

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line) => new HaproxyLine(LineText.WithoutReturn(line), AnyContext.Value).Level;

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        return new HaproxyLine(LineText.WithoutReturn(line), context).AddTo(fields);
    }

    public bool Recognizes(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        var found = new HaproxyLine(LineText.WithoutReturn(line), context).Shape;
        return found == shape || (shape == HaproxyShape.Http && found == HaproxyShape.Tcp);
    }
}
