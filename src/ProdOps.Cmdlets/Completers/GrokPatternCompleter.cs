using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ProdOps.Logging.Grok;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes the names of standard patterns behind the last <c>%{</c> that is open, or at the end, with what stands behind them.</summary>
internal sealed class GrokPatternCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = CompletionText.Unquote(wordToComplete ?? "");
        int open = word.LastIndexOf("%{", StringComparison.Ordinal);
        bool isOpen = open >= 0 && word.IndexOf('}', open) < 0;
        string before = isOpen ? word[..open] : word;
        string begun = isOpen ? word[(open + 2)..] : "";
        return GrokPatterns.Standard
            .Where(pattern => pattern.Key.StartsWith(begun, StringComparison.OrdinalIgnoreCase))
            .OrderBy(pattern => pattern.Key, StringComparer.Ordinal)
            .Select(pattern => CompletionText.Value($"{before}%{{{pattern.Key}}}", toolTip: pattern.Value));
    }
}
