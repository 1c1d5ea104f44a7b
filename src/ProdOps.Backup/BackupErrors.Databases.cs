using ProdOps.Servers;
using ProdOps.Servers.Commands;

namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    private const int ShownLines = 3;
    private const int ShownLength = 600;

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

    public static ProdOpsException DatabasePasswordUnusable() => new(
        "DatabasePasswordUnusable", ErrorKind.InvalidArgument,
        "A database's password cannot hold a line break.",
        "Check where the password comes from: a file's last line break is dropped, others are not.");

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
