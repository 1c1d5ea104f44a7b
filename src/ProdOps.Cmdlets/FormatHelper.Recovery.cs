using System.Collections;

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
        { Length: > 0 } other => Paint($"! {FilterText(other)}", "Yellow", style),
        _ => "",
    };

    /// <summary>A way from what is needed to what it needs: <c>shop > web > db1</c>.</summary>
    /// <param name="names">The names.</param>
    public static string Way(object? names) => names is IEnumerable all and not string ? FilterText(string.Join(" > ", all.Cast<object?>())) : "";
}
