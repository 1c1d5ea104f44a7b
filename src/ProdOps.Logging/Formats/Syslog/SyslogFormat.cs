using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats.Syslog;

/// <summary>Syslog as it goes over the network and as rsyslog writes it into files: RFC 3164, RFC 5424, either with the priority or without, times of either kind.</summary>
internal sealed class SyslogFormat : LogFormat, IRecognizesLines
{
    public override string Name => "syslog";

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time)
    {
        bool read = SyslogHeader.TryReadTime(LineText.WithoutReturn(line), context, out var header, out _, out _);
        time = header.Time.GetValueOrDefault();
        return read && header.Time.HasValue;
    }

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time, out LogLevel? level)
    {
        if (SyslogHeader.TryRead(LineText.WithoutReturn(line), context, out var header) && header.Time is { } read)
        {
            time = read;
            level = Level(header, LineText.WithoutReturn(line));
            return true;
        }

        level = ReadLevel(line);
        return TryReadTime(line, context, out time);
    }

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line) =>
        SyslogHeader.TryRead(LineText.WithoutReturn(line), AnyContext.Value, out var header) ? Level(header, LineText.WithoutReturn(line)) : null;

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        line = LineText.WithoutReturn(line);
        if (!SyslogHeader.TryRead(line, context, out var header)) return false;
        header.AddTo(fields, line);
        fields.Level = Level(header, line);
        if (header.StructuredData > 0) StructuredData.Read(line, header.StructuredData, fields);
        return true;
    }

    /// <summary>A priority, or a program behind a host: applications write a time and a level's word that look much the same.</summary>
    public bool Recognizes(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        if (!SyslogHeader.TryRead(LineText.WithoutReturn(line), context, out var header)) return false;
        return header.PriorityLength > 0 || (header.ProgramEnd > header.ProgramStart && LevelText.OfWord(line[header.HostStart..header.HostEnd]) is null);
    }

    /// <summary>The priority's; a file has none, and there the message may begin with a word like <c>error:</c>.</summary>
    internal static LogLevel? Level(in SyslogHeader header, ReadOnlySpan<byte> line) => header.Severity ?? LevelText.AtStart(line[header.Message..]);
}
