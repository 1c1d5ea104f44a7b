using System.Text;
using System.Text.RegularExpressions;
using ProdOps.Logging.Matching.Literals;

namespace ProdOps.Logging.Matching;

/// <summary>Makes conditions on lines from what a user wrote.</summary>
internal static class LineMatchers
{
    /// <summary>Makes the condition that a line matches any of some patterns, or none of them.</summary>
    /// <param name="patterns">At least one. An empty one matches each line.</param>
    /// <param name="isRegex">They are regular expressions in .NET's syntax; otherwise a line holds one as it is.</param>
    /// <param name="caseSensitive">False: letters match in either case, in any language.</param>
    /// <param name="not">The lines that match none of them.</param>
    /// <exception cref="ProdOpsException">RegexInvalid, PatternHasLineBreak.</exception>
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
        var literals = patterns.Where(pattern => caseSensitive || Ascii.IsValid(pattern))
            .Select(pattern => new Literal(Encoding.UTF8.GetBytes(caseSensitive ? pattern : pattern.ToLowerInvariant()), !caseSensitive)).ToList();
        var matchers = new List<LineMatcher>();
        foreach (var some in literals.Chunk(PackedLiteralSearch.MaximumCount))
            matchers.Add(SubstringMatcher.For(some)!);
        if (literals.Count < patterns.Count)
            matchers.Add(Expressions([.. patterns.Where(pattern => !Ascii.IsValid(pattern)).Select(pattern => Regex.Escape(pattern))], caseSensitive));
        return Any(matchers);
    }

    private static LineMatcher Expressions(IReadOnlyList<string> patterns, bool caseSensitive) =>
        Any([.. patterns.Select(pattern => new RuntimeRegexMatcher(pattern, caseSensitive, RequiredLiterals.None, []))]);

    private static LineMatcher Any(IReadOnlyList<LineMatcher> matchers) => matchers.Count == 1 ? matchers[0] : new AnyOfMatcher(matchers);
}
