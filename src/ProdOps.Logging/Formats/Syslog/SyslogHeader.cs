using ProdOps.Logging.Formats.Times;

namespace ProdOps.Logging.Formats.Syslog;

/// <summary>Where the parts in front of a syslog message stand. An end that is not behind its start: the part is missing.</summary>
internal struct SyslogHeader
{
    private const int LongestTag = 64;

    public DateTimeOffset? Time;

    /// <summary>The digits of the priority, 0 if there is none.</summary>
    public int PriorityLength;

    public int HostStart, HostEnd, ProgramStart, ProgramEnd, ProcessStart, ProcessEnd, IdStart, IdEnd;

    /// <summary>Where RFC 5424's structured data begins, or 0.</summary>
    public int StructuredData;

    public int Message;

    /// <summary>The severity in the priority.</summary>
    public LogLevel? Severity;

    /// <summary>Reads the priority and the time, and nothing behind them.</summary>
    /// <returns>False if there is neither.</returns>
    public static bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out SyslogHeader header, out int at, out bool structured)
    {
        header = default;
        structured = false;
        at = Priority(line, ref header);
        int length;
        DateTimeOffset time;
        if (at >= line.Length) return at > 0;
        if (line.Length - at > 2 && line[at] == '1' && line[at + 1] == ' ')
        {
            at += 2;
            structured = true;
            if (line.Length - at > 1 && line[at] == '-' && line[at + 1] == ' ')
            {
                at++;
                return header.PriorityLength > 0;
            }

            if (!IsoTime.TryRead(line[at..], context, out time, out length) || !LineText.Has(line, at + length, (byte)' ')) return false;
            header.Time = time;
            at += length;
            return true;
        }

        // What comes over the network may have neither time nor name, and is still a message.
        bool read = char.IsAsciiDigit((char)line[at])
            ? IsoTime.TryRead(line[at..], context, out time, out length) && line[at + 10] == 'T'
            : NamedMonthTime.TrySyslog(line[at..], context, out time, out length);
        if (!read) return header.PriorityLength > 0;
        header.Time = time;
        at += length;
        if (LineText.Has(line, at, (byte)':')) at++;
        return at == line.Length || line[at] == ' ';
    }

    public static bool TryRead(ReadOnlySpan<byte> line, TimeContext context, out SyslogHeader header)
    {
        if (!TryReadTime(line, context, out header, out int at, out bool structured)) return false;
        if (structured) return header.ReadStructured(line, at);
        if (header.Time is null)
        {
            header.ReadTag(line, at);
            return true;
        }

        at = SkipSpaces(line, at);
        int end = LineText.WordEnd(line, at);
        // Without a host, as programs write to their own machine's syslog, the tag comes first.
        bool isTag = end > at && (line[end - 1] == ':' || line[end - 1] == ']');
        if (!isTag && end < line.Length)
        {
            header.HostStart = at;
            header.HostEnd = end;
            at = SkipSpaces(line, end);
        }

        header.ReadTag(line, at);
        return true;
    }

    public readonly void AddTo(FieldList fields, ReadOnlySpan<byte> line)
    {
        fields.Time = Time;
        fields.Level = Severity;
        fields.SetMessage(line, Message);
        if (PriorityLength > 0) fields.Add("Facility", 1, PriorityLength, FieldKind.Priority);
        fields.AddUnlessNothing(line, "Host", HostStart, HostEnd);
        fields.AddUnlessNothing(line, "Program", ProgramStart, ProgramEnd);
        if (ProcessEnd > ProcessStart) fields.AddUnlessNothing(line, "ProcessId", ProcessStart, ProcessEnd, ValueKind.Of(line[ProcessStart..ProcessEnd]));
        fields.AddUnlessNothing(line, "MessageId", IdStart, IdEnd);
    }

    private static int Priority(ReadOnlySpan<byte> line, ref SyslogHeader header)
    {
        if (line.Length < 3 || line[0] != '<') return 0;
        int value = 0;
        int at = 1;
        for (; at < line.Length && at < 5; at++)
        {
            uint digit = (uint)line[at] - '0';
            if (digit > 9) break;
            value = value * 10 + (int)digit;
        }

        if (at == 1 || at == 5 || at == line.Length || line[at] != '>' || value > 191) return 0;
        header.PriorityLength = at - 1;
        header.Severity = (LogLevel)(value & 7);
        return at + 1;
    }

    /// <summary>Host, program, process, message id, structured data and message (RFC 5424, section 6).</summary>
    private bool ReadStructured(ReadOnlySpan<byte> line, int at)
    {
        if (!Word(line, ref at, out HostStart, out HostEnd) || !Word(line, ref at, out ProgramStart, out ProgramEnd)
            || !Word(line, ref at, out ProcessStart, out ProcessEnd) || !Word(line, ref at, out IdStart, out IdEnd)) return false;
        if (at >= line.Length)
        {
            Message = line.Length;
            return true;
        }

        at++;
        if (LineText.Has(line, at, (byte)'-'))
        {
            at++;
        }
        else if (LineText.Has(line, at, (byte)'['))
        {
            StructuredData = at;
            at = Syslog.StructuredData.Read(line, at, null);
        }

        // rsyslog writes the space that RFC 3164 has between tag and message as part of the message.
        at = SkipSpaces(line, at);
        if (at < line.Length && line[at..].StartsWith("\uFEFF"u8)) at += 3;
        Message = at;
        return true;
    }

    private static bool Word(ReadOnlySpan<byte> line, ref int at, out int start, out int end)
    {
        start = Math.Min(at + 1, line.Length);
        end = start;
        if (!LineText.Has(line, at, (byte)' ')) return false;
        end = at = LineText.WordEnd(line, start);
        return end > start;
    }

    /// <summary><c>sshd[4711]: </c>, and what it leaves is the message.</summary>
    private void ReadTag(ReadOnlySpan<byte> line, int at)
    {
        Message = at;
        var rest = line[at..];
        if (rest.Length > LongestTag) rest = rest[..LongestTag];
        int end = rest.IndexOfAny((byte)':', (byte)'[', (byte)' ');
        if (end <= 0 || rest[end] == ' ') return;
        int behind = at + end;
        if (rest[end] == '[')
        {
            int close = rest[end..].IndexOf((byte)']');
            if (close < 1 || rest.Slice(end, close).Contains((byte)' ')) return;
            ProcessStart = behind + 1;
            ProcessEnd = behind + close;
            behind = ProcessEnd + 1;
            if (LineText.Has(line, behind, (byte)':')) behind++;
        }
        else
        {
            behind++;
            if (behind < line.Length && line[behind] is not ((byte)' ' or (byte)'[')) return;
        }

        ProgramStart = at;
        ProgramEnd = at + end;
        Message = SkipSpaces(line, behind);
    }

    private static int SkipSpaces(ReadOnlySpan<byte> line, int at)
    {
        while (LineText.Has(line, at, (byte)' ')) at++;
        return at;
    }
}
