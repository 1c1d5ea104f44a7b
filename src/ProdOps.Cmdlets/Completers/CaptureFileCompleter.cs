using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes JSON files, and the folders on the way to them.</summary>
internal sealed class CaptureFileCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionCompleters.CompleteFilename(wordToComplete ?? "")
            .Where(result => result.ResultType == CompletionResultType.ProviderContainer || result.ListItemText.EndsWith(".json", StringComparison.OrdinalIgnoreCase));
}
