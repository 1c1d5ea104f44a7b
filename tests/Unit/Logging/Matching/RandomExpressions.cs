using System.Text;

namespace ProdOps.Logging.Tests.Matching;

/// <summary>Regular expressions and lines that have something to do with each other, the same for the same seed.</summary>
internal sealed class RandomExpressions(int seed)
{
    private static readonly string[] Characters =
        ["a", "b", "B", "k", "s", "1", "7", " ", "_", "-", "=", "/", "\\.", "\\t", "\\x41", "\\u00e9", "\u00e9", "\u00c9", "\u017f", "\u212a", "\u0130", "\ud83d\ude00", "\ufffd", "\\0"];

    private static readonly string[] Sets =
    [
        ".", "\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "[ab]", "[^ab]", "[a-k]", "[0-9]", "[^\\w]", "[\\d_]", "[\u00e0-\u00ff]", "[^\\x00-\\x7f]", "[a-z-[aeiou]]", "[\\]\\-]", "[k-s1]", "[.]",
        "\\p{L}", "\\P{Lu}", "\\p{Nd}", "[a\ud83d]",
    ];

    private static readonly string[] Zeros = ["^", "$", "\\b", "\\B", "\\A", "\\z", "\\Z"];

    private static readonly string[] Quantifiers = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,1}", "{2,}", "{1}?", "{3}"];

    private static readonly string[] Pieces =
    [
        "a", "b", "B", "ab", "k", "K", "s", "S", "1", "7", "17", " ", "_", "-", "=", "/", ".", "\t", "A", "\u00e9", "\u00c9", "\u017f", "\u212a", "\u0130", "i", "\ud83d\ude00", "\ufffd", "\0", "\u0905", "\u0660", "\u0448", "\u4e2d\u5716", "\u3042", "\u00b7", "\u2003", "\u200d", "]",
    ];

    private readonly Random _random = new(seed);

    public int Next(int end) => _random.Next(end);

    public string Expression(int depth = 3)
    {
        int kind = _random.Next(depth <= 0 ? 7 : 13);
        return kind switch
        {
            < 4 => Pick(Characters),
            < 6 => Pick(Sets),
            6 => Pick(Zeros),
            7 => "(" + Expression(depth - 1) + "|" + Expression(depth - 1) + ")" + Maybe(Quantifiers),
            8 => "(?:" + Expression(depth - 1) + ")" + Pick(Quantifiers),
            9 => (_random.Next(2) == 0 ? "(?i:" : "(?<name>") + Expression(depth - 1) + ")",
            _ => string.Concat(Enumerable.Range(0, _random.Next(2, 5)).Select(_ => Single(depth - 1))),
        };
    }

    /// <summary>A line without its end.</summary>
    /// <param name="damaged">Whether there are bytes in it that are not UTF-8 at times.</param>
    public byte[] Line(bool damaged = true)
    {
        var line = new List<byte>();
        for (int count = _random.Next(0, 14); count > 0; count--)
            line.AddRange(Encoding.UTF8.GetBytes(Pick(Pieces)));
        if (damaged && line.Count > 0 && _random.Next(8) == 0) line[_random.Next(line.Count)] = (byte)(_random.Next(4) == 0 ? '\r' : 0x80 + _random.Next(0x80));
        if (_random.Next(6) == 0) line.Add((byte)'\r');
        return [.. line];
    }

    private string Single(int depth)
    {
        string expression = Expression(depth);
        // A quantifier belongs to one character only.
        return expression.Length == 1 ? expression + Maybe(Quantifiers) : expression;
    }

    private string Maybe(string[] choices) => _random.Next(2) == 0 ? "" : Pick(choices);

    private string Pick(string[] choices) => choices[_random.Next(choices.Length)];
}
