using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Completers;

/// <summary>The base of completers that propose what the session's files and stores know. What was typed is the beginning, or a pattern. None of them ever fails.</summary>
internal abstract class SessionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            string word = CompletionText.Unquote(wordToComplete);
            return
            [
                .. Propose(CompletionSession.Find(), new BoundValues(fakeBoundParameters))
                    .Where(proposal => proposal.Text.StartsWith(word, StringComparison.OrdinalIgnoreCase) || (NamePattern.HasWildcards(word) && NamePattern.IsMatch(word, proposal.Text)))
                    .Select(static proposal => CompletionText.Value(proposal.Text, toolTip: proposal.ToolTip)),
            ];
        }
        catch (Exception)
        {
            // No completion is better than an error in the middle of a line.
            return [];
        }
    }

    /// <summary>What there is, in the order in which it is shown.</summary>
    /// <param name="session">The session whose line is completed, if it is known.</param>
    /// <param name="bound">What the line says so far.</param>
    private protected abstract IEnumerable<(string Text, string ToolTip)> Propose(SessionState? session, BoundValues bound);

    /// <summary>Each text once, by the alphabet.</summary>
    private protected static IEnumerable<(string Text, string ToolTip)> Sorted(IEnumerable<(string Text, string ToolTip)> proposals) =>
        proposals.DistinctBy(static proposal => proposal.Text, StringComparer.OrdinalIgnoreCase).OrderBy(static proposal => proposal.Text, StringComparer.OrdinalIgnoreCase);

    /// <summary>The first few of several names.</summary>
    private protected static string Few(IEnumerable<string> names) => string.Join(", ", names.Distinct(StringComparer.OrdinalIgnoreCase).Take(8));
}
