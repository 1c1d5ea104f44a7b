using System.Text;
using System.Text.RegularExpressions;
using ProdOps.Logging.Matching;
using ProdOps.Logging.Matching.Regular;

namespace ProdOps.Logging.Tests.Matching;

/// <summary>What .NET's Regex matches on the decoded line, with or without its carriage return, is what must be found.</summary>
public class RegexDifferentialTests
{
    [Theory]
    [InlineData(1, 40, true)]
    [InlineData(2, 40, false)]
    [InlineData(3, 900, true)]
    [InlineData(4, 900, false)]
    public void Random_expressions_match_the_lines_that_dotnet_matches(int seed, int lineCount, bool damaged)
    {
        var random = new RandomExpressions(seed);
        int patterns = lineCount < 100 ? 1000 : 40;
        int foreign = 0;
        for (int i = 0; i < patterns; i++)
        {
            string pattern = random.Expression();
            bool caseSensitive = random.Next(2) == 0;
            byte[][] lines = [.. Enumerable.Range(0, lineCount).Select(_ => random.Line(damaged))];
            byte[] text = [.. lines.SelectMany(line => (byte[])[.. line, (byte)'\n'])];
            var expected = Expected(pattern, caseSensitive, lines);
            var matcher = LineMatchers.Create([pattern], isRegex: true, caseSensitive, not: false);
            if (matcher is RuntimeRegexMatcher) foreign++;
            Check(expected, MatchedLines.Of(matcher, text), pattern, caseSensitive, lines);
            Check(expected, MatchedLines.OneByOne(matcher, text), pattern, caseSensitive, lines);
            Assert.All(expected, number => Assert.True(MatchedLines.HoldsRequired(matcher, lines[number]), $"{pattern} {Shown(lines[number])}"));
            var automaton = Automaton.For(RegexParser.Parse(pattern, !caseSensitive)!);
            if (automaton is not null && new LazyDfa(automaton) is { MatchesEveryLine: false } dfa)
                Check(expected, WithoutLiterals(dfa, text), pattern, caseSensitive, lines);
        }

        Assert.True(foreign <= patterns / 10, $"{foreign} patterns were left to .NET");
    }

    [Fact]
    public void Case_and_classes_are_those_of_dotnet_for_each_character()
    {
        // One line each, without the surrogates, which are no characters by themselves, and the line feed.
        string[] lines = [.. Enumerable.Range(0, 0x10000).Where(unit => unit != '\n' && !char.IsSurrogate((char)unit)).Select(unit => ((char)unit).ToString())];
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
        var patterns = new List<string> { "\\w", "\\d", "\\s", "\\b", "[^\\W\\d_]", "\\p{L}", "\\p{P}", "^.$", "^\\B", "[\u0400-\u04ff]", "[^\u0100-\uffff]", "[\u1c00-\u1cff]", "[\ua780-\ua7ff]", "[\u0180-\u02af]", "\\p{Lo}" };
        patterns.AddRange("kKsSiI\u0130\u0131\u00df\u1e9e\u00b5\u03bc\u03c3\u03c2\u00e5\u212b\u2126\u01c5\u10d0\u1c90\u0345".Select(unit => unit.ToString()));
        foreach (string pattern in patterns)
        {
            var regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);
            var expected = Enumerable.Range(0, lines.Length).Where(number => IsMatch(regex, lines[number]));
            var matcher = LineMatchers.Create([pattern], isRegex: true, caseSensitive: false, not: false);
            Assert.IsNotType<RuntimeRegexMatcher>(matcher);
            Assert.Equal(expected, MatchedLines.Of(matcher, text));
        }
    }

    private static List<int> WithoutLiterals(LazyDfa dfa, ReadOnlySpan<byte> text)
    {
        var found = new List<int>();
        for (int start = 0, number = 0; start < text.Length;)
        {
            int place = dfa.Find(text, start);
            if (place < 0) break;
            number += text[start..place].Count((byte)'\n');
            found.Add(number++);
            start = place + Lines.LengthAt(text, place) + 1;
        }

        return found;
    }

    private static List<int> Expected(string pattern, bool caseSensitive, byte[][] lines)
    {
        var regex = new Regex(pattern, RegexOptions.CultureInvariant | (caseSensitive ? 0 : RegexOptions.IgnoreCase));
        return [.. Enumerable.Range(0, lines.Length).Where(number => IsMatch(regex, Encoding.UTF8.GetString(lines[number])))];
    }

    private static bool IsMatch(Regex regex, string line) => regex.IsMatch(line) || (line.EndsWith('\r') && regex.IsMatch(line[..^1]));

    private static void Check(List<int> expected, List<int> actual, string pattern, bool caseSensitive, byte[][] lines)
    {
        if (expected.SequenceEqual(actual)) return;
        int[] differ = [.. expected.Except(actual).Concat(actual.Except(expected)).Order()];
        int line = differ.Length == 0 ? 0 : differ[0];
        Assert.Fail($"'{pattern}' (case-sensitive {caseSensitive}): line {line} {Shown(lines[line])} {(expected.Contains(line) ? "is missed" : "is too much")}");
    }

    private static string Shown(byte[] line) => string.Concat(line.Select(value => value is > 0x20 and < 0x7f ? ((char)value).ToString() : $"<{value:x2}>"));
}
