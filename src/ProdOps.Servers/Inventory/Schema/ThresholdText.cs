using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ProdOps.Servers.Inventory.Schema;

/// <summary>Thresholds as people write them: <c>&gt; 85%</c>, <c>&lt; 10GB</c>, <c>&gt;= 500ms</c>, <c>&gt; 100/s</c>, <c>&gt; 3</c>.</summary>
internal static class ThresholdText
{
    private static readonly (string Sign, HealthComparison Comparison)[] Signs =
        [(">=", HealthComparison.AtLeast), ("<=", HealthComparison.AtMost), (">", HealthComparison.Above), ("<", HealthComparison.Below)];

    /// <exception cref="ProdOpsException">It is not a threshold; the message says why.</exception>
    public static HealthThreshold Parse(string text) => TryParse(text, out var threshold, out string why) ? threshold : throw ServersErrors.ThresholdInvalid(text, why);

    /// <summary>Reads a threshold, or says why it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HealthThreshold? threshold, out string why)
    {
        (threshold, why) = (null, "");
        string trimmed = text.Trim();
        int sign = Array.FindIndex(Signs, sign => trimmed.StartsWith(sign.Sign, StringComparison.Ordinal));
        if (sign < 0)
        {
            why = "it does not begin with >, >=, < or <=";
            return false;
        }

        string amount = trimmed[Signs[sign].Sign.Length..].Trim();
        if (ReadAmount(amount) is { } read) threshold = new HealthThreshold(Signs[sign].Comparison, read.Value, read.Unit);
        else why = amount.Length == 0 ? "there is no number in it" : $"'{amount}' is neither a number nor one with a unit that is known";
        return threshold is not null;
    }

    /// <summary>A number with its unit in the units that metrics have: <c>500ms</c> is 0.5 s.</summary>
    public static (double Value, string Unit)? ReadAmount(string text)
    {
        if (ReadNumber(text) is { } count) return (count, "");
        if (text.EndsWith('%')) return ReadNumber(text[..^1].TrimEnd()) is { } percent ? (percent, "%") : null;
        if (text.EndsWith("/s", StringComparison.Ordinal))
        {
            string amount = text[..^2].TrimEnd();
            return ReadNumber(amount) is { } number ? (number, "/s") : Quantity.ParseSize(amount) is { } bytes ? (bytes, "B/s") : null;
        }

        // Minutes are m, megabytes M: durations are the ones that look at the case.
        return Quantity.ParseDuration(text) is { } time ? (time.TotalSeconds, "s") : Quantity.ParseSize(text) is { } size ? (size, "B") : null;
    }

    private static double? ReadNumber(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}
