using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes the environment's repositories, then folders.</summary>
internal sealed class RepositoryCompleter : IArgumentCompleter
{
    private readonly RepositoryNameCompleter _names = new();

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        _names.CompleteArgument(commandName, parameterName, wordToComplete, commandAst, fakeBoundParameters)
            .Concat(CompletionCompleters.CompleteFilename(wordToComplete ?? "").Where(result => result.ResultType == CompletionResultType.ProviderContainer));
}

/// <summary>Proposes the environment's repositories, with where they are.</summary>
internal sealed class RepositoryNameCompleter : EnvironmentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) =>
        environment.Repositories.Select(repository => (repository.Name, repository.Url ?? repository.Path ?? ""));
}

/// <summary>Proposes the environment's backup sets, with what they are of.</summary>
internal sealed class BackupSetCompleter : EnvironmentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) => environment.Backups.Select(set => (set.Name, Describe(set)));

    private static string Describe(BackupSet set)
    {
        string servers = set.Server.Count == 0 ? "this machine" : string.Join(", ", set.Server);
        return $"{servers}, to {string.Join(", ", set.CopyTo.Prepend(set.Repository))}{(set.Schedule.Count == 0 ? "" : $", at {string.Join(" and ", set.Schedule)}")}";
    }
}
