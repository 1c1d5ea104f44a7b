using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats;

/// <summary>
/// Reads fields of line after line without an allocation, for conditions on them. One thread at a time; another takes its own.
/// </summary>
internal sealed class FieldReader(LogFormat format, TimeContext context)
{
    private readonly FieldList _fields = new();
    private byte[] _scratch = new byte[256];
    private bool _read;

    /// <summary>The time of the line that was read last, if it says so.</summary>
    public DateTimeOffset? Time => _read ? _fields.Time : null;

    /// <summary>The level of the line that was read last, if it says so.</summary>
    public LogLevel? Level => _read ? _fields.Level : null;

    /// <summary>The fields of the line that was read last.</summary>
    public ReadOnlySpan<Field> Fields => _read ? _fields.Fields : default;

    /// <summary>Parses a line. It must stay as it is while its values are asked for.</summary>
    /// <returns>False if it is not of the format: it has no fields then, and its message is all of it.</returns>
    public bool Read(ReadOnlySpan<byte> line) => _read = format.TryReadFields(line, context, _fields);

    /// <summary>A field of the line that was read last.</summary>
    /// <param name="line">That line.</param>
    /// <param name="name">The field's name, in any case.</param>
    /// <param name="value">The value; it lasts until the next call.</param>
    public bool TryGet(ReadOnlySpan<byte> line, string name, out FieldValue value)
    {
        foreach (ref readonly var field in Fields)
        {
            if (!IsNamed(field, name)) continue;
            value = Value(line, field);
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The message of the line that was read last: all of it if it is not of the format.</summary>
    public ReadOnlySpan<byte> Message(ReadOnlySpan<byte> line) => _read ? Value(line, _fields.Message).Text : LineText.WithoutReturn(line);

    internal static bool IsNamed(in Field field, string name) =>
        ReferenceEquals(field.Name, name) || (field.Name.Length == name.Length && field.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private FieldValue Value(ReadOnlySpan<byte> line, scoped in Field field)
    {
        if (_scratch.Length < field.Length && EscapedText.IsEscaped(field.Kind)) _scratch = new byte[field.Length * 2];
        return FieldValue.Read(line, field, _scratch);
    }
}
