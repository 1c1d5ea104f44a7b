namespace ProdOps.Logging.Receiving.Protocol;

/// <summary>
/// Tells the frames of RELP apart, the Reliable Event Logging Protocol: <c>TXNR SP COMMAND SP DATALEN [SP DATA] LF</c>. It sees the stream in pieces and keeps no bytes of it.
/// </summary>
internal struct RelpFramer
{
    private const int MaximumDigits = 9;
    private const int MaximumCommandLength = 32;
    private const int MaximumHeaderLength = MaximumDigits + 1 + MaximumCommandLength + 1 + MaximumDigits;

    // More is not a message: the connection is of no use any more.
    private const int MaximumDataLength = 16 * 1024 * 1024;

    private State _state;
    private int _number;
    private RelpCommand _command;
    private int _remaining;

    private enum State
    {
        Header,
        Data,
        RestOfData,
        End,
    }

    /// <summary>Takes the next frame.</summary>
    /// <param name="data">What has come and was not consumed before. It must be given again from there, with more behind it.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="consumed">How many bytes are done with, whether there is a frame or not.</param>
    public RelpReading Read(ReadOnlySpan<byte> data, out RelpFrame frame, out int consumed)
    {
        frame = default;
        consumed = 0;
        while (true)
        {
            var rest = data[consumed..];
            switch (_state)
            {
                case State.Header:
                    // librelp ends some frames with two line feeds.
                    int feeds = rest.Length - rest.TrimStart((byte)'\n').Length;
                    rest = rest[feeds..];
                    consumed += feeds;
                    int end = FindHeaderEnd(rest);
                    if (end < 0) return rest.Length > MaximumHeaderLength ? RelpReading.Invalid : RelpReading.NeedsMore;
                    if (!TryReadHeader(rest[..end]) || (_remaining > 0 && rest[end] == '\n')) return RelpReading.Invalid;
                    // The separator is the frame's end where there are no data.
                    consumed += rest[end] == ' ' ? end + 1 : end;
                    _state = State.Data;
                    break;
                case State.Data:
                    return ReadData(rest, ref frame, ref consumed);
                case State.RestOfData:
                    int skipped = Math.Min(_remaining, rest.Length);
                    consumed += skipped;
                    _remaining -= skipped;
                    if (_remaining > 0) return RelpReading.NeedsMore;
                    _state = State.End;
                    break;
                default:
                    if (rest.IsEmpty) return RelpReading.NeedsMore;
                    if (rest[0] != '\n') return RelpReading.Invalid;
                    consumed++;
                    _state = State.Header;
                    break;
            }
        }
    }

    private RelpReading ReadData(ReadOnlySpan<byte> rest, ref RelpFrame frame, ref int consumed)
    {
        // A message that is too long is handed on when the buffer is full; its end is checked when it has come.
        if (_remaining > SyslogFramer.MaximumLength)
        {
            if (rest.Length < SyslogFramer.MaximumLength) return RelpReading.NeedsMore;
            frame = new RelpFrame(_number, _command, rest[..SyslogFramer.MaximumLength], isCut: true);
            consumed += SyslogFramer.MaximumLength;
            _remaining -= SyslogFramer.MaximumLength;
            _state = State.RestOfData;
            return RelpReading.Frame;
        }

        if (rest.Length <= _remaining) return RelpReading.NeedsMore;
        if (rest[_remaining] != '\n') return RelpReading.Invalid;
        frame = new RelpFrame(_number, _command, rest[.._remaining], isCut: false);
        consumed += _remaining + 1;
        _state = State.Header;
        return RelpReading.Frame;
    }

    /// <summary>Where the third word ends.</summary>
    private static int FindHeaderEnd(ReadOnlySpan<byte> rest)
    {
        int spaces = 0;
        for (int i = 0; i < rest.Length && i <= MaximumHeaderLength; i++)
        {
            if (rest[i] == '\n' || (rest[i] == ' ' && ++spaces == 3)) return i;
        }

        return -1;
    }

    private bool TryReadHeader(ReadOnlySpan<byte> header)
    {
        int first = header.IndexOf((byte)' ');
        int second = first < 0 ? -1 : header[(first + 1)..].IndexOf((byte)' ') + first + 1;
        if (second <= first) return false;
        var name = header[(first + 1)..second];
        if (name.IsEmpty || name.Length > MaximumCommandLength) return false;
        _command = name switch
        {
            _ when name.SequenceEqual("syslog"u8) => RelpCommand.Syslog,
            _ when name.SequenceEqual("open"u8) => RelpCommand.Open,
            _ when name.SequenceEqual("close"u8) => RelpCommand.Close,
            _ when name.SequenceEqual("rsp"u8) => RelpCommand.Response,
            _ => RelpCommand.Unknown,
        };
        return TryReadNumber(header[..first], out _number) && TryReadNumber(header[(second + 1)..], out _remaining)
            && _remaining <= (_command == RelpCommand.Syslog ? MaximumDataLength : SyslogFramer.MaximumLength);
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        if (text.Length is 0 or > MaximumDigits) return false;
        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit)) return false;
            number = (number * 10) + (digit - '0');
        }

        return true;
    }
}

/// <summary>What came of reading.</summary>
internal enum RelpReading
{
    NeedsMore,
    Frame,

    /// <summary>It is not RELP: nothing after it can be read.</summary>
    Invalid,
}

/// <summary>What a frame asks for.</summary>
internal enum RelpCommand
{
    Unknown,
    Open,
    Close,
    Syslog,
    Response,
}

/// <summary>A frame.</summary>
/// <param name="number">The transaction's number, which the response carries.</param>
/// <param name="command">What it asks for.</param>
/// <param name="data">What is with it.</param>
/// <param name="isCut">Whether there was more of it.</param>
internal readonly ref struct RelpFrame(int number, RelpCommand command, ReadOnlySpan<byte> data, bool isCut)
{
    public int Number { get; } = number;

    public RelpCommand Command { get; } = command;

    public ReadOnlySpan<byte> Data { get; } = data;

    public bool IsCut { get; } = isCut;
}
