using System.Globalization;
using System.Text;

namespace ProdOps.Servers.Inventory.Data;

/// <summary>Strings: 'as they are', "with escapes", and both as here-strings.</summary>
internal sealed partial class DataParser
{
    private string ReadString()
    {
        bool isHere = Current == '@';
        if (isHere) return ReadHereString();
        return IsSingleQuote(Current) ? ReadSingleQuoted() : ReadDoubleQuoted();
    }

    private string ReadSingleQuoted()
    {
        int start = _at++;
        var text = new StringBuilder();
        while (true)
        {
            if (AtEnd) throw UnclosedString(start);
            char c = _text[_at++];
            if (!IsSingleQuote(c))
            {
                text.Append(c);
                continue;
            }

            if (!IsSingleQuote(Current)) return text.ToString();
            text.Append(c);
            _at++;
        }
    }

    private string ReadDoubleQuoted()
    {
        int start = _at++;
        var text = new StringBuilder();
        while (true)
        {
            if (AtEnd) throw UnclosedString(start);
            char c = Current;
            if (IsDoubleQuote(c))
            {
                _at++;
                if (!IsDoubleQuote(Current)) return text.ToString();
                text.Append(c);
                _at++;
            }
            else
            {
                ReadExpandable(text, start);
            }
        }
    }

    private string ReadHereString()
    {
        int start = _at;
        bool isSingle = IsSingleQuote(Peek(1));
        _at += 2;
        while (!AtEnd && IsWhiteSpace(Current)) _at++;
        if (AtEnd) throw UnclosedString(start);
        if (!IsNewline(Current)) throw Error("Nothing may follow the beginning of a here-string on its line.", "Begin the text on the next line, and end it with a line that begins with '@ or \"@.");
        SkipOneNewline();
        var text = new StringBuilder();
        if (EndsHereString(isSingle)) return "";
        while (!AtEnd)
        {
            if (IsNewline(Current))
            {
                int newline = _at;
                SkipOneNewline();
                if (EndsHereString(isSingle)) return text.ToString();
                text.Append(_text, newline, _at - newline);
            }
            else if (isSingle)
            {
                text.Append(_text[_at++]);
            }
            else
            {
                ReadExpandable(text, start);
            }
        }

        throw UnclosedString(start);
    }

    private bool EndsHereString(bool isSingle)
    {
        if (!(isSingle ? IsSingleQuote(Current) : IsDoubleQuote(Current)) || Peek(1) != '@') return false;
        _at += 2;
        return true;
    }

    private void SkipOneNewline() => _at += Current == '\r' && Peek(1) == '\n' ? 2 : 1;

    /// <summary>One character of a text in which a backtick escapes and a dollar sign would expand.</summary>
    private void ReadExpandable(StringBuilder text, int start)
    {
        char c = Current;
        if (c == '$' && (IsNamePart(Peek(1)) || Peek(1) is '(' or '{' or '$' or '?' or '^' or ':'))
            throw Executable(Peek(1) == '(' ? "A subexpression $(…) in a text" : "A variable in a text");
        _at++;
        if (c != '`')
        {
            text.Append(c);
            return;
        }

        if (AtEnd) throw UnclosedString(start);
        char escaped = _text[_at++];
        if (escaped == 'u') text.Append(ReadCodePoint());
        else text.Append(Unescape(escaped));
    }

    private static char Unescape(char c) => c switch
    {
        '0' => '\0',
        'a' => '\a',
        'b' => '\b',
        'e' => '\u001B',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\v',
        _ => c,
    };

    /// <summary><c>`u{1F600}</c>: one to six hexadecimal digits.</summary>
    private string ReadCodePoint()
    {
        bool braced = Current == '{';
        int start = braced ? ++_at : _at;
        while (char.IsAsciiHexDigit(Current)) _at++;
        var digits = _text.AsSpan(start, _at - start);
        bool valid = braced && digits.Length is >= 1 and <= 6 && Current == '}';
        int code = valid ? int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : 0;
        if (!valid || code > 0x10FFFF)
        {
            throw Error("The escape `u names no character.", "It is written `u{1F600}: between the braces stand one to six hexadecimal digits, 10FFFF at most.");
        }

        _at++;
        return code <= 0xFFFF ? ((char)code).ToString() : char.ConvertFromUtf32(code);
    }

    private static DataSyntaxException UnclosedString(int start) =>
        new(start, "The text is not closed.", "Add the quote that ends it. A quote within it is written twice.");
}
