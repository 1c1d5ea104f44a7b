namespace ProdOps.Logging.Formats.Json;

/// <summary>What a member's value is.</summary>
internal enum JsonValue : byte
{
    /// <summary>A string without escapes; its place is within the quotes.</summary>
    String,

    /// <summary>A string with escapes.</summary>
    EscapedString,

    /// <summary>A number.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary><c>null</c>.</summary>
    Null,

    /// <summary>An object, with its braces.</summary>
    Object,

    /// <summary>An array, with its brackets.</summary>
    Array,
}

/// <summary>
/// Goes through the members of one JSON object without an exception for what is none, which a log has plenty of. What is inside nested values is passed over
/// by its brackets and quotes alone.
/// </summary>
internal ref struct JsonScanner
{
    private readonly ReadOnlySpan<byte> _text;
    private int _at;
    private bool _first = true;

    /// <param name="text">The text.</param>
    /// <param name="start">Where the object's brace stands, or spaces before it.</param>
    public JsonScanner(ReadOnlySpan<byte> text, int start = 0)
    {
        _text = text;
        _at = start;
        SkipSpaces();
        IsObject = LineText.Has(_text, _at, (byte)'{');
        _at++;
    }

    public bool IsObject { get; }

    /// <summary>Whether the closing brace was reached.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Behind what was read.</summary>
    public readonly int Position => _at;

    public int KeyStart { get; private set; }

    public int KeyLength { get; private set; }

    public bool IsKeyEscaped { get; private set; }

    public int ValueStart { get; private set; }

    public int ValueLength { get; private set; }

    public JsonValue Kind { get; private set; }

    /// <summary>Moves to the next member.</summary>
    /// <returns>False at the end of the object, or where it breaks.</returns>
    public bool Next()
    {
        if (!IsObject || IsComplete) return false;
        SkipSpaces();
        if (LineText.Has(_text, _at, (byte)'}'))
        {
            _at++;
            IsComplete = true;
            return false;
        }

        if (!_first)
        {
            if (!LineText.Has(_text, _at, (byte)',')) return false;
            _at++;
            SkipSpaces();
        }

        _first = false;
        if (!TryString(out int start, out int length, out bool escaped)) return false;
        (KeyStart, KeyLength, IsKeyEscaped) = (start, length, escaped);
        SkipSpaces();
        if (!LineText.Has(_text, _at, (byte)':')) return false;
        _at++;
        SkipSpaces();
        return TryValue();
    }

    /// <summary>Whether nothing but spaces is left.</summary>
    public bool IsAtEnd()
    {
        SkipSpaces();
        return _at >= _text.Length;
    }

    private bool TryValue()
    {
        if (_at >= _text.Length) return false;
        ValueStart = _at;
        switch (_text[_at])
        {
            case (byte)'"':
                if (!TryString(out int start, out int length, out bool escaped)) return false;
                (ValueStart, ValueLength, Kind) = (start, length, escaped ? JsonValue.EscapedString : JsonValue.String);
                return true;
            case (byte)'{':
                Kind = JsonValue.Object;
                return TryNested();
            case (byte)'[':
                Kind = JsonValue.Array;
                return TryNested();
        }

        int end = _text[_at..].IndexOfAny(" ,}]\t\r\n"u8);
        ValueLength = end < 0 ? _text.Length - _at : end;
        _at += ValueLength;
        var word = _text.Slice(ValueStart, ValueLength);
        if (word.SequenceEqual("null"u8))
        {
            Kind = JsonValue.Null;
            return true;
        }

        Kind = word.SequenceEqual("true"u8) || word.SequenceEqual("false"u8) ? JsonValue.Boolean : JsonValue.Number;
        return Kind == JsonValue.Boolean || ValueKind.IsNumber(word);
    }

    private bool TryString(out int start, out int length, out bool escaped)
    {
        start = _at + 1;
        length = 0;
        escaped = false;
        if (!LineText.Has(_text, _at, (byte)'"')) return false;
        int at = start;
        while (true)
        {
            at = LineText.QuoteOrBackslash(_text, at);
            if (at < 0) return false;
            if (_text[at] == '"') break;
            escaped = true;
            at += 2;
            if (at > _text.Length) return false;
        }

        length = at - start;
        _at = at + 1;
        return true;
    }

    private bool TryNested()
    {
        int depth = 0;
        while (true)
        {
            int found = _text[_at..].IndexOfAny("\"{}[]"u8);
            if (found < 0) return false;
            _at += found;
            switch (_text[_at])
            {
                case (byte)'"':
                    if (!TryString(out _, out _, out _)) return false;
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    _at++;
                    break;
                default:
                    depth--;
                    _at++;
                    break;
            }

            if (depth > 0) continue;
            ValueLength = _at - ValueStart;
            return true;
        }
    }

    private void SkipSpaces()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') _at++;
    }
}
