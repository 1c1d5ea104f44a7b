using ProdOps.Backup.Databases;
using ProdOps.Servers;
using ProdOps.Servers.Commands;

namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    private const int ShownLines = 3;
    private const int ShownLength = 600;

    /// <summary>The id of <see cref="DatabaseLoadFailed"/>.</summary>
    public const string DatabaseLoadFailedId = "DatabaseLoadFailed";

    /// <summary>A command whose output was to be backed up did not end with 0.</summary>
    public static ProdOpsException DumpFailed(string server, string what, CommandExit exit, IReadOnlyList<string> said) => new(
        "DumpFailed", ErrorKind.ReadError,
        $"No snapshot was made: {what} on '{server}' could not be read to its end, the command {DescribeExit(exit)}{Said(said)}",
        "Mend what the command complains of and back up again. What was read already need not be stored again.") { Target = server };

    public static ProdOpsException DatabaseQueryFailed(string server, string what, CommandExit exit, IReadOnlyList<string> said) => new(
        "DatabaseQueryFailed", ErrorKind.ResourceUnavailable,
        $"{what} on '{server}' does not answer: its client {DescribeExit(exit)}{Said(said)}",
        "Check that the database server runs, -DatabaseHost and -DatabasePort, and that -DatabaseCredential may log in.") { Target = server };

    public static ProdOpsException DatabaseNotFound(string server, string what, string name, IReadOnlyCollection<string> known) => new(
        "DatabaseNotFound", ErrorKind.NotFound,
        $"{what} on '{server}' has no database '{name}'.",
        known.Count == 0 ? "It has none that this user may see." : $"It has: {string.Join(", ", known.Take(20))}.") { Target = name };

    public static ProdOpsException DatabaseListNotUnderstood(string server, string what) => new(
        "DatabaseListNotUnderstood", ErrorKind.InvalidData,
        $"What {what} on '{server}' tells of its databases is not understood.",
        "Run its client by hand on the server: a start-up file of the client may print something of its own.") { Target = server };

    public static ProdOpsException SqlitePathNotAbsolute(string path) => new(
        "SqlitePathNotAbsolute", ErrorKind.InvalidArgument,
        $"'{path}' is no full path of a database file.",
        "Give the full path as the server has it, such as /srv/app/app.db, without '.' and '..' in it.") { Target = path };

    public static ProdOpsException StreamPathUnusable(string path) => new(
        "StreamPathUnusable", ErrorKind.InvalidArgument,
        $"'{path}' cannot be a file's path in a snapshot.",
        "Give a name such as dump.sql or /dumps/shop.sql, without '.' and '..' in it.") { Target = path };

    public static ProdOpsException StreamPathTwice(string path) => new(
        "StreamPathTwice", ErrorKind.InvalidArgument,
        $"Two files of the snapshot would stand at '{path}'.",
        "Give -StdinFileName another name, and name each database once.") { Target = path };

    public static ProdOpsException NoStreamGiven() => new(
        "NothingToBackUp", ErrorKind.InvalidArgument,
        "Nothing was named to back up.",
        "Give -Path, -FromCommand, -PostgreSql, -MariaDb, -Sqlite or -Redis.");

    public static ProdOpsException DatabaseOptionAmbiguous() => new(
        "DatabaseOptionAmbiguous", ErrorKind.InvalidArgument,
        "-DatabaseHost, -DatabasePort and -DatabaseCredential are for one database server, and several kinds of them were named.",
        "Back up each kind by a command of its own.");

    public static ProdOpsException ServerUnknown(string server) => new(
        "ServerUnknown", ErrorKind.InvalidData,
        $"Server '{server}' does not say its name and its user's.",
        "It needs the commands uname and id.") { Target = server };

    /// <summary>A command before or after a backup did not end with 0.</summary>
    public static ProdOpsException HookFailed(string server, string hook, CommandExit exit, IReadOnlyList<string> said) => new(
        "HookFailed", ErrorKind.InvalidOperation,
        hook == "Before"
            ? $"Nothing was backed up from '{server}': the command of -Before {DescribeExit(exit)}{Said(said)}"
            : $"On '{server}' the command of -{hook} {DescribeExit(exit)}{Said(said)}",
        "Run the command on the server and see what it needs.") { Target = server };

    /// <summary>A dump did not go into a database; <paramref name="left"/> says what is there now.</summary>
    public static ProdOpsException DatabaseLoadFailed(string server, DatabaseKind kind, string database, CommandExit exit, IReadOnlyList<string> said, string left) => new(
        "DatabaseLoadFailed", ErrorKind.WriteError,
        $"The dump was not loaded into {DatabaseDump.NameOf(kind)} '{database}' on '{server}': the command {DescribeExit(exit)}{Said(said)}{(left.Length > 0 ? " " : "")}{left}",
        kind == DatabaseKind.PostgreSql && said.Any(line => line.Contains("role \"", StringComparison.Ordinal) && line.Contains("does not exist", StringComparison.Ordinal))
            ? "-IncludeRoles makes the roles that the server lacks; -NoOwner does without them."
            : "Mend what the command complains of and restore again.") { Target = database };

    public static ProdOpsException DatabaseExists(string server, DatabaseKind kind, string database) => new(
        "DatabaseExists", ErrorKind.AlreadyExists,
        kind is DatabaseKind.Sqlite or DatabaseKind.Redis ? $"'{database}' is there already on '{server}'." : $"{DatabaseDump.NameOf(kind)} on '{server}' has a database '{database}' already.",
        "Restore it beside with -As and look at it first, or replace what is there with -Force.") { Target = database };

    public static ProdOpsException SystemDatabase(string database) => new(
        "SystemDatabase", ErrorKind.InvalidArgument,
        $"'{database}' is a database of the server itself and is not replaced.",
        "Give another name with -As.") { Target = database };

    public static ProdOpsException DatabaseFileNotAbsolute(string path) => new(
        "DatabaseFileNotAbsolute", ErrorKind.InvalidArgument,
        $"'{path}' is no full path of a file.",
        "Give -As the full path as the server has it, without '.' and '..' in it.") { Target = path };

    public static ProdOpsException RedisRuns(string server, string place, string file) => new(
        "RedisRuns", ErrorKind.InvalidOperation,
        $"Redis on '{server}' is running: it would write its own data over '{file}' when it ends, and reads the file only when it starts.",
        $"Stop it, restore to '{(place.Length > 0 ? place : "the file that its settings dir and dbfilename name")}' (-As), and start it.") { Target = file };

    public static ProdOpsException DumpNotUnderstood(string path, string kind) => new(
        "DumpNotUnderstood", ErrorKind.InvalidData,
        $"'{path}' is no dump of {kind} that is understood.",
        "Restore the file with Restore-Backup and look at it with the database's own program.") { Target = path };

    public static ProdOpsException DumpNotFound(string snapshot, DatabaseKind kind, string name, IReadOnlyList<DatabaseDump> known) => new(
        "DumpNotFound", ErrorKind.NotFound,
        kind == DatabaseKind.Redis ? $"Snapshot {snapshot} has no dump of Redis." : $"Snapshot {snapshot} has no dump of {DatabaseDump.NameOf(kind)} '{name}'.",
        Holds(known)) { Target = name };

    public static ProdOpsException DumpNotNamed(string snapshot, IReadOnlyList<DatabaseDump> known) => new(
        "DumpNotNamed", known.Count == 0 ? ErrorKind.NotFound : ErrorKind.InvalidArgument,
        known.Count == 0 ? $"Snapshot {snapshot} has no dump of a database." : $"Snapshot {snapshot} has dumps of {known.Count} databases: say which.",
        Holds(known)) { Target = snapshot };

    public static ProdOpsException NotADump(string path) => new(
        "NotADump", ErrorKind.InvalidArgument,
        $"'{path}' is not the dump of a database.",
        "Dumps are at /postgresql/NAME.dump, /mariadb/NAME.sql, /sqlite/PATH and /redis/dump.rdb. Roles come with -IncludeRoles; MariaDB's users.sql is restored by Restore-Backup and read before it is used.") { Target = path };

    public static ProdOpsException OneServerNeeded(string selector) => new(
        "OneServerNeeded", ErrorKind.InvalidArgument,
        $"'{selector}' means several servers.",
        "Name one server.") { Target = selector };

    public static ProdOpsException NewNameAmbiguous(string name, int count) => new(
        "NewNameAmbiguous", ErrorKind.InvalidArgument,
        $"{count} databases cannot all be restored as '{name}'.",
        "Name one database, or leave -As away.") { Target = name };

    private static string Holds(IReadOnlyList<DatabaseDump> known) =>
        known.Count == 0 ? "Get-BackupItem lists what it has." : $"It has {string.Join(", ", known.Take(20))}{(known.Count > 20 ? " and more" : "")}.";

    private static string DescribeExit(CommandExit exit) => exit switch
    {
        { Signal: { } signal } => $"was ended by signal {signal}",
        { Code: 127 } => "ended with 127, which says that a program is not installed",
        _ => $"ended with {exit.Code}",
    };

    /// <summary>The first lines of a complaint, without control characters; what leaves this process has its secrets taken out besides.</summary>
    private static string Said(IReadOnlyList<string> lines)
    {
        if (lines.Count == 0) return ".";
        string text = ServersErrors.Printable(string.Join("; ", lines.Take(ShownLines)));
        return $": {(text.Length > ShownLength ? text[..ShownLength] + "…" : text)}{(lines.Count > ShownLines ? " …" : "")}";
    }
}
