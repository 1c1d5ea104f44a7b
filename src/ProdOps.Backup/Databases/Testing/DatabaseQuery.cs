using System.Text;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Databases.Testing;

/// <summary>Asks a database by its own client. The query goes over standard input: nobody sees it among the processes.</summary>
internal static class DatabaseQuery
{
    private const int MaximumOutput = 16 * 1024 * 1024;

    /// <summary>How much is in a database: its tables; of Redis the keys.</summary>
    public static string CountOf(DatabaseKind kind) => kind switch
    {
        DatabaseKind.PostgreSql => "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            + "WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')",
        DatabaseKind.MariaDb => "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'",
        DatabaseKind.Sqlite => "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        _ => "DBSIZE",
    };

    /// <param name="shell">Where the client runs.</param>
    /// <param name="kind">The kind of database.</param>
    /// <param name="database">Its name; of SQLite its file.</param>
    /// <param name="access">How its server is reached.</param>
    /// <param name="query">One statement.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ProdOpsException"><c>TestQueryFailed</c>.</exception>
    public static async Task<QueryAnswer> AskAsync(
        IServerShell shell, DatabaseKind kind, string database, DatabaseAccess access, string query, CancellationToken cancellationToken)
    {
        byte[] password = await PasswordInput.ReadLineAsync(access.Password, cancellationToken);
        try
        {
            using var input = new MemoryStream(Encoding.UTF8.GetBytes(query.TrimEnd().TrimEnd(';') + (kind == DatabaseKind.Redis ? "\n" : ";\n")));
            var options = new CommandRunOptions { Input = password, InputStream = input, MaximumOutput = MaximumOutput };
            var output = await shell.RunAsync(CommandOf(kind, database, access), options, cancellationToken);
            if (!output.Exit.Succeeded) throw BackupErrors.TestQueryFailed(shell.Name, kind, database, output.Exit, [.. output.ErrorLines.Where(line => line.Length > 0)]);
            if (kind == DatabaseKind.Redis && IsError(output.Text)) throw BackupErrors.TestQueryFailed(shell.Name, kind, database, output.Exit, [output.Text.Trim()]);
            return kind switch
            {
                DatabaseKind.MariaDb => QueryAnswer.FromBatch(output.Text),
                DatabaseKind.Redis => QueryAnswer.FromLines(output.Text),
                _ => QueryAnswer.FromCsv(output.Text),
            };
        }
        finally
        {
            Array.Clear(password);
        }
    }

    /// <summary>redis-cli ends with 0 whatever was answered to what it reads. An error is a word in capitals and a text, and an empty line comes after it.</summary>
    private static bool IsError(string text) =>
        text.EndsWith("\n\n", StringComparison.Ordinal) && text.IndexOf(' ') is > 0 and var end && text.AsSpan(0, end).IndexOfAnyExceptInRange('A', 'Z') < 0;

    private static ServerCommand CommandOf(DatabaseKind kind, string database, DatabaseAccess access) => kind switch
    {
        DatabaseKind.PostgreSql => PostgreSqlClient.Run($"as_owner psql -w -X -q --csv -v ON_ERROR_STOP=1 -d {ShellQuote.Word(PostgreSqlClient.Connection(database))}", access, asRoot: false),
        DatabaseKind.MariaDb => MariaDbClient.Run(MariaDb.WithErrorsOnly($"$client $login --default-character-set=utf8mb4 --database={ShellQuote.Word(database)}"), access, asRoot: false),
        DatabaseKind.Sqlite => new ServerCommand($"exec sqlite3 -batch -bail -readonly -csv -header {ShellQuote.Word(database)}") { PosixLocale = true },
        _ => Redis.Run("exec redis-cli \"$@\"", access, asRoot: false),
    };
}
