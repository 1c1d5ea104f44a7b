using System.Management.Automation;
using System.Text;

namespace ProdOps.Host;

/// <summary>An error in the words of PowerShell's concise view: who, what, and what to do next.</summary>
internal static class ErrorText
{
    public static string Of(ErrorRecord record)
    {
        string who = record.InvocationInfo?.MyCommand?.Name is { Length: > 0 } name ? name : record.CategoryInfo.Reason;
        var text = new StringBuilder(who).Append(": ");
        if (record is { InvocationInfo: { ScriptLineNumber: > 0 } place } && record.Exception is ParseException or RuntimeException && place.ScriptName is { Length: > 0 } script)
            text.Append(script).Append(':').Append(place.ScriptLineNumber).Append(": ");
        text.Append(record.ErrorDetails?.Message is { Length: > 0 } details ? details : record.Exception.Message);
        if (record.ErrorDetails?.RecommendedAction is { Length: > 0 } advice) text.Append("\n  Recommendation: ").Append(advice);
        return text.ToString();
    }
}
