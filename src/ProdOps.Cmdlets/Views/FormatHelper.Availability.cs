using System.Globalization;

namespace ProdOps.Cmdlets;

/// <summary>How availability is shown.</summary>
public static partial class FormatHelper
{
    private const int BudgetWidth = 10;

    /// <summary>A share of a time, never rounded up: <c>99.953 %</c>; <c>not known</c> where nobody looked.</summary>
    /// <param name="share">0 to 1, or nothing.</param>
    public static string Availability(object? share) =>
        share is null ? "not known" : (Math.Floor(Convert.ToDouble(share, CultureInfo.InvariantCulture) * 1e5) / 1e3).ToString("0.###", CultureInfo.InvariantCulture) + " %";

    /// <summary>Whose availability it is: a server, or all of the environment.</summary>
    /// <param name="availability">An availability.</param>
    public static string AvailabilityOf(object? availability) => Unwrap(availability) switch
    {
        HealthAvailability { Server.Length: > 0 } one => Text(one.Server),
        HealthAvailability { Environment.Length: > 0 } all => $"all of {Text(all.Environment)}",
        HealthAvailability => "all",
        _ => "",
    };

    /// <summary>What is left of the error budget, as a bar, in per cent and in words: <c>███████░░░ 72 %  31m 02s</c>. What is spent is red, and says by how much.</summary>
    /// <param name="availability">An availability.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string ErrorBudget(object? availability, object? style)
    {
        if (Unwrap(availability) is not HealthAvailability { BudgetLeft: { } left, ErrorBudget: { } budget, MeetsObjective: not null }) return "";
        if (left < TimeSpan.Zero) return Paint($"{new string('\u2591', BudgetWidth)} ! over by {Duration(left.Negate())}", "Red", style);
        double share = budget > TimeSpan.Zero ? left / budget : 1;
        int full = (int)Math.Ceiling(share * BudgetWidth);
        string text = $"{new string('\u2588', full)}{new string('\u2591', BudgetWidth - full)} {Math.Floor(share * 100).ToString("0", CultureInfo.InvariantCulture),3} %  {Duration(left)}";
        return share < 0.25 ? Paint(text, "Yellow", style) : text;
    }
}
