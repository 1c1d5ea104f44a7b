using System.Text;
using ProdOps.Logging.Conditions;

namespace ProdOps.Logging.Engines.Loki;

/// <summary>
/// Says conditions in LogQL as far as they are of what lines are sent with: server, source and level. Fields are in the line alone, and there they are read by formats that Loki does not
/// have: conditions on them are decided here.
/// </summary>
internal static class LokiConditions
{
    public static Certainty<LokiFilter> Of(LogCondition condition) => Certainty<LokiFilter>.Of(condition, Of);

    /// <summary>One of these levels; of lines that others have sent it is not known.</summary>
    public static Certainty<LokiFilter> Levels(IReadOnlyCollection<LogLevel> levels, bool orNone)
    {
        var result = levels.Count == 0 ? Certainty<LokiFilter>.Never
            : Certainty<LokiFilter>.Exactly(LokiFilter.Fits(LokiLabels.Level, string.Join('|', levels.Select(static level => level.ToString().ToLowerInvariant()))));
        if (orNone) result = result.Or(Certainty<LokiFilter>.Exactly(LokiFilter.Is(LokiLabels.Level, "")));
        return result.Unless(LokiLabels.Foreign);
    }

    private static Certainty<LokiFilter> Of(Comparison comparison) => EntryFields.Find(comparison.Field) switch
    {
        EntryField.Level => Level(comparison),
        EntryField.Server => Name(LokiLabels.Server, comparison),
        EntryField.Source => Name(LokiLabels.Source, comparison),
        _ => Certainty<LokiFilter>.Unknown,
    };

    private static Certainty<LokiFilter> Level(Comparison comparison)
    {
        var test = new ValueTest(comparison);
        return Levels([.. Enum.GetValues<LogLevel>().Where(level => test.IsMatch(level))], orNone: test.IsMatch((LogLevel?)null));
    }

    private static Certainty<LokiFilter> Name(string label, Comparison comparison)
    {
        if (comparison.Value is not string text || !Ascii.IsValid(text)) return Certainty<LokiFilter>.Unknown;
        return comparison.Operator switch
        {
            LogOperator.Equal when GoRegex.Of(text, comparison.CaseSensitive) is { } regex => Certainty<LokiFilter>.Exactly(LokiFilter.Fits(label, regex.Text)),
            LogOperator.Like => Certainty<LokiFilter>.Exactly(LokiFilter.Fits(label, GoRegex.OfWildcards(text, comparison.CaseSensitive))),
            _ => Certainty<LokiFilter>.Unknown,
        };
    }
}
