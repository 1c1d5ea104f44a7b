using System.Text;
using ProdOps.Logging.Conditions;

namespace ProdOps.Logging.Engines.Loki;

/// <summary>
/// Says conditions in LogQL as far as they are of what lines are sent with: server, source and level. Fields are in the line alone, and there they are read by formats that Loki does not
/// have: conditions on them are decided here.
/// </summary>
internal static class LokiConditions
{
    public static LokiCertainty Of(LogCondition condition) => condition switch
    {
        AllOf all => all.Conditions.Aggregate(LokiCertainty.Always, static (result, each) => result.And(Of(each))),
        AnyOf any => any.Conditions.Aggregate(LokiCertainty.Never, static (result, each) => result.Or(Of(each))),
        NoneOf none => Of(none.Condition).Not(),
        Comparison comparison => Of(comparison),
        _ => LokiCertainty.Unknown,
    };

    /// <summary>One of these levels; of lines that others have sent it is not known.</summary>
    public static LokiCertainty Levels(IReadOnlyCollection<LogLevel> levels, bool orNone)
    {
        var result = levels.Count == 0 ? LokiCertainty.Never
            : LokiCertainty.Exactly(LokiFilter.Fits(LokiLabels.Level, string.Join('|', levels.Select(static level => level.ToString().ToLowerInvariant()))));
        if (orNone) result = result.Or(LokiCertainty.Exactly(LokiFilter.Is(LokiLabels.Level, "")));
        return result.Unless(LokiLabels.Foreign);
    }

    private static LokiCertainty Of(Comparison comparison)
    {
        switch (comparison.Operator)
        {
            case LogOperator.NotEqual: return Of(comparison with { Operator = LogOperator.Equal }).Not();
            case LogOperator.NotLike: return Of(comparison with { Operator = LogOperator.Like }).Not();
            case LogOperator.NotMatch: return Of(comparison with { Operator = LogOperator.Match }).Not();
            case LogOperator.NotIn: return Of(comparison with { Operator = LogOperator.In }).Not();
            case LogOperator.In:
                return (comparison.Value as object?[] ?? [comparison.Value])
                    .Aggregate(LokiCertainty.Never, (result, value) => result.Or(Of(comparison with { Operator = LogOperator.Equal, Value = value })));
        }

        return EntryFields.Find(comparison.Field) switch
        {
            EntryField.Level => Level(comparison),
            EntryField.Server => Name(LokiLabels.Server, comparison),
            EntryField.Source => Name(LokiLabels.Source, comparison),
            _ => LokiCertainty.Unknown,
        };
    }

    private static LokiCertainty Level(Comparison comparison)
    {
        var test = new ValueTest(comparison);
        return Levels([.. Enum.GetValues<LogLevel>().Where(level => test.IsMatch(level))], orNone: test.IsMatch((LogLevel?)null));
    }

    private static LokiCertainty Name(string label, Comparison comparison)
    {
        if (comparison.Value is not string text || !Ascii.IsValid(text)) return LokiCertainty.Unknown;
        return comparison.Operator switch
        {
            LogOperator.Equal when GoRegex.Of(text, comparison.CaseSensitive) is { } regex => LokiCertainty.Exactly(LokiFilter.Fits(label, regex.Text)),
            LogOperator.Like => LokiCertainty.Exactly(LokiFilter.Fits(label, GoRegex.OfWildcards(text, comparison.CaseSensitive))),
            _ => LokiCertainty.Unknown,
        };
    }
}
