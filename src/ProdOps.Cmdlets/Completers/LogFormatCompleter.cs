using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ProdOps.Cmdlets.Logging;
using ProdOps.Logging.Formats;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes formats: the built-in ones and the environment's own.</summary>
internal sealed class LogFormatCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            string word = CompletionText.Unquote(wordToComplete);
            var environment = CompletionSession.Find() is { } session ? StoreAccess.EnvironmentOf(session, new BoundValues(fakeBoundParameters).Text("Environment")) : null;
            return [.. FormatCatalog.Of(environment?.Logging?.Filters ?? []).Names.Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).Select(name => CompletionText.Value(name))];
        }
        catch (Exception)
        {
            // No completion is better than an error in the middle of a line.
            return [];
        }
    }
}
