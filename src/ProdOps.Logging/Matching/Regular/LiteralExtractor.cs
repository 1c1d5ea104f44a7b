using ProdOps.Logging.Matching.Literals;

namespace ProdOps.Logging.Matching.Regular;

/// <summary>
/// Finds the literals that stand in whatever an expression matches. Texts that follow each other are joined, each alternative with each,
/// as long as there are few.
/// </summary>
internal sealed class LiteralExtractor
{
    private const int MaximumTexts = 24;
    private const int MaximumLength = 40;
    private const int MaximumMembers = 10;
    private const int MaximumGroups = 8;

    private bool _hasAssertions;

    /// <summary>What was found.</summary>
    /// <param name="Groups">A line that matches holds one literal at least of each.</param>
    /// <param name="Whole">If not null, a line matches exactly if it holds one of these.</param>
    /// <param name="WholeFolding">How case folds in those.</param>
    public sealed record Result(IReadOnlyList<IReadOnlyList<Literal>> Groups, IReadOnlyList<Literal>? Whole, LiteralFolding WholeFolding);

    public static Result Extract(RegexNode expression)
    {
        var extractor = new LiteralExtractor();
        var found = extractor.Visit(expression);
        IReadOnlyList<Literal>? whole = null;
        LiteralFolding wholeFolding = default;
        if (found.Exact is { } exact && !extractor._hasAssertions && IsUseful(exact))
        {
            var literals = LiteralUnit.ToLiterals(exact, out wholeFolding, out bool isExact);
            if (isExact && literals is not null) whole = Least(literals);
        }

        if (found.Exact is not null) found.Groups.Add(found.Exact);
        var groups = new List<IReadOnlyList<Literal>>();
        foreach (var texts in found.Groups.Where(IsUseful))
        {
            if (LiteralUnit.ToLiterals(texts, out var folding, out _) is { } literals) groups.Add(folding.Alternatives(Least(literals)));
        }

        // A group that says no more than another only costs.
        var telling = groups.OrderBy(LiteralCost.Of).ToList();
        for (int i = telling.Count - 1; i > 0; i--)
        {
            if (telling.Take(i).Any(stronger => stronger.All(literal => telling[i].Any(weaker => Contains(literal, weaker))))) telling.RemoveAt(i);
        }

        return new Result([.. telling.Take(MaximumGroups)], whole, wholeFolding);
    }

    private Found Visit(RegexNode expression)
    {
        switch (expression)
        {
            case SetNode set:
                return new Found(LiteralUnit.MembersOf(set.Set, MaximumMembers) is { Count: > 0 } members ? members.ConvertAll(unit => new[] { unit }) : null);
            case AssertNode:
                _hasAssertions = true;
                return new Found([[]]);
            case ConcatNode concat:
                return VisitConcat(concat);
            case AlternateNode alternate:
                return VisitAlternate(alternate);
            case RepeatNode repeat:
                return VisitRepeat(repeat);
            default:
                return new Found(null);
        }
    }

    private Found VisitConcat(ConcatNode concat)
    {
        var groups = new List<List<LiteralUnit[]>>();
        List<LiteralUnit[]> current = [[]];
        // The run of single characters alone: one literal is found faster than ten that begin with a digit each.
        List<LiteralUnit[]> plain = [[]];
        bool isExact = true;
        foreach (var part in concat.Parts)
        {
            var found = Visit(part);
            groups.AddRange(found.Groups);
            if (found.Exact?.Count == 1 && Join(plain, found.Exact) is { } longer)
            {
                plain = longer;
            }
            else
            {
                groups.Add(current);
                groups.Add(plain);
                plain = [[]];
            }

            if (found.Exact is { } exact)
            {
                if (Join(current, exact) is { } joined)
                {
                    current = joined;
                    continue;
                }

                groups.Add(current);
                current = exact;
            }
            else
            {
                if (found.Prefix is { } prefix) groups.Add(Join(current, prefix) ?? current);
                current = found.Suffix ?? [[]];
            }

            isExact = false;
        }

        groups.Add(plain);
        if (!isExact) groups.Add(current);
        groups.RemoveAll(group => !IsUseful(group));
        return new Found(isExact ? current : null) { Groups = groups };
    }

    private Found VisitAlternate(AlternateNode alternate)
    {
        var together = new List<LiteralUnit[]>();
        var required = new List<LiteralUnit[]>();
        bool isExact = true;
        bool isRequired = true;
        foreach (var part in alternate.Parts)
        {
            var found = Visit(part);
            isExact &= found.Exact is not null && together.Count + found.Exact.Count <= MaximumTexts * 2;
            if (isExact) together.AddRange(found.Exact!);
            if (found.Exact is not null) found.Groups.Add(found.Exact);
            var best = found.Groups.Where(IsUseful).MinBy(Cost);
            isRequired &= best is not null && required.Count + best.Count <= PackedLiteralSearch.MaximumCount;
            if (isRequired) required.AddRange(best!);
        }

        return new Found(isExact ? together : null) { Groups = isRequired ? [required] : [] };
    }

    private Found VisitRepeat(RepeatNode repeat)
    {
        var body = Visit(repeat.Body);
        if (repeat.Minimum == 0)
            return new Found(repeat.Maximum == 1 && body.Exact is { Count: < MaximumTexts } optional ? [[], .. optional] : null);
        if (body.Exact is not { } exact) return new Found(null) { Groups = body.Groups };
        var times = exact;
        int count = 1;
        for (; count < repeat.Minimum && Join(times, exact) is { } more; count++)
            times = more;
        if (count == repeat.Maximum) return new Found(times) { Groups = body.Groups };
        return new Found(null) { Groups = [.. body.Groups, times], Prefix = times, Suffix = times };
    }

    private static List<LiteralUnit[]>? Join(List<LiteralUnit[]> left, List<LiteralUnit[]> right)
    {
        if (left.Count * right.Count > MaximumTexts || left.Max(text => text.Length) + right.Max(text => text.Length) > MaximumLength) return null;
        return [.. left.SelectMany(_ => right, (before, behind) => (LiteralUnit[])[.. before, .. behind])];
    }

    private static double Cost(List<LiteralUnit[]> texts) =>
        LiteralUnit.ToLiterals(texts, out _, out _) is { } literals ? LiteralCost.Of(literals) : double.MaxValue;

    private static bool IsUseful(List<LiteralUnit[]> texts) => texts.Count > 0 && texts.TrueForAll(text => text.Length > 0);

    /// <summary>Leaves out what holds another.</summary>
    private static List<Literal> Least(List<Literal> literals) =>
        literals.FindAll(literal => !literals.Exists(other => !ReferenceEquals(other, literal) && Contains(literal, other)));

    /// <summary>Whether wherever the longer literal stands the shorter one does.</summary>
    private static bool Contains(Literal longer, Literal shorter)
    {
        if (shorter.Bytes.Length > longer.Bytes.Length || (longer.IgnoreCase && !shorter.IgnoreCase)) return false;
        var text = longer.Bytes.ToArray();
        if (shorter.IgnoreCase) text = Array.ConvertAll(text, value => char.IsAsciiLetterUpper((char)value) ? (byte)(value | 0x20) : value);
        return text.AsSpan().IndexOf(shorter.Bytes.Span) >= 0;
    }

    /// <summary>What is known of a part.</summary>
    /// <param name="Exact">All that it matches, if that is little.</param>
    private sealed record Found(List<LiteralUnit[]>? Exact)
    {
        /// <summary>One text at least of each stands in what it matches.</summary>
        public List<List<LiteralUnit[]>> Groups { get; init; } = [];

        /// <summary>What it begins with, if it is not all.</summary>
        public List<LiteralUnit[]>? Prefix { get; init; }

        /// <summary>What it ends with.</summary>
        public List<LiteralUnit[]>? Suffix { get; init; }
    }
}
