using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace ProdOps.LoadBalancing.Load;

/// <summary>
/// Reads one answer of HTTP/1.1 (RFC 9112) after the other from bytes as they come, without any I/O and without keeping them: it needs to know where an answer ends, what its status
/// is, whether the connection can be used again, and one header that says who answered. What two readers could understand differently is refused, as in request smuggling.
/// </summary>
/// <param name="isHead">The answers are to HEAD and have no body, whatever their headers say.</param>
/// <param name="headers">Names of headers that say who answered; of several the last counts.</param>
/// <param name="cookie">The name of a cookie that says who answered, or <see langword="null"/>.</param>
internal sealed class ResponseParser(bool isHead, IReadOnlyList<string> headers, string? cookie)
{
    /// <summary>The longest line of a head. A buffer of this size always holds the line that <see cref="Read"/> waits for.</summary>
    public const int MaximumLine = 16 * 1024;

    private const int MaximumHead = 64 * 1024;
    private const int MaximumServer = 128;

    private readonly byte[][] _names = [.. headers.Select(Encoding.ASCII.GetBytes)];
    private readonly byte[]? _cookie = cookie is null ? null : Encoding.ASCII.GetBytes(cookie);
    private readonly byte[] _server = new byte[MaximumServer];
    private int _serverLength, _headLength;
    private State _state;
    private long _left;
    private bool _isHttp10, _chunked, _keepAlive, _close, _otherCoding;
    private long? _length;

    private enum State { Status, Headers, Fixed, ChunkSize, Chunk, ChunkEnd, Trailers, UntilClose, Complete, Broken }

    /// <summary>The answer's status; 0 until it has come.</summary>
    public int Status { get; private set; }

    /// <summary>Why the answer is none; <see langword="null"/> if it is well so far.</summary>
    public string? Problem { get; private set; }

    public bool IsComplete => _state == State.Complete;

    /// <summary>True once any byte of an answer has come.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>True if the connection can carry another request after this answer.</summary>
    public bool KeepsAlive { get; private set; }

    /// <summary>Who answered, by the header or the cookie; empty if neither came. At most 128 bytes.</summary>
    public ReadOnlySpan<byte> Server => _server.AsSpan(0, _serverLength);

    /// <summary>Begins with the next answer.</summary>
    public void Reset()
    {
        _state = State.Status;
        _headLength = _serverLength = Status = 0;
        HasBegun = KeepsAlive = false;
        Problem = null;
        ResetHead();
    }

    /// <summary>Takes what it can of what has come. It stops at the answer's end; what it leaves before that is the beginning of a line.</summary>
    /// <param name="data">What was left the last time, and what came since.</param>
    /// <param name="body">Gets the body's bytes; <see langword="null"/> to pass over them.</param>
    /// <returns>How many bytes it is done with.</returns>
    public int Read(ReadOnlySpan<byte> data, IBufferWriter<byte>? body = null)
    {
        HasBegun |= data.Length > 0;
        int at = 0;
        while (at < data.Length && _state is not (State.Complete or State.Broken))
        {
            int taken = _state switch
            {
                State.Fixed or State.Chunk => Take(data[at..], body),
                State.UntilClose => Copy(data[at..], body),
                _ => Line(data[at..]),
            };
            if (taken == 0) break;
            at += taken;
        }

        return at;
    }

    /// <summary>Takes the connection's end for what it means: of a body without a length it is the end, of anything else a broken answer.</summary>
    /// <returns>True if the answer is complete by that.</returns>
    public bool End()
    {
        if (_state == State.UntilClose) _state = State.Complete;
        return IsComplete;
    }

    private int Take(ReadOnlySpan<byte> data, IBufferWriter<byte>? body)
    {
        int length = (int)Math.Min(_left, data.Length);
        Copy(data[..length], body);
        _left -= length;
        if (_left == 0) _state = _state == State.Fixed ? State.Complete : State.ChunkEnd;
        return length;
    }

    private static int Copy(ReadOnlySpan<byte> data, IBufferWriter<byte>? body)
    {
        body?.Write(data);
        return data.Length;
    }

    /// <summary>One line that is there whole; a line feed alone ends it too (RFC 9112, section 2.2).</summary>
    private int Line(ReadOnlySpan<byte> data)
    {
        int end = data.IndexOf((byte)'\n');
        if (end < 0) return data.Length >= MaximumLine ? Break("a line is too long") : 0;
        var line = data[..end];
        if (line.EndsWith("\r"u8)) line = line[..^1];
        if (line.IndexOfAny((byte)'\r', (byte)0) >= 0) return Break("a line holds a control character");
        bool inHead = _state is State.Status or State.Headers or State.Trailers;
        if (inHead && (_headLength += end + 1) > MaximumHead) return Break("the head is too long");
        bool ok = _state switch
        {
            State.Status => StatusLine(line),
            State.Headers => line.IsEmpty ? EndOfHead() : Header(line),
            State.ChunkSize => ChunkSize(line),
            State.ChunkEnd => line.IsEmpty ? Go(State.ChunkSize) : Fail("a chunk is longer than it says"),
            _ => line.IsEmpty ? Go(State.Complete) : true,
        };
        return ok ? end + 1 : 0;
    }

    private bool StatusLine(ReadOnlySpan<byte> line)
    {
        // "HTTP/1.1 200 OK"; some leave out the reason and the space before it.
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || line[7] is not ((byte)'0' or (byte)'1') || line[8] != ' ' || (line.Length > 12 && line[12] != ' ')) return Fail("it does not speak HTTP/1.1");
        if (!Utf8Parser.TryParse(line.Slice(9, 3), out int status, out int digits) || digits != 3 || status < 100) return Fail("its status is no number");
        Status = status;
        _isHttp10 = line[7] == '0';
        return Go(State.Headers);
    }

    private bool Header(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        // A folded line is obsolete, and space before the colon is a trick (RFC 9112, sections 5.1 and 5.2).
        if (colon <= 0 || line[0] is (byte)' ' or (byte)'\t' || line[colon - 1] is (byte)' ' or (byte)'\t') return Fail("a header is malformed");
        var name = line[..colon];
        var value = line[(colon + 1)..].Trim(" \t"u8);
        switch (colon)
        {
            case 14 when Ascii.EqualsIgnoreCase(name, "Content-Length"u8): return ContentLength(value);
            case 17 when Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8): TransferEncoding(value); break;
            case 10 when Ascii.EqualsIgnoreCase(name, "Connection"u8):
                foreach (var part in value.Split((byte)','))
                {
                    var option = value[part].Trim(" \t"u8);
                    _close |= Ascii.EqualsIgnoreCase(option, "close"u8);
                    _keepAlive |= Ascii.EqualsIgnoreCase(option, "keep-alive"u8);
                }

                break;
            case 10 when _cookie is not null && Ascii.EqualsIgnoreCase(name, "Set-Cookie"u8):
                if (value.StartsWith(_cookie) && value.Length > _cookie.Length && value[_cookie.Length] == '=') SetServer(value[(_cookie.Length + 1)..]);
                break;
        }

        foreach (byte[] wanted in _names)
            if (Ascii.EqualsIgnoreCase(name, wanted)) SetServer(value);
        return true;
    }

    private void SetServer(ReadOnlySpan<byte> value)
    {
        int end = value.IndexOf((byte)';');
        if (end >= 0) value = value[..end];
        value = value.Trim(" \t\""u8);
        if (value.Length > MaximumServer) value = value[..MaximumServer];
        value.CopyTo(_server);
        _serverLength = value.Length;
    }

    private bool ContentLength(ReadOnlySpan<byte> value)
    {
        foreach (var part in value.Split((byte)','))
        {
            var number = value[part].Trim(" \t"u8);
            if (number.IsEmpty || number.ContainsAnyExceptInRange((byte)'0', (byte)'9') || !Utf8Parser.TryParse(number, out long length, out int digits) || digits != number.Length) return Fail("its length is no number");
            if (_length is { } before && before != length) return Fail("it has two lengths");
            _length = length;
        }

        return true;
    }

    private void TransferEncoding(ReadOnlySpan<byte> value)
    {
        foreach (var part in value.Split((byte)','))
        {
            // Whatever is not chunked at last ends with the connection (RFC 9112, section 6.3).
            bool chunked = Ascii.EqualsIgnoreCase(value[part].Trim(" \t"u8), "chunked"u8);
            _otherCoding |= !chunked || _chunked;
            _chunked = chunked;
        }
    }

    private bool EndOfHead()
    {
        if (Status is >= 100 and < 200)
        {
            // 100 Continue and 103 Early Hints come before the answer; 101 would end HTTP, which was not asked for.
            if (Status == 101) return Fail("it changes the protocol");
            ResetHead();
            return Go(State.Status);
        }

        bool ends = _isHttp10 ? !_keepAlive : _close;
        if (isHead || Status is 204 or 304) return Complete(!ends);
        if (_chunked || _otherCoding)
        {
            // Two lengths that contradict each other: the connection carries nothing after this (RFC 9112, section 6.3).
            KeepsAlive = !ends && _chunked && _length is null && !_isHttp10;
            return Go(_chunked ? State.ChunkSize : State.UntilClose);
        }

        if (_length is not { } length) return Go(State.UntilClose);
        if (length == 0) return Complete(!ends);
        _left = length;
        KeepsAlive = !ends;
        return Go(State.Fixed);
    }

    private bool Complete(bool keepsAlive)
    {
        KeepsAlive = keepsAlive;
        return Go(State.Complete);
    }

    private bool ChunkSize(ReadOnlySpan<byte> line)
    {
        int end = line.IndexOf((byte)';');
        var digits = (end < 0 ? line : line[..end]).TrimEnd(" \t"u8);
        if (digits.Length is 0 or > 15 || !Utf8Parser.TryParse(digits, out long length, out int read, 'x') || read != digits.Length || length < 0) return Fail("a chunk's length is no number");
        _left = length;
        return Go(length == 0 ? State.Trailers : State.Chunk);
    }

    private void ResetHead()
    {
        _chunked = _otherCoding = _keepAlive = _close = false;
        _length = null;
    }

    private bool Go(State state)
    {
        _state = state;
        return true;
    }

    private bool Fail(string problem)
    {
        Problem = problem;
        _state = State.Broken;
        KeepsAlive = false;
        return false;
    }

    private int Break(string problem)
    {
        Fail(problem);
        return 0;
    }
}
