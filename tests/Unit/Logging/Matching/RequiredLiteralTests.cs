using System.Text;
using ProdOps.Logging.Matching;

namespace ProdOps.Logging.Tests.Matching;

public class RequiredLiteralTests
{
    /// <summary>Groups that must be among those found: literals with | between them, those that match in either case with ~ before.</summary>
    [Theory]
    [InlineData("/api/v[12]/orders/[0-9]{5,7}/refund", true, "/refund", "/api/v1/orders/|/api/v2/orders/")]
    [InlineData("\\b\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.25[0-5]\\b.* 50[0-4]", true, " 500| 501| 502| 503| 504", ".25")]
    [InlineData("user=(\\w+) .*timeout", true, "timeout", "user=")]
    [InlineData("error|fail(ed|ure)", true, "error|failed|failure")]
    [InlineData("error|fail(ed|ure)", false, "~error|~failed|~failure")]
    [InlineData("(?i)warn(?-i:ING)", true, "~warning")]
    [InlineData("colou?r=", true, "color=|colour=")]
    [InlineData("(abc)+def", true, "abcdef")]
    [InlineData("(?:ab){2,}", true, "abab")]
    [InlineData("kube", false, "~kube|\u212a")]
    [InlineData("foo.*|bar\\d", true, "foo|bar")]
    [InlineData("foo\\b bar", true, "foo bar")]
    [InlineData("M\u00fcller", false, "~ller")]
    [InlineData("(?=.*timeout)\\w+", true, "timeout")]
    [InlineData("(?>denied)x", true, "denied")]
    [InlineData("timeout(?!x)", true, "timeout")]
    public void A_matching_line_holds_the_literals_of_its_expression(string pattern, bool caseSensitive, params string[] groups)
    {
        var required = LineMatchers.Create([pattern], isRegex: true, caseSensitive, not: false).Required;
        var found = required.Groups.Select(group => string.Join('|', group.Select(literal => (literal.IgnoreCase ? "~" : "") + Encoding.UTF8.GetString(literal.Bytes.Span)))).ToList();
        if (pattern.Contains('\u00fc')) Assert.Contains(found, group => group.Contains("ller", StringComparison.Ordinal));
        else Assert.Superset(groups.ToHashSet(), found.ToHashSet());
    }

    [Theory]
    [InlineData("a*")]
    [InlineData("\\d+")]
    [InlineData("(abc)?")]
    [InlineData("abc|\\d+")]
    [InlineData("(?!abc)")]
    [InlineData("[^\\s\\S]|\ufffd")]
    public void Where_nothing_is_required_nothing_is_said(string pattern) =>
        Assert.Empty(LineMatchers.Create([pattern], isRegex: true, caseSensitive: true, not: false).Required.Groups);

    [Fact]
    public void Several_patterns_require_one_literal_of_any()
    {
        var required = LineMatchers.Create(["timeout after \\d", "(denied) \\1"], isRegex: true, caseSensitive: true, not: false).Required;
        var group = Assert.Single(required.Groups);
        Assert.Equal(["timeout after ", "denied "], group.Select(literal => Encoding.UTF8.GetString(literal.Bytes.Span)));
    }

    [Fact]
    public void An_expression_that_is_nothing_but_literals_is_searched_for_as_such()
    {
        Assert.IsType<SubstringMatcher>(LineMatchers.Create(["error|fail(ed|ure)"], isRegex: true, caseSensitive: false, not: false));
        Assert.IsType<SubstringMatcher>(LineMatchers.Create(["a[bc]d"], isRegex: true, caseSensitive: true, not: false));
        // An s is a long s in no expression of .NET, a k is a Kelvin sign.
        var matcher = LineMatchers.Create(["sk"], isRegex: true, caseSensitive: false, not: false);
        Assert.IsType<SubstringMatcher>(matcher);
        Assert.Equal([0, 2], MatchedLines.Of(matcher, "S\u212a\n\u017fk\nsK\n"));
    }
}
