using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes which lines begin an entry: what the format says, each, those that begin with a date, those that do not begin with a blank.</summary>
internal sealed class MultiLineCompleter : IArgumentCompleter
{
    private static readonly string[] Rules = ["Auto", "None", @"^\d{4}-\d\d-\d\d", @"^\S"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        [.. Rules.Where(rule => rule.StartsWith(CompletionText.Unquote(wordToComplete), StringComparison.OrdinalIgnoreCase)).Select(rule => CompletionText.Value(rule))];
}
