using System.Collections;

namespace ProdOps.Cmdlets;

/// <summary>How recovery plans and their runs are shown.</summary>
public static partial class FormatHelper
{
    /// <summary>How a step or a run stands, in colour where the session has colours.</summary>
    /// <param name="status">A status, or its name from another session.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string RecoveryStatus(object? status, object? style) => status?.ToString() switch
    {
        null => "",
        "Succeeded" => Paint("Succeeded", "Green", style),
        "AlreadyOk" => Paint("AlreadyOk", "Green", style),
        "Failed" => Paint("Failed", "Red", style),
        "Unknown" => Paint("Unknown", "Red", style),
        "Blocked" => Paint("Blocked", "Yellow", style),
        "Interrupted" => Paint("Interrupted", "Yellow", style),
        var other => other,
    };

    /// <summary>The beginning of a revision, which is enough to tell it.</summary>
    /// <param name="revision">The revision.</param>
    public static string ShortRevision(object? revision) => Text(revision) is var text && text.Length > 12 ? text[..12] : text;

    /// <summary>Why a step failed, else what it changed, else what it came to, on one line.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="message">The message.</param>
    /// <param name="error">The error.</param>
    public static string RecoveryChanges(object? changes, object? message, object? error)
    {
        if (error?.ToString() is { Length: > 0 } why) return Text(why);
        object[] lines = [.. (changes as IEnumerable ?? Array.Empty<object>()).Cast<object>()];
        return lines.Length == 0 ? Text(message) : Text(string.Join("; ", lines.Take(3)) + (lines.Length > 3 ? $"; and {lines.Length - 3} more" : ""));
    }
}
