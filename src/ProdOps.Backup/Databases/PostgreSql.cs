using System.Globalization;
using ProdOps.Backup.Archiving.Streams;
using ProdOps.Servers.Commands;

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
            $"{Folder}/{ClientScript.PathPart(entry.Name)}.dump",
            Run($"as_owner pg_dump -w -Fc -Z0 -d {ShellQuote.Word(Connection(entry.Name))}", access, asRoot),
            $"database '{entry.Name}' of {Name}")
        {
            Password = access.Password,
            ExpectedSize = entry.Size,
        });
        bool isSuper = known.Any(entry => entry.Settings == "super");
        if (!isSuper) activity.Warning($"{shell.Name}: only a superuser may read the passwords of {Name}'s roles: they are not in the backup, the roles are.");
        string globals = $"as_owner pg_dumpall -w --globals-only{(isSuper ? "" : " --no-role-passwords")}";
        return [.. files, new StreamFile(Globals, Run(globals, access, asRoot), $"the roles and tablespaces of {Name}") { Password = access.Password }];
    }

    /// <summary>The databases that can be dumped, with their sizes.</summary>
    public static async Task<IReadOnlyList<DatabaseEntry>> ListAsync(IServerShell shell, DatabaseAccess access, bool asRoot, CancellationToken cancellationToken)
    {
        var output = await DatabaseList.AskAsync(shell, Name, Query("postgres", ListQuery, access, asRoot), access, cancellationToken);
        return DatabaseList.Parse(output.StandardOutput.Span) ?? throw BackupErrors.DatabaseListNotUnderstood(shell.Name, Name);
    }

    /// <summary>A query whose records end with NUL.</summary>
    public static ServerCommand Query(string database, string query, DatabaseAccess access, bool asRoot) =>
        Run($"as_owner psql -w -X -A -t -q -0 -v ON_ERROR_STOP=1 -d {ShellQuote.Word(Connection(database))} -c {ShellQuote.Word(query)}", access, asRoot);

    /// <summary>All names that a catalogue has in a column.</summary>
    public static async Task<IReadOnlySet<string>> NamesAsync(
        IServerShell shell, string catalogue, string column, DatabaseAccess access, bool asRoot, CancellationToken cancellationToken)
    {
        var output = await DatabaseList.AskAsync(shell, Name, Query("postgres", $"SELECT ' - ' || {column} FROM {catalogue}", access, asRoot), access, cancellationToken);
        var entries = DatabaseList.Parse(output.StandardOutput.Span) ?? throw BackupErrors.DatabaseListNotUnderstood(shell.Name, Name);
        return entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Runs a script that calls clients by <c>as_owner</c>.</summary>
    public static ServerCommand Run(string script, DatabaseAccess access, bool asRoot)
    {
        string environment = "";
        if (access.Host is { } host) environment += $"export PGHOST={ShellQuote.Word(host)}\n";
        if (access.Port > 0) environment += $"export PGPORT={access.Port.ToString(CultureInfo.InvariantCulture)}\n";
        if (access.User is { } user) environment += $"export PGUSER={ShellQuote.Word(user)}\n";
        return ClientScript.Command(environment + ClientScript.AsOwner("postgres", access.IsDefault) + script, "PGPASSWORD", access, asRoot || access.IsDefault);
    }

    /// <summary>A connection string that names a database, whatever its name: a bare name with <c>=</c> in it would be taken for one itself.</summary>
    public static string Connection(string database) => $"dbname='{database.Replace("\\", "\\\\").Replace("'", "\\'")}'";
}
