using System.Text;
using ProdOps.Logging.Matching;
using ProdOps.Logging.Matching.Literals;

namespace ProdOps.Logging.Conditions;

/// <summary>What a line must hold for a condition to be true, so that frames without it are not read.</summary>
internal static class ConditionLiterals
{
    private const int Shortest = 3, MostAlternatives = 64;

    public static RequiredLiterals Of(LogCondition condition)
    {
        var groups = new List<IReadOnlyList<Literal>>();
        Add(condition, groups);
        return groups.Count == 0 ? RequiredLiterals.None : new RequiredLiterals(groups);
    }

    private static void Add(LogCondition condition, List<IReadOnlyList<Literal>> groups)
    {
        switch (condition)
        {
            case AllOf all:
                foreach (var each in all.Conditions) Add(each, groups);
                break;
            case AnyOf any:
                if (Alternatives(any) is { } alternatives) groups.Add(alternatives);
                break;
            case Comparison comparison:
                if (Alternatives(comparison) is { } literals) groups.Add(literals);
                break;
        }
    }

    /// <summary>One group that says something of each alternative, or <see langword="null"/>.</summary>
    private static List<Literal>? Alternatives(LogCondition condition)
    {
        var literals = new List<Literal>();
        IEnumerable<LogCondition> parts = condition is AnyOf any ? any.Conditions : [condition];
        foreach (var part in parts)
        {
            if (part is not Comparison comparison || EntryFields.Find(comparison.Field) is not (EntryField.None or EntryField.Message or EntryField.Raw)) return null;
            foreach (string? text in Texts(comparison))
            {
                if (text is null) return null;
                literals.Add(new Literal(Encoding.ASCII.GetBytes(comparison.CaseSensitive ? text : text.ToLowerInvariant()), !comparison.CaseSensitive));
                if (comparison.CaseSensitive) continue;
                if (text.AsSpan().ContainsAny('s', 'S')) literals.Add(FoldedLetters.LongS);
                if (text.AsSpan().ContainsAny('k', 'K')) literals.Add(FoldedLetters.KelvinSign);
            }
        }

        return literals.Count is > 0 and <= MostAlternatives ? literals : null;
    }

    private static IEnumerable<string?> Texts(Comparison comparison) => comparison switch
    {
        { Operator: LogOperator.Equal, Value: string text } => [Usable(text)],
        { Operator: LogOperator.Like, Value: string pattern } => [Usable(Wildcards.LongestRun(pattern))],
        { Operator: LogOperator.In, Value: object?[] values } => values.Select(value => value is string text ? Usable(text) : null),
        _ => [null],
    };

    /// <summary>
    /// The longest part that stands in the line as it is: formats escape quotes, backslashes and slashes, write numbers and durations in several ways, but letters of ASCII only as themselves.
    /// A text that may be a number or an address of another spelling says nothing.
    /// </summary>
    private static string? Usable(string text)
    {
        string longest = "";
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && (char.IsAsciiLetter(text[i]) || text[i] is '-' or '_')) continue;
            if (i - start > longest.Length) longest = text[start..i];
            start = i + 1;
        }

        return longest.Length >= Shortest ? longest : null;
    }
}
