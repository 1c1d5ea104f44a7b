using System.Text;
using ProdOps.Logging.Matching;

namespace ProdOps.Logging.Tests.Matching;

public class SubstringMatcherTests
{
    private const string Log = "first Error line\nnothing here\r\nan ERROR\r\n\nterror of errors";

    private static LineMatcher Matcher(bool caseSensitive, params string[] literals) => LineMatchers.Create(literals, isRegex: false, caseSensitive, not: false);

    [Fact]
    public void A_literal_is_found_in_either_case_unless_case_matters()
    {
        Assert.Equal([0, 2, 4], MatchedLines.Of(Matcher(false, "error"), Log));
        Assert.Equal([4], MatchedLines.Of(Matcher(true, "error"), Log));
        Assert.Equal([2], MatchedLines.Of(Matcher(true, "ERROR"), Log));
    }

    [Fact]
    public void A_line_with_several_occurrences_is_given_once() =>
        Assert.Equal([0, 2], MatchedLines.Of(Matcher(true, "aa"), "aaaaaa\na\naaaa"));

    [Fact]
    public void An_empty_pattern_matches_each_line()
    {
        Assert.Equal([0, 1, 2, 3, 4], MatchedLines.Of(Matcher(false, ""), Log));
        Assert.Equal([0, 1, 2, 3, 4], MatchedLines.Of(Matcher(false, "error", ""), Log));
        Assert.Equal([0], MatchedLines.Of(Matcher(true, ""), "\n"));
        Assert.True(Matcher(true, "").IsMatch([]));
    }

    [Fact]
    public void Of_no_bytes_nothing_matches()
    {
        foreach (string pattern in new[] { "", "error", "s" })
        {
            Assert.Empty(MatchedLines.Of(Matcher(false, pattern), ""));
            Assert.Empty(MatchedLines.Of(LineMatchers.Create([pattern], isRegex: false, caseSensitive: true, not: true), ""));
        }
    }

    [Fact]
    public void A_literal_longer_than_the_buffer_is_not_in_it() =>
        Assert.Empty(MatchedLines.Of(Matcher(false, new string('x', 300)), new string('x', 299) + "\n"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_pattern_with_a_line_break_is_refused(bool isRegex)
    {
        var error = Assert.Throws<ProdOpsException>(() => LineMatchers.Create(["ok", "a\nb"], isRegex, caseSensitive: true, not: false));
        Assert.Equal("PatternHasLineBreak", error.ErrorId);
    }

    [Fact]
    public void Not_gives_the_lines_that_are_left()
    {
        Assert.Equal([1, 3], MatchedLines.Of(LineMatchers.Create(["error"], isRegex: false, caseSensitive: false, not: true), Log));
        Assert.Equal([3], MatchedLines.Of(LineMatchers.Create(["error", "nothing"], isRegex: false, caseSensitive: false, not: true), Log));
    }

    [Fact]
    public void The_long_s_and_the_kelvin_sign_are_letters_of_ascii_where_case_does_not_matter()
    {
        const string text = "no\n300 \u212a\nK\nDI\u017f\u212a full\ndisk\nplain \u017f";
        Assert.Equal([3, 4], MatchedLines.Of(Matcher(false, "disk"), text));
        Assert.Equal([1, 2, 3, 4], MatchedLines.Of(Matcher(false, "k"), text));
        Assert.Equal([3, 4], MatchedLines.Of(Matcher(false, "isk", "nothing"), text));
        Assert.Equal([4], MatchedLines.Of(Matcher(true, "disk"), text));
    }

    [Fact]
    public void Letters_beyond_ascii_are_found_in_either_case_unless_case_matters()
    {
        const string text = "M\u00dcLLER\nM\u00fcller\nmuller\n\u041e\u0428\u0418\u0411\u041a\u0410\n\u00b5s \u03bcs \u03a3\n\u023a\n\u2c65";
        Assert.Equal([0, 1], MatchedLines.Of(Matcher(false, "m\u00fcller"), text));
        Assert.Equal([1], MatchedLines.Of(Matcher(true, "M\u00fcller"), text));
        Assert.Equal([3], MatchedLines.Of(Matcher(false, "\u043e\u0448\u0438\u0431\u043a\u0430"), text));
        Assert.Equal([0, 1, 3], MatchedLines.Of(Matcher(false, "m\u00fcller", "\u043e\u0448\u0438\u0431\u043a\u0430"), text));
        // The two cases of this letter differ in length.
        Assert.Equal([5, 6], MatchedLines.Of(Matcher(false, "\u023a"), text));
    }

    [Fact]
    public void Nul_and_what_is_not_utf8_are_bytes_like_others()
    {
        byte[] text = [.. "a\0b"u8, 0xff, .. "error\n\0\0\n"u8, 0xc3, (byte)'\n', .. "x\0b"u8];
        Assert.Equal([0], MatchedLines.Of(Matcher(false, "ERROR"), text));
        Assert.Equal([0, 1, 3], MatchedLines.Of(Matcher(true, "\0"), text));
    }

    [Fact]
    public void What_is_required_stands_in_each_matching_line()
    {
        var matcher = Matcher(false, "Disk", "x\0y");
        var group = Assert.Single(matcher.Required.Groups);
        Assert.Equal(["disk", "x\0y", "\u017f", "\u212a"], group.Select(literal => Encoding.UTF8.GetString(literal.Bytes.Span)));
        Assert.Empty(LineMatchers.Create(["disk"], isRegex: false, caseSensitive: false, not: true).Required.Groups);
    }

    /// <summary>Against a plain comparison: letters of a small alphabet, so that near misses and matches abound, in buffers of each length.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(40)]
    [InlineData(150)]
    public void The_vector_search_finds_what_a_plain_comparison_finds(int count)
    {
        var random = new Random(count);
        const string alphabet = "abABz@`[{ 1Qq\u00e4\u00c4\n";
        for (int round = 0; round < (count > 100 ? 60 : 1500); round++)
        {
            string text = Text(random, alphabet, random.Next(0, 400));
            bool caseSensitive = random.Next(2) == 0;
            string[] literals = [.. Enumerable.Range(0, count).Select(_ => Text(random, caseSensitive ? alphabet[..^1] : alphabet[..^3], random.Next(1, 2 + random.Next(12))))];
            var expected = Expected(text, literals, caseSensitive);
            var matcher = Matcher(caseSensitive, literals);
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            Assert.Equal(expected, MatchedLines.Of(matcher, bytes));
            Assert.Equal(expected, MatchedLines.OneByOne(matcher, bytes));
        }
    }

    private static string Text(Random random, string alphabet, int length) =>
        string.Create(length, (random, alphabet), static (text, given) =>
        {
            // Runs of one character make what a vector holds begin and end anywhere.
            for (int i = 0; i < text.Length; i++)
                text[i] = i > 0 && given.random.Next(3) == 0 ? text[i - 1] : given.alphabet[given.random.Next(given.alphabet.Length)];
        });

    private static List<int> Expected(string text, string[] literals, bool caseSensitive)
    {
        var comparison = caseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        string[] lines = text.Split('\n');
        int count = text.EndsWith('\n') || text.Length == 0 ? lines.Length - 1 : lines.Length;
        return [.. Enumerable.Range(0, count).Where(line => literals.Any(literal => lines[line].Contains(literal, comparison)))];
    }
}
