using System.Globalization;
using System.Text;
using ProdOps.Logging.Matching.Regular;

namespace ProdOps.Logging.Engines;

/// <summary>
/// An expression of ours in the syntax of Go's regular expressions, which both engines use. What Go cannot say is left out in a way that lets more through, never less.
/// Characters beyond U+FFFF count as one there and as two here.
/// </summary>
internal sealed class GoRegex
{
    // Engines take queries of some 16 KiB; and Go repeats no more than a thousand times.
    private const int LongestText = 4096, MostRepeats = 1000, MostRanges = 64;

    private static readonly (CharSet Set, string Members)[] Named =
        [(CharSet.Word, @"\pL\p{Mn}\p{Nd}\p{Pc}"), (CharSet.Digit, @"\p{Nd}"), (CharSet.Space, @"\t-\r \x{85}\p{Z}")];

    private readonly StringBuilder _text = new();
    private readonly bool _withinLine;
    private bool _isForeign;

    private GoRegex(bool withinLine) => _withinLine = withinLine;

    /// <summary>Whether it matches just what the expression matches.</summary>
    public bool IsExact { get; private set; } = true;

    public string Text => _text.ToString();

    /// <summary>Writes an expression.</summary>
    /// <param name="node">The expression.</param>
    /// <param name="withinLine">It looks at one line of the text at a time; otherwise at all of it, and where lines begin and end does not count.</param>
    /// <returns><see langword="null"/> if it would be too long, or Go has no word for it.</returns>
    public static GoRegex? Of(RegexNode node, bool withinLine)
    {
        if (node.SizeUpTo(MostRepeats + 1) > MostRepeats) return null;
        var regex = new GoRegex(withinLine);
        regex.Write(node);
        return regex._text.Length <= LongestText && !regex._isForeign ? regex : null;
    }

    /// <summary>A text as it is, in either case or just so.</summary>
    public static GoRegex? Of(string text, bool caseSensitive) => Of(RegexParser.OfText(text, ignoreCase: !caseSensitive), withinLine: true);

    /// <summary>Wildcards over the whole text.</summary>
    public static string OfWildcards(string pattern, bool caseSensitive)
    {
        var text = new StringBuilder("^");
        for (int i = 0; i < pattern.Length; i++)
        {
            int close = pattern[i] == '[' ? pattern.IndexOf(']', i + 1) : -1;
            if (pattern[i] == '*')
            {
                text.Append("(?s:.*)");
            }
            else if (pattern[i] == '?')
            {
                text.Append("(?s:.)");
            }
            else if (close > i + 1)
            {
                WriteSet(text, pattern.AsSpan(i + 1, close - i - 1), caseSensitive);
                i = close;
            }
            else
            {
                var set = new CharSet().Add(pattern[i]);
                if (!caseSensitive) set.Add(char.ToUpperInvariant(pattern[i])).Add(char.ToLowerInvariant(pattern[i]));
                new GoRegexSet(text).Write(set);
            }
        }

        return text.Append('$').ToString();
    }

    private void Write(RegexNode node)
    {
        if (_text.Length > LongestText) return;
        switch (node)
        {
            case SetNode set:
                Write(set.Set);
                break;
            case ConcatNode concat:
                Write(concat.Parts);
                break;
            case AlternateNode alternate:
                for (int i = 0; i < alternate.Parts.Count; i++)
                {
                    if (i > 0) _text.Append('|');
                    Write(alternate.Parts[i]);
                }

                break;
            case RepeatNode repeat:
                WriteGrouped(repeat.Body, repeat.Body is not SetNode);
                WriteCount(repeat);
                break;
            case AssertNode { Assertion: Assertion.LineStart } when _withinLine:
                _text.Append("(?m:^)");
                break;
            case AssertNode { Assertion: Assertion.LineEnd } when _withinLine:
                _text.Append("(?m:$)");
                break;
            case AssertNode:
                // Go's words are of ASCII alone.
                IsExact = false;
                break;
            default:
                IsExact = false;
                _text.Append("(?s:.*)");
                break;
        }
    }

    private void Write(IReadOnlyList<RegexNode> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (i + 1 < parts.Count && Single(parts[i]) is { } high && Single(parts[i + 1]) is { } low && char.IsSurrogatePair(high, low))
            {
                _text.Append(CultureInfo.InvariantCulture, $"\\x{{{char.ConvertToUtf32(high, low):X}}}");
                i++;
            }
            else
            {
                WriteGrouped(parts[i], parts[i] is AlternateNode);
            }
        }
    }

    private static char? Single(RegexNode node) => node is SetNode { Set.Ranges: [var only] } && only.First == only.Last ? (char)only.First : null;

    private void WriteGrouped(RegexNode node, bool group)
    {
        if (group) _text.Append("(?:");
        Write(node);
        if (group) _text.Append(')');
    }

    private void WriteCount(RepeatNode repeat)
    {
        _text.Append((repeat.Minimum, repeat.Maximum) switch
        {
            (0, null) => "*",
            (1, null) => "+",
            (0, 1) => "?",
            (var least, null) => string.Create(CultureInfo.InvariantCulture, $"{{{least},}}"),
            (var least, var most) => string.Create(CultureInfo.InvariantCulture, $"{{{least},{most}}}"),
        });
    }

    private void Write(CharSet set)
    {
        // Some halves of characters and not others: Go has no halves.
        _isForeign |= HalvesOf(set) is > 0 and < 0x800;
        // Within a line there is no line feed: the engine must not find one between two lines of an entry.
        if (_withinLine && set.Contains('\n')) set = set.Without(new CharSet().Add('\n'));
        string lineFeed = _withinLine ? @"\n" : "";
        foreach (var (named, members) in Named)
        {
            if (Same(set, named))
            {
                _text.Append('[').Append(_withinLine && named.Contains('\n') ? @"\t\x{0B}-\r \x{85}\p{Z}" : members).Append(']');
                return;
            }

            if (Same(set, named.Inverse()))
            {
                _text.Append("[^").Append(members).Append(named.Contains('\n') ? "" : lineFeed).Append(']');
                return;
            }
        }

        if (set.Ranges.Count == 0)
        {
            // Nothing matches it.
            _text.Append(@"[^\x00-\x{10FFFF}]");
        }
        else if (set.Ranges.Count > MostRanges)
        {
            IsExact = false;
            _text.Append("(?s:.)");
        }
        else
        {
            new GoRegexSet(_text).Write(set);
        }
    }

    private static int HalvesOf(CharSet set) => set.Ranges.Sum(static range => Math.Max(0, Math.Min(range.Last, 0xDFFF) - Math.Max(range.First, 0xD800) + 1));

    private bool Same(CharSet set, CharSet named) => set.Equals(_withinLine && named.Contains('\n') ? named.Without(new CharSet().Add('\n')) : named);

    private static void WriteSet(StringBuilder text, ReadOnlySpan<char> members, bool caseSensitive)
    {
        var set = new CharSet();
        for (int i = 0; i < members.Length; i++)
        {
            bool isRange = i + 2 < members.Length && members[i + 1] == '-';
            char first = members[i], last = isRange ? members[i + 2] : first;
            for (int unit = first; unit <= last; unit++)
            {
                set.Add((char)unit);
                if (!caseSensitive) set.Add(char.ToUpperInvariant((char)unit)).Add(char.ToLowerInvariant((char)unit));
            }

            if (isRange) i += 2;
        }

        new GoRegexSet(text).Write(set);
    }
}

/// <summary>Writes sets of characters in Go's syntax.</summary>
internal readonly struct GoRegexSet(StringBuilder text)
{
    public void Write(CharSet set)
    {
        if (set.Ranges.Count == 0)
        {
            text.Append(@"[^\x00-\x{10FFFF}]");
            return;
        }

        if (set.Ranges is [var single] && single.First == single.Last && !char.IsSurrogate((char)single.First))
        {
            Append(single.First);
            return;
        }

        text.Append('[');
        bool hasSurrogates = false;
        foreach (var (first, last) in set.Ranges)
        {
            hasSurrogates |= last >= 0xD800 && first <= 0xDFFF;
            AppendRange(first, Math.Min(last, 0xD7FF));
            AppendRange(Math.Max(first, 0xE000), last);
        }

        // Half of a character beyond stands for the whole of it.
        text.Append(hasSurrogates ? @"\x{10000}-\x{10FFFF}]" : "]");
    }

    private void AppendRange(int first, int last)
    {
        if (first > last) return;
        Append(first);
        if (last == first) return;
        if (last > first + 1) text.Append('-');
        Append(last);
    }

    private void Append(int unit)
    {
        char c = (char)unit;
        if (char.IsAsciiLetterOrDigit(c) || c is ' ' or '_' or '/' or ':' or ',' or ';' or '=' or '%' or '@' or '<' or '>' or '!') text.Append(c);
        else if (char.IsAscii(c) && char.IsPunctuation(c) || c is '$' or '+' or '^' or '|' or '~' or '`') text.Append('\\').Append(c);
        else text.Append(CultureInfo.InvariantCulture, $"\\x{{{unit:X}}}");
    }
}
