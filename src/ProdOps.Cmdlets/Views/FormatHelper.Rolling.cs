namespace ProdOps.Cmdlets;

/// <summary>How rolling updates are shown.</summary>
public static partial class FormatHelper
{
    /// <summary>How a phase ended, in colour where the session has colours: <c>Failed</c>.</summary>
    /// <param name="status">A status, or its name from another session.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string RollingStatus(object? status, object? style) => status?.ToString() switch
    {
        null => "",
        "Done" => Paint("Done", "Green", style),
        "Failed" => Paint("Failed", "Red", style),
        var other => other,
    };
}
