using System.Buffers;

namespace ProdOps.Backup.Trees;

/// <summary>
/// Walks JSON text without copying it, for trees of which a backup reads tens of megabytes. It trusts nothing: every
/// read is checked, nesting is bounded, and whatever is not JSON ends in a <see cref="FormatException"/> that names the place.
/// </summary>
internal ref struct JsonCursor(ReadOnlySpan<byte> text)
{
    private const int MaxDepth = 64;

    // What ends a run of plain characters in a string; the controls may not stand there at all.
    private static readonly SearchValues<byte> StringStops =
        SearchValues.Create(Enumerable.Range(0, 32).Select(c => (byte)c).Append((byte)'"').Append((byte)'\\').ToArray());

    private readonly ReadOnlySpan<byte> _text = text;
    private byte[]? _scratch;

    /// <summary>Where the next read begins.</summary>
    public int Position { get; set; }

    public readonly ReadOnlySpan<byte> Text => _text;

    /// <summary>The next character that is not white space, or 0 at the end.</summary>
    public byte Peek()
    {
        while (Position < _text.Length)
        {
            byte b = _text[Position];
            if (b is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')) return b;
            Position++;
        }
        return 0;
    }

    public void Expect(byte character)
    {
        if (Peek() != character) throw Unexpected();
        Position++;
    }

    public bool TryTake(byte character)
    {
        if (Peek() != character) return false;
        Position++;
        return true;
    }

    public bool TryTakeNull()
    {
        if (Peek() != 'n') return false;
        TakeWord("null"u8);
        return true;
    }

    /// <summary>After a member or an element: true if another follows, false if <paramref name="close"/> was taken.</summary>
    public bool TakeSeparator(byte close)
    {
        byte b = Peek();
        if (b != ',' && b != close) throw Unexpected();
        Position++;
        return b == ',';
    }

    /// <summary>What stands between a string's quotes, as it stands there.</summary>
    public ReadOnlySpan<byte> ReadRawString(out bool escaped)
    {
        Expect((byte)'"');
        int start = Position;
        escaped = false;
        while (true)
        {
            int stop = _text[Position..].IndexOfAny(StringStops);
            if (stop < 0) throw Fail("a string without an end");
            Position += stop;
            byte b = _text[Position++];
            if (b == '"') return _text[start..(Position - 1)];
            if (b != '\\' || Position == _text.Length) throw Fail("a control character in a string");
            escaped = true;
            Position++;
        }
    }

    /// <summary>A string's value; valid until the next one is read.</summary>
    public Span<byte> ReadStringToScratch()
    {
        var raw = ReadRawString(out bool escaped);
        if (_scratch is null || _scratch.Length < raw.Length) _scratch = new byte[Math.Max(raw.Length, 512)];
        if (!escaped)
        {
            raw.CopyTo(_scratch);
            return _scratch.AsSpan(0, raw.Length);
        }
        int length = GoText.UnescapeJson(raw, _scratch);
        if (length < 0) throw Fail("an escape that JSON does not have");
        return _scratch.AsSpan(0, length);
    }

    /// <inheritdoc cref="ReadStringToScratch"/>
    public ReadOnlySpan<byte> ReadString()
    {
        int start = Position;
        var raw = ReadRawString(out bool escaped);
        if (!escaped) return raw;
        Position = start;
        return ReadStringToScratch();
    }

    public ulong ReadNumber(ulong max)
    {
        Peek();
        ulong value = 0;
        int start = Position;
        for (; Position < _text.Length; Position++)
        {
            uint digit = (uint)_text[Position] - '0';
            if (digit > 9) break;
            if (value > (ulong.MaxValue - digit) / 10) throw Fail("a number out of range");
            value = value * 10 + digit;
        }
        if (Position == start || (Position < _text.Length && _text[Position] is (byte)'.' or (byte)'e' or (byte)'E')) throw Fail("no whole number");
        return value <= max ? value : throw Fail("a number out of range");
    }

    /// <summary>Passes over a value of any kind.</summary>
    public void SkipValue(int depth = 0)
    {
        if (depth > MaxDepth) throw Fail("too deeply nested values");
        switch (Peek())
        {
            case (byte)'"': ReadRawString(out _); break;
            case (byte)'{':
                Position++;
                if (TryTake((byte)'}')) break;
                do
                {
                    ReadRawString(out _);
                    Expect((byte)':');
                    SkipValue(depth + 1);
                } while (TakeSeparator((byte)'}'));
                break;
            case (byte)'[':
                Position++;
                if (TryTake((byte)']')) break;
                do SkipValue(depth + 1); while (TakeSeparator((byte)']'));
                break;
            case (byte)'t': TakeWord("true"u8); break;
            case (byte)'f': TakeWord("false"u8); break;
            case (byte)'n': TakeWord("null"u8); break;
            default: SkipNumber(); break;
        }
    }

    public readonly FormatException Fail(string what) => new($"{what} at byte {Position}");

    private readonly FormatException Unexpected() =>
        Fail(Position < _text.Length ? $"an unexpected byte 0x{_text[Position]:x2}" : "an unexpected end");

    private void SkipNumber()
    {
        int start = Position;
        while (Position < _text.Length && _text[Position] is (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'+' or (byte)'.' or (byte)'e' or (byte)'E')
            Position++;
        if (Position == start) throw Unexpected();
    }

    private void TakeWord(ReadOnlySpan<byte> word)
    {
        if (!_text[Position..].StartsWith(word)) throw Unexpected();
        Position += word.Length;
    }
}
