using System.Collections;
using System.Globalization;

namespace ProdOps.Cmdlets;

/// <summary>How what recovery finds is shown.</summary>
public static partial class FormatHelper
{
    /// <summary>What comes of a single point of failure, with a sign and a colour by how bad it is: <c>x Service</c>.</summary>
    /// <param name="kind">The kind, or its name from another session.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string SinglePoint(object? kind, object? style) => kind?.ToString() switch
    {
        nameof(SinglePointKind.Service) or nameof(SinglePointKind.Data) => Paint($"x {kind}", "Red", style),
        { Length: > 0 } other => Paint($"! {Text(other)}", "Yellow", style),
        _ => "",
    };

    /// <summary>How bad something on the timeline is by itself: nothing, <c>!</c> or <c>x</c> before what it is, in colour.</summary>
    /// <param name="kind">The kind, or its name from another session.</param>
    /// <param name="severity">How bad it is.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string TimelineKind(object? kind, object? severity, object? style) => severity?.ToString() switch
    {
        nameof(TimelineSeverity.Critical) => Paint($"x {Text(kind)}", "Red", style),
        nameof(TimelineSeverity.Warning) => Paint($"! {Text(kind)}", "Yellow", style),
        _ => $"  {Text(kind)}",
    };

    /// <summary>A moment with its milliseconds, in the session's zone: <c>11-27 14:03:07.250</c>.</summary>
    /// <param name="moment">A moment, or nothing.</param>
    public static string PreciseMoment(object? moment) => moment is DateTimeOffset value ? value.ToLocalTime().ToString("MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture) : "";

    /// <summary>A way from what is needed to what it needs: <c>shop > web > db1</c>.</summary>
    /// <param name="names">The names.</param>
    public static string Way(object? names) => names is IEnumerable all and not string ? Text(string.Join(" > ", all.Cast<object?>())) : "";
}
