using System.Text;
using System.Text.RegularExpressions;
using ProdOps.Logging.Matching.Literals;
using ProdOps.Logging.Matching.Regular;

namespace ProdOps.Logging.Matching;

/// <summary>Makes conditions on lines from what a user wrote.</summary>
internal static class LineMatchers
{
    /// <summary>Makes the condition that a line matches any of some patterns, or none of them.</summary>
    /// <param name="patterns">At least one. An empty one matches each line.</param>
    /// <param name="isRegex">They are regular expressions in .NET's syntax; otherwise a line holds one as it is.</param>
    /// <param name="caseSensitive">False: letters match in either case, in any language.</param>
    /// <param name="not">The lines that match none of them.</param>
    /// <exception cref="ProdOpsException">RegexInvalid, RegexTooLarge, PatternHasLineBreak; and when lines are matched RegexTimeout.</exception>
    public static LineMatcher Create(IReadOnlyList<string> patterns, bool isRegex, bool caseSensitive, bool not)
    {
        foreach (string pattern in patterns)
        {
            if (pattern.Contains('\n')) throw LoggingErrors.PatternHasLineBreak(pattern);
        }

        var matcher = isRegex ? Expressions(patterns, caseSensitive) : Substring(patterns, caseSensitive);
        return not ? new NotMatcher(matcher) : matcher;
    }

    private static LineMatcher Substring(IReadOnlyList<string> patterns, bool caseSensitive)
    {
        if (patterns.Any(pattern => pattern.Length == 0)) return new EveryLineMatcher();
        var literals = new List<Literal>();
        var others = new List<string>();
        foreach (string pattern in patterns)
        {
            if (caseSensitive) literals.Add(new Literal(Encoding.UTF8.GetBytes(pattern), IgnoreCase: false));
            else if (Ascii.IsValid(pattern)) literals.Add(new Literal(Encoding.UTF8.GetBytes(pattern.ToLowerInvariant()), IgnoreCase: true));
            else others.Add(pattern);
        }

        // Letters beyond ASCII may change their length with their case.
        var matchers = others.Select(text =>
        {
            LineMatcher Other() => new RuntimeRegexMatcher(Regex.Escape(text), caseSensitive: false);
            return RegexMatcher.For(RegexParser.OfText(text), Other) ?? Other();
        }).ToList();
        if (literals.Count > 0) matchers.Add(AnyLiteral(literals));
        return Any(matchers);
    }

    private static LineMatcher AnyLiteral(List<Literal> literals)
    {
        if (SubstringMatcher.For(literals, LiteralFolding.Both) is { } matcher) return matcher;
        // Too many for one search: the automaton of hundreds of literals is as fast as that of one.
        var texts = new AlternateNode([.. literals.Select(literal => RegexParser.OfText(Encoding.UTF8.GetString(literal.Bytes.Span), literal.IgnoreCase))]);
        LineMatcher Several() => Any([.. literals.Chunk(PackedLiteralSearch.MaximumCount).Select(some => SubstringMatcher.For(some, LiteralFolding.Both)!)]);
        return RegexMatcher.For(texts, Several) ?? Several();
    }

    private static LineMatcher Expressions(IReadOnlyList<string> patterns, bool caseSensitive)
    {
        LineMatcher Others() => Any([.. patterns.Select(pattern => new RuntimeRegexMatcher(pattern, caseSensitive))]);
        var nodes = patterns.Select(pattern => Parse(pattern, caseSensitive)).ToList();
        if (nodes.TrueForAll(node => node is not null)
            && RegexMatcher.For(nodes.Count == 1 ? nodes[0]! : new AlternateNode([.. nodes.Select(node => node!)]), Others) is { } all) return all;
        return Any([.. patterns.Zip(nodes, (pattern, node) => Expression(pattern, node, caseSensitive))]);
    }

    private static RegexNode? Parse(string pattern, bool caseSensitive)
    {
        RuntimeRegexMatcher.Parse(pattern, caseSensitive);
        var node = RegexParser.Parse(pattern, !caseSensitive);
        // .NET would take it, and then memory without end.
        return node?.SizeUpTo(Automaton.MaximumNodes) >= Automaton.MaximumNodes ? throw LoggingErrors.RegexTooLarge(pattern) : node;
    }

    private static LineMatcher Expression(string pattern, RegexNode? node, bool caseSensitive)
    {
        if (node is null) return new RuntimeRegexMatcher(pattern, caseSensitive);
        return RegexMatcher.For(node, () => new RuntimeRegexMatcher(pattern, caseSensitive))
            ?? new RuntimeRegexMatcher(pattern, caseSensitive, LiteralExtractor.Extract(node).Groups);
    }

    private static LineMatcher Any(IReadOnlyList<LineMatcher> matchers) => matchers.Count == 1 ? matchers[0] : new AnyOfMatcher(matchers);
}
