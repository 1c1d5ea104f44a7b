namespace ProdOps.Logging.Formats.Pairs;

/// <summary>Goes through the pairs <c>name=value</c> of a line; values may be in quotes.</summary>
internal ref struct PairScanner(ReadOnlySpan<byte> line)
{
    private readonly ReadOnlySpan<byte> _line = line;
    private int _at;

    public int NameStart { get; private set; }

    public int NameLength { get; private set; }

    public int ValueStart { get; private set; }

    public int ValueLength { get; private set; }

    public bool IsQuoted { get; private set; }

    /// <summary>How many words that are no pair were passed over by <see cref="NextWord"/>.</summary>
    public int BareWords { get; private set; }

    public readonly ReadOnlySpan<byte> Name => _line.Slice(NameStart, NameLength);

    public readonly ReadOnlySpan<byte> Value => _line.Slice(ValueStart, ValueLength);

    /// <summary>What the value is, by its looks.</summary>
    public readonly FieldKind Kind
    {
        get
        {
            if (IsQuoted && Value.Contains((byte)'\\')) return FieldKind.JsonText;
            var kind = ValueKind.Of(Value);
            return IsQuoted && kind != FieldKind.Address ? FieldKind.Text : kind;
        }
    }

    /// <summary>The next pair of a line that has nothing else, as logfmt has it: spaces stand between pairs.</summary>
    public bool NextWord()
    {
        while (_at < _line.Length)
        {
            if (_line[_at] == ' ')
            {
                _at++;
                continue;
            }

            int name = _at;
            int length = _line[name..].IndexOfAny((byte)'=', (byte)' ', (byte)'"');
            if (length > 0 && _line[name + length] == '=' && IsName(_line.Slice(name, length)) && TakeValue(name, length, " "u8)) return true;
            BareWords++;
            _at = LineText.WordEnd(_line, Math.Min(_at + 1, _line.Length));
        }

        return false;
    }

    /// <summary>The next pair amid other text.</summary>
    public bool NextAnywhere()
    {
        while (_at < _line.Length)
        {
            int equals = _line[_at..].IndexOf((byte)'=');
            if (equals < 0) break;
            equals += _at;
            int name = equals;
            while (name > _at && IsNameLetter(_line[name - 1])) name--;
            bool stands = name == 0 || _line[name - 1] is (byte)' ' or (byte)',' or (byte)';' or (byte)'(' or (byte)'[' or (byte)'{' or (byte)'|' or (byte)'\t';
            if (stands && IsName(_line[name..equals]) && TakeValue(name, equals - name, " ,;)]}|\t\r"u8)) return true;
            _at = equals + 1;
        }

        _at = _line.Length;
        return false;
    }

    private bool TakeValue(int name, int length, ReadOnlySpan<byte> ends)
    {
        int value = name + length + 1;
        int end;
        int behind;
        bool quoted = LineText.Has(_line, value, (byte)'"');
        if (quoted)
        {
            end = LineText.ClosingQuote(_line, ++value);
            if (end < 0) return false;
            behind = end + 1;
        }
        else
        {
            int found = _line[value..].IndexOfAny(ends);
            behind = end = found < 0 ? _line.Length : value + found;
        }

        (NameStart, NameLength, ValueStart, ValueLength, IsQuoted) = (name, length, value, end - value, quoted);
        _at = behind;
        return true;
    }

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > 100 || (!char.IsAsciiLetter((char)name[0]) && name[0] is not ((byte)'_' or (byte)'@'))) return false;
        foreach (byte letter in name)
        {
            if (!IsNameLetter(letter)) return false;
        }

        return true;
    }

    private static bool IsNameLetter(byte letter) => char.IsAsciiLetterOrDigit((char)letter) || letter is (byte)'_' or (byte)'.' or (byte)'-' or (byte)'@' or (byte)'/';
}
