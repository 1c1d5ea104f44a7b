using ProdOps.Logging.Collecting;

namespace ProdOps.Logging;

internal static partial class LoggingErrors
{
    public static ProdOpsException TooManyLogFiles(LogStream stream) => new(
        "TooManyLogFiles", ErrorKind.InvalidOperation,
        $"The log source '{stream.Source}' of server '{stream.Server}' has so many files that where each of them is read up to cannot be kept.",
        "Make several sources of it, each with fewer files, or leave out by Exclude what nobody needs.") { Target = stream.ToString() };

    public static ProdOpsException CheckpointNotUnderstood(LogStream stream) => new(
        "CheckpointNotUnderstood", ErrorKind.InvalidData,
        $"How far the log source '{stream.Source}' of server '{stream.Server}' was collected cannot be understood.",
        "A later version of ProdOps may have collected it, or the source was of another kind. Give the source another name to begin anew.") { Target = stream.ToString() };

    public static ProdOpsException ReplyNotUnderstood(string server, string what, Exception? cause = null) => new(
        "CollectReplyNotUnderstood", ErrorKind.InvalidData,
        $"Server '{server}' answers in a way that cannot be understood: {what}.",
        "See with -Verbose what is run. The server needs sh, stat, od, dd, head and tail of GNU, BusyBox or BSD.", cause) { Target = server };

    public static ProdOpsException ReplyCut(string server) => new(
        "CollectReplyCut", ErrorKind.ReadError,
        $"Server '{server}' stopped in the middle of its answer.",
        "Run Sync-Log again: it goes on where it was.") { Target = server };

    public static ProdOpsException JournalFailed(string server, string source, int code, string said) => new(
        "JournalFailed", code == 127 ? ErrorKind.NotFound : ErrorKind.ReadError,
        $"The journal of server '{server}' cannot be read for the log source '{source}': journalctl ended with {code}{Said(said)}",
        "The login user must be in the group systemd-journal or adm, or the source must have AsRoot = $true.") { Target = $"{server}/{source}" };

    public static ProdOpsException CommandSourceFailed(string server, string source, int code, string said) => new(
        "LogCommandFailed", ErrorKind.InvalidOperation,
        $"On server '{server}' the command of the log source '{source}' ended with {code}{Said(said)}",
        "Run the command on the server and see what it needs. The lines that it printed are kept.") { Target = $"{server}/{source}" };

    public static ProdOpsException LogFileDenied(string server, string source, string path) => new(
        "LogFileDenied", ErrorKind.PermissionDenied,
        $"The file '{path}' of server '{server}' may not be read by the login user (log source '{source}').",
        "Put the user in the group adm, or read as root: -AsRoot, or AsRoot = $true in the environment.") { Target = $"{server}:{path}" };

    public static ProdOpsException LogFileDamaged(string server, string source, string path) => new(
        "LogFileDamaged", ErrorKind.InvalidData,
        $"The rotated file '{path}' of server '{server}' cannot be unpacked to its end: it is damaged (log source '{source}'). What could be read is kept, and collecting goes on behind it.",
        "Compare it with a backup. Its lines can be brought in by Import-Log.") { Target = $"{server}:{path}" };

    public static ProdOpsException UnpackerMissing(string server, string source, string path) => new(
        "UnpackerMissing", ErrorKind.NotFound,
        $"Server '{server}' has no program that unpacks '{path}' (log source '{source}'). Its lines are not collected; collecting goes on behind it.",
        "Install gzip, xz, zstd or bzip2 there, or collect more often than logs are packed.") { Target = $"{server}:{path}" };

    public static ProdOpsException SourceNotFound(string name) => new(
        "LogSourceNotFound", ErrorKind.NotFound,
        $"No log source of these servers is called '{name}'.",
        "See Get-LogSource.") { Target = name };

    private static string Said(string text)
    {
        string line = string.Concat(text.Split('\n', 2)[0].Take(200).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return line.Length == 0 ? "." : $": {line}";
    }
}
