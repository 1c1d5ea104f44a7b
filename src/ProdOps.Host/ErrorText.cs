using System.Management.Automation;
using System.Text;

namespace ProdOps.Host;

/// <summary>An error in the words of PowerShell's concise view: who, what, and what to do next.</summary>
internal static class ErrorText
{
    public static string Of(ErrorRecord record)
    {
        var text = new StringBuilder(Who(record)).Append(": ");
        if (record.InvocationInfo is { ScriptLineNumber: > 0, ScriptName.Length: > 0 } place)
            text.Append(place.ScriptName).Append(':').Append(place.ScriptLineNumber).Append(": ");
        text.Append(record.ErrorDetails?.Message is { Length: > 0 } details ? details : record.Exception.Message);
        if (record.ErrorDetails?.RecommendedAction is { Length: > 0 } advice) text.Append("\n  Recommendation: ").Append(advice);
        return text.ToString();
    }

    private static string Who(ErrorRecord record)
    {
        if (record.InvocationInfo?.MyCommand?.Name is { Length: > 0 } name) return name;
        // Errors of the engine come in a wrapper whose name says nothing.
        return record.Exception is ParentContainsErrorRecordException or ParseException ? record.CategoryInfo.Category.ToString() : record.CategoryInfo.Reason;
    }
}
