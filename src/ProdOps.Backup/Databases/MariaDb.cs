using System.Text;
using ProdOps.Backup.Archiving.Streams;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Databases;

/// <summary>
/// MariaDB and MySQL by their own clients: a dump of each database in one transaction, with routines, events and triggers, and the users
/// with their rights. A dump names no database, so it can be loaded into another one; its first line brings the database's character set.
/// </summary>
internal static class MariaDb
{
    public const string Name = "MariaDB";
    public const string Folder = "/mariadb";
    public const string Tag = "mariadb";

    /// <summary>Where a snapshot has the users.</summary>
    public const string Users = Folder + "/users.sql";

    /// <summary>A database of this name has its dump elsewhere.</summary>
    public const string UsersName = "users";

    // A name may have line feeds in it, which end a row.
    private const string NameInHex = "HEX(CONVERT(schema_name USING utf8mb4))";

    private const string ListQuery =
        "SELECT CONCAT(COALESCE((SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = schema_name), 0), ' ', "
        + $"default_character_set_name, ':', default_collation_name, ' ', {NameInHex}) FROM information_schema.schemata "
        + "WHERE schema_name NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys') ORDER BY schema_name";

    private const string Dump =
        "--single-transaction --quick --routines --events --triggers --hex-blob --skip-dump-date --default-character-set=utf8mb4";

    /// <summary>The files of the databases that are wanted, and of the users.</summary>
    public static async Task<IReadOnlyList<StreamFile>> PlanAsync(
        IServerShell shell, IReadOnlyList<string> wanted, DatabaseAccess access, bool asRoot, IActivity activity, CancellationToken cancellationToken)
    {
        string script = $"if $dump --version | grep -q MariaDB; then printf '0 users 78\\0'; else printf '0 none 78\\0'; fi; $client $login -N -B -r -e {ShellQuote.Word(ListQuery)} | tr '\\n' '\\000'";
        if (await AskAsync(shell, script, access, asRoot, cancellationToken) is not [var program, ..] list) throw BackupErrors.DatabaseListNotUnderstood(shell.Name, Name);
        var files = DatabaseList.Pick([.. list.Skip(1)], wanted, shell.Name, Name).Select(entry => new StreamFile(
            $"{Folder}/{DumpName.PathPart(entry.Name, UsersName)}.sql",
            MariaDbClient.Run($"printf '%s\\n' {ShellQuote.Word(CharacterSet(entry, shell.Name))}\nexec $dump $login {Dump} -- {ShellQuote.Word(entry.Name)}", access, asRoot),
            $"database '{entry.Name}' of {Name}")
        {
            Password = access.Password,
            ExpectedSize = entry.Size,
        }).ToList();
        if (program.Settings == "users") files.Add(new StreamFile(Users, MariaDbClient.Run("exec $dump $login --skip-dump-date --system=users", access, asRoot), $"the users of {Name}") { Password = access.Password });
        else activity.Warning($"{shell.Name}: MySQL's mysqldump cannot dump users, so they and their rights are not in the backup.");
        return files;
    }

    /// <summary>The databases that can be dumped, with their sizes.</summary>
    public static async Task<IReadOnlyList<DatabaseEntry>> ListAsync(IServerShell shell, DatabaseAccess access, bool asRoot, CancellationToken cancellationToken) =>
        await AskAsync(shell, $"$client $login -N -B -r -e {ShellQuote.Word(ListQuery)} | tr '\\n' '\\000'", access, asRoot, cancellationToken);

    /// <summary>The names of all databases, the system's own among them.</summary>
    public static async Task<IReadOnlySet<string>> NamesAsync(IServerShell shell, DatabaseAccess access, bool asRoot, CancellationToken cancellationToken)
    {
        const string script = $"$client $login -N -B -r -e \"SELECT CONCAT(' - ', {NameInHex}) FROM information_schema.schemata\" | tr '\\n' '\\000'";
        return (await AskAsync(shell, script, access, asRoot, cancellationToken)).Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>
    /// A script that runs the client on standard input and lets of its complaints only the errors through: before each it prints the whole
    /// statement, which is data. The exit code is the client's.
    /// </summary>
    public static string WithErrorsOnly(string client) =>
        $"exec 4>&1\nr=$({{ {{ {client} 2>&1 >&4 3>&- 4>&-; echo $? >&3; }} | sed -n '/^ERROR [0-9]/p;/^ERROR at line [0-9]/p;/^mariadb: /p;/^mysql: /p' >&2 4>&-; }} 3>&1)\nexit \"${{r:-1}}\"";

    private static async Task<IReadOnlyList<DatabaseEntry>> AskAsync(IServerShell shell, string script, DatabaseAccess access, bool asRoot, CancellationToken cancellationToken)
    {
        // The list's own exit code would be tr's: the server is asked something else first for it.
        var output = await DatabaseList.AskAsync(shell, Name, MariaDbClient.Run($"$client $login -N -B -e 'SELECT 1' >/dev/null || exit\n{script}", access, asRoot), access, cancellationToken);
        try
        {
            if (DatabaseList.Parse(output.StandardOutput.Span) is { } list) return [.. list.Select(entry => entry with { Name = Encoding.UTF8.GetString(Convert.FromHexString(entry.Name)) })];
        }
        catch (FormatException)
        {
            // It is no list of names.
        }

        throw BackupErrors.DatabaseListNotUnderstood(shell.Name, Name);
    }

    /// <summary>What a server says becomes SQL only if it is a word.</summary>
    private static string CharacterSet(DatabaseEntry entry, string server) =>
        entry.Settings.Split(':') is [var set, var collation] && IsWord(set) && IsWord(collation)
            ? $"ALTER DATABASE CHARACTER SET = {set} COLLATE = {collation};"
            : throw BackupErrors.DatabaseListNotUnderstood(server, Name);

    private static bool IsWord(string text) => text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');
}
