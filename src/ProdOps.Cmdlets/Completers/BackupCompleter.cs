using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ProdOps.Cmdlets.Drive;

namespace ProdOps.Cmdlets.Completers;

/// <summary>
/// The base of completers that look into a repository. They use what the command line and the environment say, never ask, never fail, and do not keep
/// anybody waiting: what takes longer is ready the next time.
/// </summary>
internal abstract class BackupCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var bound = new BoundValues(fakeBoundParameters);
            string word = CompletionText.Unquote(wordToComplete);
            var opening = RepositoryCache.Open(bound);
            if (opening is null) return [];
            var work = Task.Run(async () => await CompleteAsync(await opening, word, bound));
            return work.Wait(Patience) ? work.Result : [];
        }
        catch (Exception)
        {
            // No completion is better than an error in the middle of a line.
            return [];
        }
    }

    /// <param name="view">The repository.</param>
    /// <param name="word">What was typed so far, without quotes.</param>
    /// <param name="bound">What other parameters were given.</param>
    protected abstract Task<IReadOnlyList<CompletionResult>> CompleteAsync(RepositoryView view, string word, BoundValues bound);
}
