using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Inventory.Data;

/// <summary>What stands between values, and the errors.</summary>
internal sealed partial class DataParser
{
    private char Peek(int ahead) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private bool StartsWith(string token) => _text.AsSpan(_at).StartsWith(token, StringComparison.Ordinal);

    /// <summary>White space, comments and continued lines.</summary>
    private void SkipSpace()
    {
        while (!AtEnd)
        {
            char c = Current;
            if (IsWhiteSpace(c))
            {
                _at++;
            }
            else if (c == '#')
            {
                while (!AtEnd && !IsNewline(Current)) _at++;
            }
            else if (c == '<' && Peek(1) == '#')
            {
                int end = _text.IndexOf("#>", _at + 2, StringComparison.Ordinal);
                if (end < 0) throw Error("The comment <# is not closed.", "End it with #>.");
                _at = end + 2;
            }
            else if (c == '`' && (IsNewline(Peek(1)) || IsWhiteSpace(Peek(1))))
            {
                _at += Peek(1) == '\r' && Peek(2) == '\n' ? 3 : 2;
            }
            else
            {
                return;
            }
        }
    }

    private void SkipNewlines()
    {
        SkipSpace();
        while (!AtEnd && IsNewline(Current))
        {
            _at++;
            SkipSpace();
        }
    }

    private void SkipSeparators()
    {
        SkipNewlines();
        while (Current == ';')
        {
            _at++;
            SkipNewlines();
        }
    }

    private DataSyntaxException Error(string message, string recommendation) => new(Math.Min(_at, _text.Length), message, recommendation);

    private DataSyntaxException Executable(string what) =>
        Error($"{what} cannot stand in a data file: it would have to be run.", "The file is data and is never executed. " + ValueAdvice);

    private static DataSyntaxException Unclosed(int start, string what, string close) =>
        new(start, $"The {what} is not closed.", $"Add the {close} that belongs to it.");

    private DataSyntaxException Unexpected(string where, string recommendation = ValueAdvice) =>
        AtEnd ? Error($"The file ends {where}.", recommendation) : Error($"'{Shown()}' cannot stand {where}.", recommendation);

    private DataSyntaxException NoValue()
    {
        if (AtEnd || Current is '}' or ')' or ';' or ']' || IsNewline(Current)) return Error("A value is missing.", ValueAdvice);
        if (Current == '[') return Executable("A type or a cast");
        if (Current == '{') return Executable("A script block");
        if (!IsNameStart(Current)) return Unexpected("where a value should stand");
        // The word may be a password that was meant to be a text, so it is not shown.
        return Error("A word stands here without quotes: it would be run as a command.", "Write it in single quotes if it is a text. " + ValueAdvice);
    }

    /// <summary>The character here, as it can be shown on one line.</summary>
    private string Shown() => char.IsControl(Current) || char.IsSurrogate(Current) ? $"U+{(int)Current:X4}" : Current.ToString();

    // The white space of PowerShell's tokenizer.
    private static bool IsWhiteSpace(char c) => c < 128 ? c is ' ' or '\t' or '\v' or '\f' : c is '\u0085' or '\u00A0' || (c > 255 && char.IsSeparator(c));

    private static bool IsNewline(char c) => c is '\n' or '\r';

    private static bool IsNameStart(char c) => char.IsLetter(c) || c == '_';

    private static bool IsNamePart(char c) => char.IsLetterOrDigit(c) || c == '_';

    // A pasted text has typographic quotes and dashes; PowerShell takes them for the plain ones.
    private static bool IsSingleQuote(char c) => PowerShellQuote.IsSingleQuote(c);

    private static bool IsDoubleQuote(char c) => c is '"' or '\u201C' or '\u201D' or '\u201E';

    private static bool IsDash(char c) => c is '-' or '\u2013' or '\u2014' or '\u2015';
}
