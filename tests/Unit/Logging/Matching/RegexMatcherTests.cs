using System.Text;
using ProdOps.Logging.Matching;
using ProdOps.Logging.Matching.Regular;

namespace ProdOps.Logging.Tests.Matching;

public class RegexMatcherTests
{
    private static LineMatcher Matcher(string pattern, bool caseSensitive = true) =>
        LineMatchers.Create([pattern], isRegex: true, caseSensitive, not: false);

    [Fact]
    public void Lines_end_before_a_carriage_return_too()
    {
        Assert.Equal([0, 1, 2], MatchedLines.Of(Matcher("[0-9]$"), "a1\r\nb2\nc3\r"));
        Assert.Equal([0, 1], MatchedLines.Of(Matcher("(?<!x)1$"), "a1\r\nb1\nx1\r\n"));
        Assert.Equal([1], MatchedLines.Of(Matcher("^$"), "a\r\n\r\nb\n"));
        Assert.Equal([0], MatchedLines.Of(Matcher("1\\r$"), "a1\r\nb1\n"));
        Assert.Empty(MatchedLines.Of(Matcher("1$"), "1\r2\n1\r\r2"));
    }

    [Fact]
    public void An_expression_does_not_reach_over_a_line_s_end()
    {
        Assert.Empty(MatchedLines.Of(Matcher("a[^x]*b"), "a\nb\n"));
        Assert.Empty(MatchedLines.Of(Matcher("a\\sb"), "a\nb\n"));
        Assert.Equal([1], MatchedLines.Of(Matcher("(?s)a.*b"), "a\nab\nb"));
    }

    [Fact]
    public void An_expression_for_the_empty_text_matches_each_line()
    {
        foreach (string pattern in new[] { "", "x*", "^", "$", "(|a)", "\\z", "x*|y" })
        {
            Assert.Equal([0, 1, 2], MatchedLines.Of(Matcher(pattern), "a\n\nb"));
            Assert.Empty(MatchedLines.Of(Matcher(pattern), ""));
            Assert.True(Matcher(pattern).IsMatch([]));
        }

        Assert.Equal([1], MatchedLines.Of(Matcher("^$"), "a\n\nb"));
        Assert.False(Matcher("\\b").IsMatch([]));
    }

    [Fact]
    public void Any_of_several_expressions_will_do()
    {
        var matcher = LineMatchers.Create(["fail(ed|ure)", "^\\d+ 50[0-4]"], isRegex: true, caseSensitive: true, not: false);
        Assert.IsType<RegexMatcher>(matcher);
        Assert.Equal([0, 2], MatchedLines.Of(matcher, "12 503\n x 503\nit failed\n"));
        var mixed = LineMatchers.Create(["(a)\\1", "b$"], isRegex: true, caseSensitive: true, not: false);
        Assert.Equal([0, 2], MatchedLines.Of(mixed, "aa\na\nb\n"));
        var none = LineMatchers.Create(["(a)\\1", "b$"], isRegex: true, caseSensitive: true, not: true);
        Assert.Equal([1], MatchedLines.Of(none, "aa\na\nb\n"));
    }

    [Theory]
    [InlineData("(?<=user )\\w+")]
    [InlineData("(\\w)\\1")]
    [InlineData("(?>ad)min")]
    [InlineData("(?(a)ad|x)min")]
    [InlineData("a(?!x)d")]
    [InlineData("\\Guser")]
    [InlineData("(?x) ad min # all of it")]
    [InlineData("\\p{IsBasicLatin}")]
    public void What_is_no_matter_of_automata_is_matched_by_dotnet(string pattern)
    {
        var matcher = Matcher(pattern);
        Assert.IsType<RuntimeRegexMatcher>(matcher);
        Assert.Equal([1], MatchedLines.Of(matcher, "\n" + "user admin aa\n\n"));
        Assert.Equal([1], MatchedLines.Of(matcher.Clone(), "\n" + "user admin aa\n\n"));
    }

    [Theory]
    [InlineData("(", 1)]
    [InlineData("a)", 2)]
    [InlineData("[b-a]", 4)]
    [InlineData("a**", 3)]
    public void An_invalid_expression_is_refused_with_its_place(string pattern, int place)
    {
        var error = Assert.Throws<ProdOpsException>(() => LineMatchers.Create(["ok", pattern], isRegex: true, caseSensitive: false, not: false));
        Assert.Equal("RegexInvalid", error.ErrorId);
        Assert.Equal(pattern, error.Target);
        Assert.Contains($"at character {place}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Invalid pattern", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expression_that_takes_for_ever_is_given_up()
    {
        var matcher = Matcher("^(a|aa)+(?=b)$");
        var error = Assert.Throws<ProdOpsException>(() => matcher.IsMatch(Encoding.UTF8.GetBytes(new string('a', 100) + "cb")));
        Assert.Equal("RegexTimeout", error.ErrorId);
        Assert.Equal(ErrorKind.Timeout, error.Kind);
    }

    [Theory]
    [InlineData("(a{1000}){1000}")]
    [InlineData("((((a{100}){100}){100}){100}){100}")]
    [InlineData("(((((|){1000}){1000}){1000}){1000}){1000}")]
    [InlineData("(?=x)(((\\w?){1000}){1000}){1000}")]
    public void An_expression_that_is_too_large_is_refused(string pattern)
    {
        var error = Assert.Throws<ProdOpsException>(() => Matcher(pattern));
        Assert.Equal("RegexTooLarge", error.ErrorId);
    }

    [Theory]
    [InlineData("(a*)*(a*)*(a*)*(a*)*(a*)*b")]
    [InlineData("(x+x+)+y")]
    [InlineData("((((){1000000000}){1000000000}){1000000000})a")]
    [InlineData("a.{15000}b")]
    [InlineData("(\\w{1,100},){100}")]
    [InlineData("(x?){5000}x{5000}")]
    public void Hostile_expressions_take_neither_time_nor_memory(string pattern)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var matcher = Matcher(pattern);
        Assert.False(matcher.IsMatch(Encoding.UTF8.GetBytes(new string('x', 200))));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 20);
    }

    [Fact]
    public void Parentheses_may_be_nested_deeper_than_a_stack() =>
        Assert.True(Matcher(new string('(', 500) + "a" + new string(')', 500)).IsMatch("xa"u8));

    [Fact]
    public void An_automaton_that_would_have_countless_states_is_forgotten_in_time()
    {
        // Which of the last 14 characters were an a: a state each.
        const string pattern = "a.{14}[^ab]";
        var random = new Random(5);
        byte[] text = new byte[3 << 20];
        for (int i = 0; i < text.Length; i++)
            text[i] = (byte)(i % 4001 == 4000 ? '\n' : random.Next(2) == 0 ? 'a' : 'b');
        "a0123456789abcdX"u8.CopyTo(text.AsSpan(text.Length - 300));
        var dfa = new LazyDfa(Automaton.For(RegexParser.Parse(pattern, ignoreCase: false)!)!);
        Assert.Equal(-1, dfa.Find(text, 0));
        Assert.True(dfa.HasGivenUp);
        var found = MatchedLines.Of(Matcher(pattern), text);
        Assert.Equal([text.AsSpan(0, text.Length - 300).Count((byte)'\n')], found);
    }

    [Fact]
    public void States_are_forgotten_and_learnt_again_without_a_line_missed()
    {
        // Most of the text is plain, so forgetting now and then is no reason to give up.
        const string pattern = "a[ab]{13}c";
        var random = new Random(7);
        var text = new StringBuilder();
        var expected = new List<int>();
        for (int line = 0; text.Length < 6 << 20; line++)
        {
            text.Append(' ', random.Next(3000));
            bool isMatch = random.Next(40) == 0;
            if (isMatch) expected.Add(line);
            for (int run = random.Next(12); run > 0; run--)
            {
                text.Append('b', random.Next(3));
                for (int i = random.Next(18); i > 0; i--)
                    text.Append(random.Next(2) == 0 ? 'a' : 'b');
                text.Append(' ');
            }

            if (isMatch) text.Append("abbabababababbc");
            text.Append('\n');
        }

        Assert.Equal(expected, MatchedLines.Of(Matcher(pattern), text.ToString()));
    }

    [Fact]
    public void Lines_of_megabytes_are_read_whole()
    {
        var text = new byte[5 << 20];
        Array.Fill(text, (byte)'x');
        text[1 << 20] = (byte)'\n';
        "7é7"u8.CopyTo(text.AsSpan(^4));
        Assert.Equal([1], MatchedLines.Of(Matcher("\\d\\w\\d$"), text));
        Assert.Equal([1], MatchedLines.Of(Matcher("x{3}7"), text));
        Assert.Equal([0, 1], MatchedLines.Of(Matcher("^x+"), text));
        Assert.Equal([0], MatchedLines.Of(Matcher("^x+$"), text));
    }

    [Fact]
    public void Clones_match_at_the_same_time()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(line => $"line {line} of {line * 7919L % 10007} \u00e9\n")));
        foreach (string pattern in new[] { "of \\d*77\\d* \\w$", "(?<=of )\\d*77", "\u00e9$" })
        {
            var matcher = Matcher(pattern);
            var expected = MatchedLines.Of(matcher, text);
            Parallel.For(0, 4, _ => Assert.Equal(expected, MatchedLines.Of(matcher.Clone(), text)));
        }
    }
}
