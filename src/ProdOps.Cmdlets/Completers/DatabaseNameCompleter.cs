using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ProdOps.Backup.Databases;
using ProdOps.Cmdlets.Backup;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Cmdlets.Completers;

/// <summary>
/// Proposes the databases of this machine's database server. It is asked as the backup would ask it, for a moment only; what does not answer
/// proposes nothing. Another machine is not logged in to for the Tab key.
/// </summary>
internal abstract class DatabaseNameCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var bound = new BoundValues(fakeBoundParameters);
            if (bound.Text("Server") is { } server && !server.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return [];
            string word = CompletionText.Unquote(wordToComplete);
            object? credential = fakeBoundParameters["DatabaseCredential"];
            _ = int.TryParse(bound.Text("DatabasePort"), out int port);
            var access = DatabaseLogin.Create(bound.Text("DatabaseHost"), port, (credential is PSObject wrapped ? wrapped.BaseObject : credential) as PSCredential);
            using var patience = new CancellationTokenSource(Patience);
            var token = patience.Token;
            var asking = Task.Run(() => ListAsync(new LocalShell("localhost"), access, token), token);
            // Ending what does not answer takes a moment more, which nobody needs to wait for.
            if (!asking.Wait(Patience)) return [];
            return
            [
                .. "*".StartsWith(word, StringComparison.Ordinal) ? [new CompletionResult("'*'", "*", CompletionResultType.ParameterValue, "all databases, also those of later days")] : Array.Empty<CompletionResult>(),
                .. asking.Result.Where(entry => entry.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                    .Select(entry => CompletionText.Value(entry.Name, toolTip: entry.Size is { } size ? $"{entry.Name}, {ByteSize.Format(size)}" : entry.Name)),
            ];
        }
        catch (Exception)
        {
            // No completion is better than an error in the middle of a line.
            return [];
        }
    }

    protected abstract Task<IReadOnlyList<DatabaseEntry>> ListAsync(LocalShell shell, DatabaseAccess access, CancellationToken cancellationToken);
}

/// <summary>Proposes databases of PostgreSQL.</summary>
internal sealed class PostgreSqlNameCompleter : DatabaseNameCompleter
{
    /// <inheritdoc/>
    protected override Task<IReadOnlyList<DatabaseEntry>> ListAsync(LocalShell shell, DatabaseAccess access, CancellationToken cancellationToken) =>
        PostgreSql.ListAsync(shell, access, asRoot: false, cancellationToken);
}

/// <summary>Proposes databases of MariaDB or MySQL.</summary>
internal sealed class MariaDbNameCompleter : DatabaseNameCompleter
{
    /// <inheritdoc/>
    protected override Task<IReadOnlyList<DatabaseEntry>> ListAsync(LocalShell shell, DatabaseAccess access, CancellationToken cancellationToken) =>
        MariaDb.ListAsync(shell, access, asRoot: false, cancellationToken);
}
