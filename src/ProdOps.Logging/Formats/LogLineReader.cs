using System.Text;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats;

/// <summary>Makes of an entry's line what its format knows of it, when the entry is looked into. Any thread may use it.</summary>
internal sealed class LogLineReader(LogFormat format, TimeContext context) : ILogLineReader
{
    [ThreadStatic]
    private static FieldList? t_fields;

    /// <summary>The format it reads.</summary>
    public LogFormat Format => format;

    public LogLineContent Read(LogEntry entry)
    {
        var line = entry.Line.Span;
        var fields = t_fields ??= new FieldList();
        if (!format.TryReadFields(line, context, fields)) return new LogLineContent(null, Encoding.UTF8.GetString(LineText.WithoutReturn(line)), LineFields.None);
        return new LogLineContent(
            fields.Level,
            ValueObject.Text(line, fields.Message),
            fields.Count == 0 ? LineFields.None : new LineFields(entry.Line, fields.Fields));
    }
}
