using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ProdOps.Servers.Schedules;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes the schedules of this machine, from their files. No server is asked while somebody types.</summary>
internal sealed class ScheduleNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = CompletionText.Unquote(wordToComplete);
        return LocalSchedules.Find()
            .Where(found => found.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(found => CompletionText.Value(found.Name, toolTip: found.Description is { Length: > 0 } text ? text : string.Join(", ", found.Times)));
    }
}
