using ProdOps.Backup.Archiving.Streams;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Databases;

/// <summary>
/// PostgreSQL by its own clients: <c>pg_dump -Fc</c> of each database, which is consistent by itself (one transaction), and the globals (roles,
/// tablespaces) by <c>pg_dumpall</c>. Compression is off, so that the repository finds what is the same as last time, and compresses the rest.
/// </summary>
internal static class PostgreSql
{
    public const string Name = "PostgreSQL";
    public const string Folder = "/postgresql";
    public const string Tag = "postgresql";

    /// <summary>Where a snapshot has the roles and tablespaces.</summary>
    public const string Globals = Folder + "/globals.sql";

    private const string ListQuery =
        "SELECT CASE WHEN has_database_privilege(datname, 'CONNECT') THEN pg_database_size(datname)::text ELSE '' END || ' ' "
        + "|| (SELECT CASE WHEN rolsuper THEN 'super' ELSE 'plain' END FROM pg_roles WHERE rolname = current_user) || ' ' || datname "
        + "FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname";

    /// <summary>The files of the databases that are wanted, and of the globals.</summary>
    public static async Task<IReadOnlyList<StreamFile>> PlanAsync(
        IServerShell shell, IReadOnlyList<string> wanted, DatabaseAccess access, bool asRoot, IActivity activity, CancellationToken cancellationToken)
    {
        var known = await ListAsync(shell, access, asRoot, cancellationToken);
        var files = DatabaseList.Pick(known, wanted, shell.Name, Name).Select(entry => new StreamFile(
            $"{Folder}/{DumpName.PathPart(entry.Name)}.dump",
            PostgreSqlClient.Run($"as_owner pg_dump -w -Fc -Z0 -d {ShellQuote.Word(PostgreSqlClient.Connection(entry.Name))}", access, asRoot),
            $"database '{entry.Name}' of {Name}")
        {
            Password = access.Password,
            ExpectedSize = entry.Size,
        });
        bool isSuper = known.Any(entry => entry.Settings == "super");
        if (!isSuper) activity.Warning($"{shell.Name}: only a superuser may read the passwords of {Name}'s roles: they are not in the backup, the roles are.");
        string globals = $"as_owner pg_dumpall -w --globals-only{(isSuper ? "" : " --no-role-passwords")}";
        return [.. files, new StreamFile(Globals, PostgreSqlClient.Run(globals, access, asRoot), $"the roles and tablespaces of {Name}") { Password = access.Password }];
    }

    /// <summary>The databases that can be dumped, with their sizes.</summary>
    public static async Task<IReadOnlyList<DatabaseEntry>> ListAsync(IServerShell shell, DatabaseAccess access, bool asRoot, CancellationToken cancellationToken)
    {
        var output = await DatabaseList.AskAsync(shell, Name, Query("postgres", ListQuery, access, asRoot), access, cancellationToken);
        return DatabaseList.Parse(output.StandardOutput.Span) ?? throw BackupErrors.DatabaseListNotUnderstood(shell.Name, Name);
    }

    /// <summary>A query whose records end with NUL.</summary>
    public static ServerCommand Query(string database, string query, DatabaseAccess access, bool asRoot) =>
        PostgreSqlClient.Run($"as_owner psql -w -X -A -t -q -0 -v ON_ERROR_STOP=1 -d {ShellQuote.Word(PostgreSqlClient.Connection(database))} -c {ShellQuote.Word(query)}", access, asRoot);

    /// <summary>All names that a catalogue has in a column.</summary>
    public static async Task<IReadOnlySet<string>> NamesAsync(
        IServerShell shell, string catalogue, string column, DatabaseAccess access, bool asRoot, CancellationToken cancellationToken)
    {
        var output = await DatabaseList.AskAsync(shell, Name, Query("postgres", $"SELECT ' - ' || {column} FROM {catalogue}", access, asRoot), access, cancellationToken);
        var entries = DatabaseList.Parse(output.StandardOutput.Span) ?? throw BackupErrors.DatabaseListNotUnderstood(shell.Name, Name);
        return entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
    }
}
