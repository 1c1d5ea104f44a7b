using ProdOps.Backup.Browsing;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Databases.Loading;

/// <summary>
/// Loads a dump of mariadb-dump by the client. A database cannot be renamed, so a new one is filled under its own name and goes again if that
/// fails; one that is replaced is dropped only after the whole dump was read from the repository once.
/// </summary>
internal sealed class MariaDbLoad(IServerShell shell, DatabaseDump dump, DatabaseLoadOptions options, IActivity activity, TimeProvider time)
    : DatabaseLoad(shell, dump, options, activity, time)
{
    private static readonly string[] SystemDatabases = ["mysql", "information_schema", "performance_schema", "sys"];

    private string Quoted => $"`{Database.Replace("`", "``", StringComparison.Ordinal)}`";

    protected override async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        if (SystemDatabases.Contains(Database, StringComparer.OrdinalIgnoreCase)) throw BackupErrors.SystemDatabase(Database);
        return (await MariaDb.NamesAsync(Shell, Options.Access, Options.AsRoot, cancellationToken)).Contains(Database);
    }

    public override async Task RunAsync(SnapshotBrowser snapshot, CancellationToken cancellationToken)
    {
        await using var stream = await snapshot.OpenContentAsync(Dump.Path, cancellationToken);
        if (Replaces)
        {
            await ReadThroughAsync(stream, cancellationToken);
            await RunCommandAsync(Sql($"DROP DATABASE {Quoted}; CREATE DATABASE {Quoted}"), $"'{Database}' may be gone or empty: restore it again.", cancellationToken);
            await LoadAsync(stream, $"'{Database}' holds a part of the dump only: restore it again, or another backup of it.", cancellationToken);
            return;
        }
        await RunCommandAsync(Sql($"CREATE DATABASE {Quoted}"), $"No database '{Database}' was made.", cancellationToken);
        await OrUndoAsync(
            () => LoadAsync(stream, $"No database '{Database}' was made.", cancellationToken),
            Sql($"DROP DATABASE IF EXISTS {Quoted}"), $"the database '{Database}', which holds a part of the dump only,");
    }

    public override Task DropAsync() => UndoAsync(Sql($"DROP DATABASE IF EXISTS {Quoted}"), $"the database '{Database}'");

    /// <summary>The client runs commands of the shell that stand in what it reads (<c>\!</c>), and a dump is the work of the server that it is of: where the client can do without, it does.</summary>
    private Task LoadAsync(Stream stream, string left, CancellationToken cancellationToken)
    {
        const string sandbox = "sandbox=; if $client --help </dev/null 2>/dev/null | grep -q -e --sandbox; then sandbox=--sandbox; fi\n";
        string client = $"$client $login $sandbox --default-character-set=utf8mb4 --max-allowed-packet=1G --database={ShellQuote.Word(Database)}";
        return SendAsync(MariaDbClient.Run(sandbox + MariaDb.WithErrorsOnly(client), Options.Access, Options.AsRoot), stream, left, cancellationToken);
    }

    private ServerCommand Sql(string statements) => MariaDbClient.Run($"$client $login -e {ShellQuote.Word(statements)} </dev/null", Options.Access, Options.AsRoot);
}
