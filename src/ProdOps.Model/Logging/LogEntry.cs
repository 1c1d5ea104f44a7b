using System.ComponentModel;

namespace ProdOps;

/// <summary>
/// A line of a log, or several that belong together (a stack trace). Only what is asked for is parsed: an entry that nobody looks into costs its bytes.
/// In PowerShell a field is also a property: <c>$entry.Status</c> is <c>$entry.Fields['Status']</c>.
/// </summary>
public sealed class LogEntry
{
    private readonly ILogLineReader _reader;
    private LogLineContent? _content;

    /// <summary>Makes an entry of a line.</summary>
    /// <param name="line">The bytes, without the last line feed. They are not copied.</param>
    /// <param name="reader">What knows the line's format.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public LogEntry(ReadOnlyMemory<byte> line, ILogLineReader reader)
    {
        Line = line;
        _reader = reader;
    }

    /// <summary>When it was written, by the server's own clock and in its zone. A line without a time has that of the line before.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>When it came here, or <see langword="null"/> where that is not recorded.</summary>
    public DateTimeOffset? ReceivedTime { get; init; }

    /// <summary>The server it is of.</summary>
    public string Server { get; init; } = "";

    /// <summary>The source on the server: <c>nginx-access</c>, <c>syslog</c>, or the file's name.</summary>
    public string Source { get; init; } = "";

    /// <summary>Where the line stands: a reference that stays true.</summary>
    public LogPosition Position { get; init; }

    /// <summary>How severe it is, or <see langword="null"/> if the line does not say.</summary>
    public LogLevel? Level => Content.Level;

    /// <summary>What it says, without the time and the other fields in front. Bytes that are not UTF-8 are U+FFFD.</summary>
    public string Message => Content.Message;

    /// <summary>What its format tells apart, by name whatever the case: numbers, addresses, durations, texts.</summary>
    public IReadOnlyDictionary<string, object> Fields => Content.Fields;

    /// <summary>The whole line as text. Bytes that are not UTF-8 are U+FFFD.</summary>
    public string Raw => field ??= System.Text.Encoding.UTF8.GetString(Line.Span);

    /// <summary>The whole line as it was written, byte for byte.</summary>
    public ReadOnlyMemory<byte> Line { get; }

    /// <summary>Whether <c>-Context</c> brought it and not the search itself.</summary>
    public bool IsContext { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Raw;

    private LogLineContent Content => _content ??= _reader.Read(this);
}

/// <summary>What a line's format makes of it.</summary>
/// <param name="Level">How severe, if the line says so.</param>
/// <param name="Message">What it says.</param>
/// <param name="Fields">Its fields by name.</param>
public sealed record LogLineContent(LogLevel? Level, string Message, IReadOnlyDictionary<string, object> Fields);

/// <summary>What knows a line's format. Any thread may call it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface ILogLineReader
{
    /// <summary>Parses the whole line.</summary>
    /// <param name="entry">The entry; only its line and its time are there yet.</param>
    LogLineContent Read(LogEntry entry);
}

/// <summary>Where a line stands.</summary>
/// <param name="File">The file: a log, or a segment of the store relative to it; empty where there is none.</param>
/// <param name="Offset">The offset of the line's first byte in the file's content, decompressed, in bytes.</param>
public readonly record struct LogPosition(string File, long Offset)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}@{Offset}";
}
