using System.Globalization;
using System.Text;
using ProdOps.Logging.Conditions;

namespace ProdOps.Logging.Searching;

/// <summary>
/// What is looked for, in a line: <c>level:warning source:nginx* status:&gt;=500 connection refused</c>. A word with a colon is about a field; the others together are a text that entries hold.
/// Quotes keep blanks and colons: <c>"a: b"</c>, <c>path:"/my files/*"</c>. All of it must hold.
/// </summary>
internal static class SearchText
{
    private static readonly (string Sign, LogOperator Operator)[] Signs =
        [(">=", LogOperator.GreaterOrEqual), ("<=", LogOperator.LessOrEqual), ("!=", LogOperator.NotEqual), (">", LogOperator.Greater), ("<", LogOperator.Less), ("=", LogOperator.Equal)];

    /// <exception cref="ProdOpsException">It is not understood; the message says why.</exception>
    public static LogQuery Parse(string text)
    {
        var query = new LogQuery();
        var words = new List<string>();
        var conditions = new List<LogCondition>();
        foreach (var (field, value) in Split(text))
        {
            if (field is null) words.Add(value);
            else if (value.Length == 0) throw LoggingErrors.SearchTextInvalid(text, $"behind '{field}:' there is nothing");
            else if (field.Equals("level", StringComparison.OrdinalIgnoreCase)) query = query with { Level = LevelOf(value) ?? throw LoggingErrors.SearchTextInvalid(text, $"'{value}' is no level") };
            else if (field.Equals("source", StringComparison.OrdinalIgnoreCase)) query = query with { Sources = [.. query.Sources, value] };
            else if (field.Equals("server", StringComparison.OrdinalIgnoreCase)) query = query with { Servers = [.. query.Servers, value] };
            else conditions.Add(Compare(field, value));
        }

        if (words.Count > 0) query = query with { Patterns = [string.Join(' ', words)] };
        return conditions.Count == 0 ? query : query with { Where = conditions is [var only] ? only : new AllOf(conditions) };
    }

    private static Comparison Compare(string field, string value)
    {
        var (sign, kind) = Signs.FirstOrDefault(sign => value.StartsWith(sign.Sign, StringComparison.Ordinal));
        if (sign is not null) return new Comparison(field, kind, ValueOf(value[sign.Length..].Trim()), CaseSensitive: false);
        object constant = ValueOf(value);
        return new Comparison(field, constant is string && value.AsSpan().ContainsAny('*', '?', '[') ? LogOperator.Like : LogOperator.Equal, constant, CaseSensitive: false);
    }

    private static object ValueOf(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? whole
        : double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) ? number : text;

    private static LogLevel? LevelOf(string text) => Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level) && Enum.IsDefined(level) && !char.IsAsciiDigit(text[0]) ? level : null;

    /// <summary>Words, each with the field that it is about. What begins with a quote is about none, and neither is a path, a time or an address.</summary>
    private static IEnumerable<(string? Field, string Value)> Split(string text)
    {
        int position = 0;
        while (position < text.Length)
        {
            if (char.IsWhiteSpace(text[position]))
            {
                position++;
                continue;
            }

            var word = new StringBuilder();
            int colon = -1;
            bool quoted = false;
            for (; position < text.Length && (quoted || !char.IsWhiteSpace(text[position])); position++)
            {
                char c = text[position];
                if (c == '"') quoted = !quoted;
                else
                {
                    if (c == ':' && !quoted && colon < 0 && IsField(word) && !text.AsSpan(position).StartsWith("://")) colon = word.Length;
                    word.Append(c);
                }
            }

            string whole = word.ToString();
            yield return colon > 0 ? (whole[..colon], whole[(colon + 1)..]) : (null, whole);
        }
    }

    private static bool IsField(StringBuilder word)
    {
        if (word.Length == 0 || !char.IsLetter(word[0])) return false;
        for (int i = 1; i < word.Length; i++)
        {
            if (!char.IsLetterOrDigit(word[i]) && word[i] is not ('_' or '.' or '-')) return false;
        }

        return true;
    }
}
