namespace ProdOps.Logging.Formats;

/// <summary>What a value is.</summary>
internal enum FieldKind : byte
{
    /// <summary>Text, as it stands in the line.</summary>
    Text,

    /// <summary>A number: it becomes a <see cref="long"/>, or a <see cref="double"/> if it has a point or an exponent or is too large.</summary>
    Number,

    /// <summary>An IPv4 or IPv6 address.</summary>
    Address,

    /// <summary>A number of seconds, with a point or without, that becomes a <see cref="TimeSpan"/>.</summary>
    Seconds,

    /// <summary>A number of milliseconds that becomes a <see cref="TimeSpan"/>.</summary>
    Milliseconds,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>A text between quotes with the escapes of JSON in it; the quotes are not part of it.</summary>
    JsonText,

    /// <summary>A text as an array of bytes in JSON, without the brackets: <c>104,105</c>. So journald writes what is not UTF-8.</summary>
    JsonBytes,

    /// <summary>A text in which a backslash guards a quote, a bracket and itself, and nothing else (RFC 5424, section 6.3.3).</summary>
    GuardedText,

    /// <summary>A text in which a quote is written twice, as in CSV.</summary>
    CsvText,

    /// <summary>Syslog's priority, of which the facility is wanted: its name.</summary>
    Priority,

    /// <summary>The number of a syslog facility, which becomes its name.</summary>
    Facility,
}

/// <summary>A field: its name and where its value stands in the line.</summary>
internal readonly record struct Field(string Name, int Start, int Length, FieldKind Kind);

/// <summary>The parts of one line, as places in it. One is used for line after line by one thread: nothing is allocated.</summary>
internal sealed class FieldList
{
    private Field[] _fields = new Field[32];

    /// <summary>When the line was written, if it says so.</summary>
    public DateTimeOffset? Time { get; set; }

    /// <summary>How severe the line is, if it says so.</summary>
    public LogLevel? Level { get; set; }

    /// <summary>Where the message stands; all of the line if the format has no message.</summary>
    public Field Message { get; set; }

    public ReadOnlySpan<Field> Fields => _fields.AsSpan(0, Count);

    public int Count { get; private set; }

    public void Clear()
    {
        Count = 0;
        Time = null;
        Level = null;
        Message = default;
    }

    public void Add(string name, int start, int length, FieldKind kind = FieldKind.Text)
    {
        if (Count == _fields.Length) Array.Resize(ref _fields, Count * 2);
        _fields[Count++] = new Field(name, start, length, kind);
    }
}
