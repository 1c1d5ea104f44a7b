using System.Buffers;

namespace ProdOps.Logging.Receiving.Protocol;

/// <summary>
/// Tells the messages of a syslog stream apart (RFC 6587): each frame is either counted (<c>83 &lt;34&gt;1 …</c>) or ends with a line feed. As rsyslog does, it decides
/// frame by frame, by whether a number comes first. It sees the stream in pieces and keeps no bytes of it.
/// </summary>
internal struct SyslogFramer
{
    /// <summary>A longer message is cut, in bytes. One byte less than a buffer, so that a full buffer without an end is one that is too long.</summary>
    public const int MaximumLength = BufferSize - 1;

    /// <summary>What is not a whole frame in a buffer of this size is cut.</summary>
    public const int BufferSize = 64 * 1024;

    // A number above it cannot be meant as a count: no sender has messages of that size, and a line may well begin with a number.
    private const int MaximumCount = 16 * 1024 * 1024;
    private const int MaximumDigits = 8;

    // RFC 6587, section 3.4.2: senders end a message with a NUL as well.
    private static readonly SearchValues<byte> Ends = SearchValues.Create("\n\0"u8);

    private State _state;
    private int _remaining;
    private int _scanned;

    private enum State
    {
        Start,
        Line,
        Counted,
        RestOfLine,
        RestOfCounted,
    }

    /// <summary>Takes the next message.</summary>
    /// <param name="data">What has come and was not consumed before. It must be given again from there, with more behind it.</param>
    /// <param name="isEnd">Whether nothing comes any more: what is there is a message then.</param>
    /// <param name="frame">The message.</param>
    /// <param name="consumed">How many bytes are done with, whether there is a message or not.</param>
    /// <returns>Whether there is one. Otherwise it needs more data.</returns>
    public bool TryRead(ReadOnlySpan<byte> data, bool isEnd, out Frame frame, out int consumed)
    {
        frame = default;
        consumed = 0;
        while (consumed < data.Length)
        {
            var rest = data[consumed..];
            switch (_state)
            {
                case State.Start:
                    // What some senders put behind a counted message, and empty lines.
                    int empty = rest.IndexOfAnyExcept((byte)'\n', (byte)'\0', (byte)'\r');
                    consumed += empty < 0 ? rest.Length : empty;
                    if (empty >= 0 && !TryStart(rest[empty..], isEnd, ref consumed)) return false;
                    break;
                case State.Line:
                    return TryReadLine(rest, isEnd, ref frame, ref consumed);
                case State.Counted:
                    return TryReadCounted(rest, isEnd, ref frame, ref consumed);
                case State.RestOfLine:
                    int end = rest.IndexOfAny(Ends);
                    consumed += end < 0 ? rest.Length : end + 1;
                    if (end >= 0) _state = State.Start;
                    break;
                default:
                    int skipped = Math.Min(_remaining, rest.Length);
                    consumed += skipped;
                    _remaining -= skipped;
                    if (_remaining == 0) _state = State.Start;
                    break;
            }
        }

        return false;
    }

    /// <summary>Whether the frame is counted.</summary>
    /// <returns>False if more data has to tell.</returns>
    private bool TryStart(ReadOnlySpan<byte> rest, bool isEnd, ref int consumed)
    {
        int digits = 0, count = 0;
        // RFC 6587, section 3.4.1: the first digit is none of 0.
        if (rest[0] != '0')
        {
            while (digits < rest.Length && digits <= MaximumDigits && char.IsAsciiDigit((char)rest[digits])) count = (count * 10) + (rest[digits++] - '0');
        }

        if (digits > 0 && digits == rest.Length && digits <= MaximumDigits && !isEnd) return false;
        if (digits is > 0 and <= MaximumDigits && digits < rest.Length && rest[digits] == ' ' && count <= MaximumCount)
        {
            consumed += digits + 1;
            (_state, _remaining) = (State.Counted, count);
        }
        else
        {
            (_state, _scanned) = (State.Line, 0);
        }

        return true;
    }

    private bool TryReadLine(ReadOnlySpan<byte> rest, bool isEnd, ref Frame frame, ref int consumed)
    {
        // What a sender trickles in is not looked through again from the beginning.
        int end = rest[_scanned..].IndexOfAny(Ends);
        if (end >= 0)
        {
            end += _scanned;
            consumed += end + 1;
            _state = State.Start;
            frame = end > MaximumLength ? new Frame(rest[..MaximumLength], true) : new Frame(rest[..end], false);
            return true;
        }

        if (rest.Length > MaximumLength)
        {
            consumed += rest.Length;
            _state = State.RestOfLine;
            frame = new Frame(rest[..MaximumLength], true);
            return true;
        }

        _scanned = rest.Length;
        return isEnd && TakeAll(rest, ref frame, ref consumed);
    }

    private bool TryReadCounted(ReadOnlySpan<byte> rest, bool isEnd, ref Frame frame, ref int consumed)
    {
        if (_remaining <= MaximumLength && rest.Length >= _remaining)
        {
            consumed += _remaining;
            _state = State.Start;
            frame = new Frame(rest[.._remaining], false);
            return true;
        }

        if (_remaining > MaximumLength && rest.Length >= MaximumLength)
        {
            consumed += MaximumLength;
            _remaining -= MaximumLength;
            _state = State.RestOfCounted;
            frame = new Frame(rest[..MaximumLength], true);
            return true;
        }

        return isEnd && TakeAll(rest, ref frame, ref consumed);
    }

    /// <summary>The connection ended in the middle of a message: what there is of it is better than nothing.</summary>
    private bool TakeAll(ReadOnlySpan<byte> rest, ref Frame frame, ref int consumed)
    {
        consumed += rest.Length;
        _state = State.Start;
        frame = new Frame(rest, false);
        return true;
    }

    /// <summary>A message without its frame. It may be empty.</summary>
    /// <param name="message">The bytes.</param>
    /// <param name="isCut">Whether the message was longer.</param>
    internal readonly ref struct Frame(ReadOnlySpan<byte> message, bool isCut)
    {
        public ReadOnlySpan<byte> Message { get; } = message;

        public bool IsCut { get; } = isCut;
    }
}
