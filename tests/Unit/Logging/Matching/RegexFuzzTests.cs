using ProdOps.Logging.Matching;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Matching;

public class RegexFuzzTests
{
    private static readonly byte[] Line = [.. "GET /api/v1/orders/12345/refund 503 user=\u00e4 timeout"u8, 0xff, 0];

    [Fact]
    public void A_damaged_expression_is_matched_or_refused() => ParserFuzz.Run(
        "regular expression",
        pattern => LineMatchers.Create([pattern], isRegex: true, caseSensitive: pattern.Length % 2 == 0, not: false).IsMatch(Line),
        [
            "/api/v[12]/orders/[0-9]{5,7}/refund",
            "\\b\\d{1,3}\\.\\d{1,3}\\.25[0-5]\\b.* 50[0-4]$",
            "(?i)error|fail(?:ed|ure)|(?-i:OOM)\\b",
            "(?<user>\\w+)=(?'v'[^\\]\\-a-z-[aeiou]]*?)",
            "^\\p{Lu}\\P{L}\\x41\\u00e9\\cA\\07[\\b\\w^-]{2,}+?$",
            "(?=a)(?!b)(?<=c)(?<!d)(?>e)(?#f)\\1\\k<g>(?(h)i|j)",
        ]);

    [Fact]
    public void Damaged_text_is_searched_for_as_it_is() => ParserFuzz.Run(
        "literal",
        text => LineMatchers.Create([text, "x"], isRegex: false, caseSensitive: text.Length % 2 == 0, not: false).IsMatch(Line),
        ["timeout", "\u00c4\u017f\u212a \ud83d\ude00", "error: %${}\\"]);
}
