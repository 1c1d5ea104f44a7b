using System.Globalization;

namespace ProdOps.Logging.Matching.Regular;

/// <summary>
/// Reads a pattern that .NET has taken for valid. What is foreign to automata, or too odd to be worth the code, it gives back as
/// <see cref="ForeignNode"/>, or as nothing at all.
/// </summary>
internal sealed partial class RegexParser
{
    private const int MaximumDepth = 100;

    private static readonly CharSet Dot = new CharSet().Add('\n').Inverse();

    private readonly string _pattern;
    private readonly CaseFolding _folding;
    private readonly Dictionary<(char, bool), SetNode> _characters = [];
    private int _at;
    private bool _ignoreCase;
    private int _depth;

    private RegexParser(string pattern, bool ignoreCase, CaseFolding folding)
    {
        _pattern = pattern;
        _ignoreCase = ignoreCase;
        _folding = folding;
    }

    /// <summary>Reads a regular expression.</summary>
    /// <returns><see langword="null"/> where not even its parts are known.</returns>
    public static RegexNode? Parse(string pattern, bool ignoreCase)
    {
        var parser = new RegexParser(pattern, ignoreCase, CaseFolding.Regex);
        return parser.TryParseAlternatives(out var node) && parser._at == pattern.Length ? node : null;
    }

    /// <summary>The expression for a text as it is.</summary>
    public static RegexNode OfText(string text, bool ignoreCase = true)
    {
        var parser = new RegexParser("", ignoreCase, CaseFolding.Text);
        return new ConcatNode([.. text.Select(parser.Character)]);
    }

    private bool TryParseAlternatives(out RegexNode node)
    {
        node = RegexNode.Empty;
        if (++_depth > MaximumDepth) return false;
        // Options set inside a group end with it.
        bool ignoreCase = _ignoreCase;
        var alternatives = new List<RegexNode>();
        do
        {
            if (!TryParseSequence(out var sequence)) return false;
            alternatives.Add(sequence);
        }
        while (TryTake('|'));
        _ignoreCase = ignoreCase;
        _depth--;
        node = alternatives.Count == 1 ? alternatives[0] : new AlternateNode(alternatives);
        return true;
    }

    private bool TryParseSequence(out RegexNode node)
    {
        node = RegexNode.Empty;
        var parts = new List<RegexNode>();
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
        {
            if (!TryParseAtom(out var atom)) return false;
            // An option on its own stands for nothing.
            if (atom is null) continue;
            if (!TryParseQuantifier(ref atom)) return false;
            parts.Add(atom);
        }

        node = parts.Count == 1 ? parts[0] : new ConcatNode(parts);
        return true;
    }

    private bool TryParseAtom(out RegexNode? node)
    {
        char taken = _pattern[_at++];
        node = taken switch
        {
            '.' => new SetNode(Dot),
            '^' => new AssertNode(Assertion.LineStart),
            '$' => new AssertNode(Assertion.LineEnd),
            '[' or '(' or '\\' => null,
            _ => Character(taken),
        };
        if (node is not null) return true;
        switch (taken)
        {
            case '(':
                return TryParseGroup(out node);
            case '[':
                bool isClass = TryParseClass(out var set);
                node = new SetNode(set);
                return isClass;
            default:
                bool isEscape = TryParseEscape(out var escape);
                node = escape;
                return isEscape;
        }
    }

    private bool TryParseGroup(out RegexNode? node)
    {
        node = null;
        if (!TryTake('?')) return TryParseGroupBody(out node);
        if (_at >= _pattern.Length) return false;
        if (TryTake(':')) return TryParseGroupBody(out node);
        if (TryTake('>') || TryTake('=')) return TryParseForeign(stands: true, out node);
        if (TryTake('!')) return TryParseForeign(stands: false, out node);
        if (TryTake('<'))
        {
            if (TryTake('=')) return TryParseForeign(stands: true, out node);
            return TryTake('!') ? TryParseForeign(stands: false, out node) : TryTakeName('>') && TryParseGroupBody(out node);
        }

        return TryTake('\'') ? TryTakeName('\'') && TryParseGroupBody(out node) : TryParseOptions(out node);
    }

    private bool TryParseGroupBody(out RegexNode? node)
    {
        bool isRead = TryParseAlternatives(out var body) && TryTake(')');
        node = body;
        return isRead;
    }

    /// <summary>Reads an atomic group, or what is looked for around.</summary>
    /// <param name="stands">Whether it stands in the line, wherever: its literals do, then.</param>
    /// <param name="node">The group.</param>
    private bool TryParseForeign(bool stands, out RegexNode? node)
    {
        bool isRead = TryParseGroupBody(out node);
        node = stands && node is not null ? new ConcatNode([new ForeignNode(), node, new ForeignNode()]) : new ForeignNode();
        return isRead;
    }

    private bool TryTakeName(char end)
    {
        int start = _at;
        while (_at < _pattern.Length && (char.IsLetterOrDigit(_pattern[_at]) || _pattern[_at] == '_'))
            _at++;
        // With a hyphen it is a balancing group.
        return _at > start && TryTake(end);
    }

    private bool TryParseOptions(out RegexNode? node)
    {
        node = null;
        bool on = true;
        bool ignoreCase = _ignoreCase;
        for (; _at < _pattern.Length; _at++)
        {
            switch (_pattern[_at])
            {
                case '-': on = false; break;
                case '+': on = true; break;
                case 'i': ignoreCase = on; break;
                // They tell whether a line feed ends a line, is any character, and what is captured.
                case 'm' or 's' or 'n': break;
                case ')':
                    _at++;
                    _ignoreCase = ignoreCase;
                    return true;
                case ':':
                    _at++;
                    (bool before, _ignoreCase) = (_ignoreCase, ignoreCase);
                    bool isRead = TryParseGroupBody(out node);
                    _ignoreCase = before;
                    return isRead;
                default: return false;
            }
        }

        return false;
    }

    private bool TryParseQuantifier(ref RegexNode atom)
    {
        int minimum = 0;
        int? maximum = null;
        if (TryTake('+')) minimum = 1;
        else if (TryTake('?')) maximum = 1;
        else if (!TryTake('*') && !TryTakeCounts(out minimum, out maximum)) return true;
        TryTake('?');
        // A group may be followed by no second quantifier; an atom that stands for nothing needs none.
        atom = atom is ConcatNode { Parts.Count: 0 } ? atom : new RepeatNode(atom, minimum, maximum);
        return _at >= _pattern.Length || _pattern[_at] is not ('*' or '+' or '?');
    }

    /// <summary>Takes <c>{2}</c>, <c>{2,}</c> or <c>{2,3}</c>; any other brace stands for itself.</summary>
    private bool TryTakeCounts(out int minimum, out int? maximum)
    {
        (minimum, maximum) = (0, null);
        int start = _at;
        if (TryTake('{') && TryTakeNumber(out minimum))
        {
            maximum = minimum;
            if (TryTake(',')) maximum = TryTakeNumber(out int last) ? last : null;
            if (TryTake('}')) return true;
        }

        _at = start;
        return false;
    }

    private bool TryTakeNumber(out int number)
    {
        int start = _at;
        while (_at < _pattern.Length && char.IsAsciiDigit(_pattern[_at]))
            _at++;
        return int.TryParse(_pattern.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private bool TryTake(char wanted)
    {
        if (_at >= _pattern.Length || _pattern[_at] != wanted) return false;
        _at++;
        return true;
    }

    private SetNode Character(char value)
    {
        if (_characters.TryGetValue((value, _ignoreCase), out var node)) return node;
        var set = new CharSet().Add(value);
        if (_ignoreCase) _folding.AddEquivalents(set, value, value);
        return _characters[(value, _ignoreCase)] = new SetNode(set);
    }
}
