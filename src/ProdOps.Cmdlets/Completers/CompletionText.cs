using System.Management.Automation;
using ProdOps.Servers.Commands;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Text in command lines.</summary>
internal static class CompletionText
{
    /// <summary>What was typed, without the quotes around it.</summary>
    public static string Unquote(string? word)
    {
        if (string.IsNullOrEmpty(word) || word[0] is not ('\'' or '"')) return word ?? "";
        string inner = word[1..];
        if (inner.Length > 0 && inner[^1] == word[0]) inner = inner[..^1];
        return inner.Replace(new string(word[0], 2), word[..1], StringComparison.Ordinal);
    }

    /// <summary>Text as it must be written to mean itself.</summary>
    public static string Quote(string text)
    {
        bool plain = text.Length > 0 && text[0] is not ('-' or '\u2013' or '\u2014' or '\u2015' or '@' or '#' or '<' or '>') && !text.AsSpan().ContainsAny(" \t'\"`$,;|&(){}\u2018\u2019\u201A\u201B\u201C\u201D\u201E") && !text.Any(char.IsControl);
        return plain ? text : PowerShellQuote.Text(text);
    }

    /// <summary>A proposal of plain text.</summary>
    public static CompletionResult Value(string text, string? shown = null, string? toolTip = null) =>
        new(Quote(text), shown ?? text, CompletionResultType.ParameterValue, string.IsNullOrEmpty(toolTip) ? shown ?? text : toolTip);
}
