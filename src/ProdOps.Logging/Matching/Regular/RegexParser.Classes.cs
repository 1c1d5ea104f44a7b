using System.Globalization;

namespace ProdOps.Logging.Matching.Regular;

/// <content>Escapes and character classes.</content>
internal sealed partial class RegexParser
{
    private bool TryParseEscape(out RegexNode node)
    {
        node = new ForeignNode();
        if (_at >= _pattern.Length) return false;
        switch (_pattern[_at])
        {
            case 'b':
                _at++;
                node = new AssertNode(Assertion.WordBoundary);
                return true;
            case 'B':
                _at++;
                node = new AssertNode(Assertion.NoWordBoundary);
                return true;
            case 'A':
                _at++;
                node = new AssertNode(Assertion.LineStart);
                return true;
            case 'z' or 'Z':
                _at++;
                node = new AssertNode(Assertion.LineEnd);
                return true;
            case 'G':
                _at++;
                return true;
            case 'k':
                _at++;
                return (TryTake('<') && TryTakeName('>')) || (TryTake('\'') && TryTakeName('\''));
            case >= '1' and <= '9':
                // With more digits it depends on the groups there are whether it is one of them or an octal number.
                _at++;
                return Peek(0) is not (>= '0' and <= '9');
        }

        if (TryParseShorthand(out var set))
        {
            node = new SetNode(set);
            return true;
        }

        if (!TryParseCharacterEscape(out char value)) return false;
        node = Character(value);
        return true;
    }

    /// <summary>Takes <c>d</c>, <c>W</c>, <c>p{Lu}</c> and their like after a backslash.</summary>
    private bool TryParseShorthand(out CharSet set)
    {
        set = _pattern[_at] switch
        {
            'd' => CharSet.Digit,
            'D' => CharSet.Digit.Inverse(),
            's' => CharSet.Space,
            'S' => CharSet.Space.Inverse(),
            'w' => CharSet.Word,
            'W' => CharSet.Word.Inverse(),
            _ => Dot,
        };
        if (!ReferenceEquals(set, Dot))
        {
            _at++;
            return true;
        }

        if (_pattern[_at] is not ('p' or 'P')) return false;
        int end = _pattern.IndexOf('}', _at);
        if (end < 0 || !TryFindCategories(_pattern[(_at + 2)..end], out var categories)) return false;
        bool isInverse = _pattern[_at] == 'P';
        set = CharSet.Where(unit => categories.Contains(char.GetUnicodeCategory(unit)) != isInverse);
        _at = end + 1;
        return true;
    }

    private bool TryFindCategories(string name, out HashSet<UnicodeCategory> categories)
    {
        categories = [];
        // .NET takes each cased category for all of them where case does not matter.
        if (name is not { Length: 1 or 2 } || (_ignoreCase && name is "Lu" or "Ll" or "Lt")) return false;
        const string names = "LuLlLtLmLoMnMcMeNdNlNoZsZlZpCcCfCsCoPcPdPsPePiPfPoSmScSkSoCn";
        for (int i = 0; i < names.Length; i += 2)
        {
            if (names.AsSpan(i, 2).StartsWith(name)) categories.Add((UnicodeCategory)(i / 2));
        }

        return categories.Count > 0;
    }

    private bool TryParseCharacterEscape(out char value)
    {
        value = '\0';
        if (_at >= _pattern.Length) return false;
        char letter = _pattern[_at++];
        switch (letter)
        {
            case 'a': value = '\a'; return true;
            case 'b': value = '\b'; return true;
            case 'e': value = '\e'; return true;
            case 'f': value = '\f'; return true;
            case 'n': value = '\n'; return true;
            case 'r': value = '\r'; return true;
            case 't': value = '\t'; return true;
            case 'v': value = '\v'; return true;
            case 'x': return TryParseHex(2, out value);
            case 'u': return TryParseHex(4, out value);
            case 'c':
                if (_at >= _pattern.Length) return false;
                value = (char)(char.ToUpperInvariant(_pattern[_at++]) - '@');
                return value < ' ';
            case >= '0' and <= '7':
                int number = 0;
                _at--;
                for (int digits = 0; digits < 3 && _at < _pattern.Length && _pattern[_at] is >= '0' and <= '7'; digits++)
                    number = number * 8 + _pattern[_at++] - '0';
                value = (char)(number & 0xff);
                return true;
            default:
                value = letter;
                return !char.IsLetterOrDigit(letter) && letter != '_';
        }
    }

    private bool TryParseHex(int digits, out char value)
    {
        value = '\0';
        if (_at + digits > _pattern.Length
            || !ushort.TryParse(_pattern.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort number)) return false;
        value = (char)number;
        _at += digits;
        return true;
    }

    /// <summary>Reads what stands behind the opening bracket, the closing one included.</summary>
    private bool TryParseClass(out CharSet set)
    {
        set = new CharSet();
        if (++_depth > MaximumDepth) return false;
        bool isInverse = TryTake('^');
        CharSet? removed = null;
        for (bool isFirst = true; ; isFirst = false)
        {
            if (_at >= _pattern.Length) return false;
            char taken = _pattern[_at++];
            if (taken == ']' && !isFirst) break;
            bool isPlain = taken != '\\';
            // [:name:] is let pass by .NET in its own way.
            if (taken == '[' && _at < _pattern.Length && _pattern[_at] == ':') return false;
            if (!isPlain)
            {
                if (_at >= _pattern.Length) return false;
                if (TryParseShorthand(out var shorthand))
                {
                    set.Add(shorthand);
                    continue;
                }

                if (TryTake('-'))
                {
                    set.Add('-');
                    continue;
                }

                if (!TryParseCharacterEscape(out taken)) return false;
            }

            if (Peek(0) == '-' && Peek(1) is not (null or ']'))
            {
                _at++;
                if (Peek(0) == '[')
                {
                    // "a-[b]" is a without b; as the first it is one of .NET's oddities.
                    _at++;
                    AddRange(set, taken, taken);
                    if (isFirst || Peek(0) == ':' || !TryParseClass(out removed) || Peek(0) != ']') return false;
                    continue;
                }

                if (!TryParseRangeEnd(out char last) || last < taken) return false;
                AddRange(set, taken, last);
            }
            else if (taken == '-' && isPlain && Peek(0) == '[')
            {
                _at++;
                if (isFirst || Peek(0) == ':' || !TryParseClass(out removed) || Peek(0) != ']') return false;
            }
            else
            {
                AddRange(set, taken, taken);
            }
        }

        _depth--;
        if (isInverse) set = set.Inverse();
        if (removed is not null) set = set.Without(removed);
        return true;
    }

    private bool TryParseRangeEnd(out char last)
    {
        last = _pattern[_at++];
        if (last != '\\') return true;
        return _at < _pattern.Length && _pattern[_at] is not ('d' or 'D' or 's' or 'S' or 'w' or 'W' or 'p' or 'P') && TryParseCharacterEscape(out last);
    }

    private void AddRange(CharSet set, char first, char last)
    {
        set.Add(first, last);
        if (_ignoreCase) _folding.AddEquivalents(set, first, last);
    }

    private char? Peek(int distance) => _at + distance < _pattern.Length ? _pattern[_at + distance] : null;
}
