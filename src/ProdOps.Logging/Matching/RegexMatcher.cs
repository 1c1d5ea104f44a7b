using ProdOps.Logging.Matching.Literals;
using ProdOps.Logging.Matching.Regular;

namespace ProdOps.Logging.Matching;

/// <summary>
/// Lines that match a regular expression, by an automaton over bytes. It matches what .NET's Regex matches on the decoded line, with one
/// difference: a carriage return at the end may be part of the line or not, so <c>$</c> is before it, too.
/// </summary>
/// <remarks>
/// Where any matching line holds certain literals, those are searched for and the automaton reads the lines that hold one. If many do
/// in vain, other literals are tried, and if none is any better it reads all.
/// </remarks>
internal sealed class RegexMatcher : LineMatcher
{
    /// <summary>A search for literals that costs more than this, in nanoseconds a byte, is slower than the automaton.</summary>
    private const double MaximumCost = 0.5;

    private readonly Automaton _automaton;
    private readonly Func<LineMatcher> _makeOther;
    private readonly LazyDfa _dfa;
    private readonly SearchChoice _searches;
    private LineMatcher? _other;

    private RegexMatcher(Automaton automaton, RequiredLiterals required, SearchChoice searches, Func<LineMatcher> makeOther)
    {
        _automaton = automaton;
        _dfa = new LazyDfa(automaton);
        _searches = searches;
        _makeOther = makeOther;
        Required = required;
    }

    public override RequiredLiterals Required { get; }

    /// <summary>Makes the fastest matcher for an expression.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="makeOther">Makes what matches the same without an automaton, if that becomes too large.</param>
    /// <returns><see langword="null"/> if the expression is not one for an automaton.</returns>
    public static LineMatcher? For(RegexNode expression, Func<LineMatcher> makeOther)
    {
        if (Automaton.For(expression) is not { } automaton) return null;
        var literals = LiteralExtractor.Extract(expression);
        if (literals.Whole is { } whole && SubstringMatcher.For(whole, literals.WholeFolding) is { } substring) return substring;
        var matcher = new RegexMatcher(automaton, new RequiredLiterals(literals.Groups), SearchChoice.For(literals.Groups, MaximumCost), makeOther);
        return matcher._dfa.MatchesEveryLine ? new EveryLineMatcher() : matcher;
    }

    public override bool TryFind(ReadOnlySpan<byte> lines, int start, out int lineStart, out int lineLength)
    {
        if (_other is not null) return _other.TryFind(lines, start, out lineStart, out lineLength);
        (lineStart, lineLength) = (-1, 0);
        int at = start;
        while (at < lines.Length && _searches.Current is { } search)
        {
            int found = search.IndexOf(lines[at..]);
            _searches.Passed(found < 0 ? lines.Length - at : found);
            if (found < 0) return false;
            (int candidate, int length) = Lines.Around(lines, at, at + found);
            var line = lines.Slice(candidate, length);
            if (!_searches.HoldsOthers(line))
            {
                at = candidate + length + 1;
                _searches.LookedInVain(length);
                continue;
            }

            if (_dfa.IsMatch(line))
            {
                (lineStart, lineLength) = (candidate, length);
                return true;
            }

            if (_dfa.HasGivenUp) break;
            at = candidate + length + 1;
            _searches.ReadInVain(length);
        }

        if (at >= lines.Length) return false;
        int place = _dfa.HasGivenUp ? -1 : _dfa.Find(lines, at);
        if (_dfa.HasGivenUp)
        {
            _other = _makeOther();
            return _other.TryFind(lines, at, out lineStart, out lineLength);
        }

        if (place < 0) return false;
        (lineStart, lineLength) = Lines.Around(lines, at, place);
        return true;
    }

    public override bool IsMatch(ReadOnlySpan<byte> line)
    {
        if (_other is null)
        {
            if (_searches.Current is { } search && search.IndexOf(line) < 0) return false;
            bool isMatch = _dfa.IsMatch(line);
            if (!_dfa.HasGivenUp) return isMatch;
            _other = _makeOther();
        }

        return _other.IsMatch(line);
    }

    public override LineMatcher Clone() => new RegexMatcher(_automaton, Required, _searches.Clone(), _makeOther);
}
