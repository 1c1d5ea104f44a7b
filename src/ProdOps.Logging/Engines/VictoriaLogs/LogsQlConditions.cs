using System.Globalization;
using System.Net;
using System.Text;
using ProdOps.Logging.Conditions;
using ProdOps.Logging.Formats.Values;
using ProdOps.Logging.Matching.Regular;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Logging.Engines.VictoriaLogs;

/// <summary>Says conditions on fields in LogsQL, as <see cref="ValueTest"/> decides them.</summary>
internal static class LogsQlConditions
{
    // How numbers and durations are sent; longer ones are looked at here.
    private const string NumberForm = "\"^-?[0-9]{1,15}(\\\\.[0-9]{1,15})?$\"", DurationForm = "\"^-?[0-9]{1,12}(\\\\.[0-9]{1,7})?s$\"";

    public static Certainty<LogsQl> Of(LogCondition condition) => Certainty<LogsQl>.Of(condition, Of);

    /// <summary>One of these levels.</summary>
    public static string Levels(IEnumerable<LogLevel> levels) =>
        $"level:in({string.Join(',', levels.Select(static level => LogsQlText.Quote(level.ToString().ToLowerInvariant())))})";

    private static Certainty<LogsQl> Of(Comparison comparison) => EntryFields.Find(comparison.Field) switch
    {
        EntryField.None => Field(comparison).Unless(LogsQlFields.Doubt),
        EntryField.Level => Level(comparison),
        EntryField.Server => Name(LogsQlFields.Server, comparison),
        EntryField.Source => Name(LogsQlFields.Source, comparison),
        _ => Certainty<LogsQl>.Unknown,
    };

    private static Certainty<LogsQl> Level(Comparison comparison)
    {
        var test = new ValueTest(comparison);
        var levels = Enum.GetValues<LogLevel>().Where(level => test.IsMatch(level)).ToList();
        var result = levels.Count == 0 ? Certainty<LogsQl>.Never : Certainty<LogsQl>.Exactly(Levels(levels));
        if (test.IsMatch((LogLevel?)null)) result = result.Or(Certainty<LogsQl>.Exactly("level:\"\""));
        return result.Unless(LogsQlFields.Foreign);
    }

    private static Certainty<LogsQl> Name(string label, Comparison comparison)
    {
        if (comparison.Value is not string text || !Ascii.IsValid(text)) return Certainty<LogsQl>.Unknown;
        return comparison.Operator switch
        {
            LogOperator.Equal => Certainty<LogsQl>.Exactly($"{label}:~{LogsQlText.Quote(Whole(text, comparison.CaseSensitive))}"),
            LogOperator.Like => Certainty<LogsQl>.Exactly($"{label}:~{LogsQlText.Quote(GoRegex.OfWildcards(text, comparison.CaseSensitive))}"),
            _ => Certainty<LogsQl>.Unknown,
        };
    }

    private static Certainty<LogsQl> Field(Comparison comparison)
    {
        string name = LogsQlText.Quote(LogsQlFields.NameOf(comparison.Field));
        string other = LogsQlFields.IsOtherText(comparison.Field);
        var there = Certainty<LogsQl>.Perhaps($"{name}:*");
        switch (comparison.Operator)
        {
            case LogOperator.Equal when comparison.Value is null:
                // An empty value is not sent.
                return Certainty<LogsQl>.Perhaps($"{name}:\"\"");
            case LogOperator.Equal:
                return Equal(name, comparison)?.Unless(other) ?? there;
            case LogOperator.Like when TextOf(comparison.Value) is { } pattern && Ascii.IsValid(pattern):
                string like = $"{name}:~{LogsQlText.Quote(GoRegex.OfWildcards(pattern, comparison.CaseSensitive))}";
                // Nothing that is not there is like anything.
                var result = Certainty<LogsQl>.Exactly($"({name}:* and {like})").Unless(other).Unless($"{name}:~{DurationForm}");
                // An empty value is as one that is not there.
                return Conditions.Wildcards.LongestRun(pattern).Length > 0 ? result : result.Or(Certainty<LogsQl>.Perhaps($"{name}:\"\""));
            case LogOperator.Match when TextOf(comparison.Value) is { } pattern:
                var node = RegexParser.Parse(pattern, ignoreCase: !comparison.CaseSensitive);
                // Not even a missing value can be told from an empty one.
                if (node is null || GoRegex.Of(node, withinLine: false) is not { } regex) return Certainty<LogsQl>.Unknown;
                return Certainty<LogsQl>.Perhaps($"{name}:~{LogsQlText.Quote(regex.Text)}").Unless(other).Unless($"{name}:~{DurationForm}").Or(Certainty<LogsQl>.Perhaps($"{name}:\"\""));
            case LogOperator.Less or LogOperator.LessOrEqual or LogOperator.Greater or LogOperator.GreaterOrEqual:
                return Order(name, comparison, other);
            default:
                return comparison.Operator == LogOperator.Truthy ? there : Certainty<LogsQl>.Unknown;
        }
    }

    private static Certainty<LogsQl>? Equal(string name, Comparison comparison)
    {
        if (TextOf(comparison.Value) is not { Length: > 0 } text) return Certainty<LogsQl>.Unknown;
        if (!Ascii.IsValid(text)) return null;
        var result = Certainty<LogsQl>.Exactly($"{name}:~{LogsQlText.Quote(Whole(text, comparison.CaseSensitive))}");
        var forms = new List<string>();
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            // What is not written in one way is looked at here.
            if (LogsQlText.Number(number) is not { } form) return null;
            forms.Add(form);
        }

        if (DurationOf(comparison.Value, text) is { } duration) forms.Add(LogsQlText.Duration(duration.Ticks));
        if (AddressText.TryRead(Encoding.ASCII.GetBytes(text), out var address)) forms.Add(AddressText.ToAddress(address).ToString());
        if (forms.Count > 0) result = result.Or(Certainty<LogsQl>.Exactly($"{name}:in({string.Join(',', forms.Select(LogsQlText.Quote))})"));
        // Whatever is not "true" equals a false.
        return text.Equals("true", StringComparison.OrdinalIgnoreCase) ? result : result.Or(Certainty<LogsQl>.Perhaps($"{name}:=\"false\""));
    }

    private static Certainty<LogsQl> Order(string name, Comparison comparison, string other)
    {
        string sign = comparison.Operator switch { LogOperator.Less => "<", LogOperator.LessOrEqual => "<=", LogOperator.Greater => ">", _ => ">=" };
        string form, limit;
        if (TextOf(comparison.Value) is not { Length: > 0 } text) return Certainty<LogsQl>.Perhaps($"{name}:*");
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            if (LogsQlText.Number(number) is not { } known) return Certainty<LogsQl>.Perhaps($"{name}:*");
            (form, limit) = (NumberForm, known);
        }
        else if (DurationOf(comparison.Value, text) is { } duration)
        {
            (form, limit) = (DurationForm, LogsQlText.Duration(duration.Ticks));
        }
        else
        {
            return Certainty<LogsQl>.Perhaps($"{name}:*");
        }

        // What is of another form is compared as text, or not at all.
        var range = Certainty<LogsQl>.Exactly($"({name}:~{form} and {name}:{sign}{limit})");
        return range.Or(Certainty<LogsQl>.Perhaps($"({name}:* and !({name}:~{form}))")).Unless(other);
    }

    private static TimeSpan? DurationOf(object? value, string text) =>
        value is TimeSpan span ? span : Quantity.ParseDuration(text) ?? (!long.TryParse(text, out _) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var other) ? other : null);

    private static string Whole(string text, bool caseSensitive) => $"^(?:{GoRegex.Of(text, caseSensitive)?.Text ?? "(?s:.*)"})$";

    private static string? TextOf(object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag ? "true" : "false",
        IPAddress address => address.ToString(),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
