using System.Globalization;

namespace ProdOps.Monitoring.Checks;

/// <summary>What a query of the admin's own came to.</summary>
/// <param name="Text">What it printed.</param>
/// <param name="Error">Why it failed; <see langword="null"/> if it did not.</param>
internal readonly record struct QueryAnswer(string Text, string? Error = null)
{
    /// <summary>What tells its result from the others of the same check.</summary>
    public const string Instance = "query";

    private const int LongestShown = 200;

    /// <summary>The result: the value is the answer where that is a number.</summary>
    /// <param name="blank">A result that says nothing yet.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="expected">What it must be; <see langword="null"/> if anything will do.</param>
    public static HealthCheckResult Judge(HealthCheckResult blank, QueryAnswer answer, string? expected)
    {
        blank = blank with { Instance = Instance };
        if (answer.Error is { } error) return blank with { State = HealthState.Critical, Message = $"the query fails: {Shown(error)}" };
        string text = answer.Text.Trim();
        bool isRight = expected is null || text.Equals(expected.Trim(), StringComparison.Ordinal);
        return blank with
        {
            State = isRight ? HealthState.OK : HealthState.Critical,
            Value = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null,
            Message = (text.Length > 0 ? $"it answers '{Shown(text)}'" : "it answers nothing") + (isRight ? "" : $" where '{expected}' was expected"),
        };
    }

    private static string Shown(string text)
    {
        string line = string.Concat(text.Take(LongestShown + 1).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return line.Length > LongestShown ? line[..LongestShown] + "…" : line;
    }
}
