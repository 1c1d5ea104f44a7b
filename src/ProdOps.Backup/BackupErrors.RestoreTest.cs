using ProdOps.Backup.Databases;
using ProdOps.Servers.Commands;

namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    public static ProdOpsException ScratchTooSmall(string path, long needed, long free) => new(
        "ScratchTooSmall", ErrorKind.ResourceUnavailable,
        $"The restore takes {ByteSize.Format(needed)} and '{path}' has room for {ByteSize.Format(free)}.",
        "Name a place with more room with -ScratchPath.") { Target = path };

    public static ProdOpsException ScratchNotUsable(string path, Exception reason) => new(
        "ScratchNotUsable", reason is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.WriteError,
        $"No scratch folder can be made in '{path}': {reason.Message}",
        "Name a folder that you may write to with -ScratchPath.", reason) { Target = path };

    public static ProdOpsException RestoredItemDiffers(string path, string what, bool isMetadata) => isMetadata
        ? new("MetadataDiffers", ErrorKind.InvalidData,
            $"'{path}' was restored, but {what}.",
            "Test as root, and on a file system that keeps owners, modes and extended attributes.") { Target = path }
        : new("ContentDiffers", ErrorKind.InvalidData,
            $"'{path}' was not restored as it is in the snapshot: {what}.",
            "Run Test-Backup -ReadData to see whether the repository is damaged; if it is sound, look at the scratch folder's disk and the machine's memory.") { Target = path };

    public static ProdOpsException ScratchServerFailed(string server, DatabaseKind kind, CommandExit exit, IReadOnlyList<string> said) => exit.Code == 127
        ? new("ScratchServerMissing", ErrorKind.NotSupported,
            $"The dump cannot be tested on '{server}': {(said.Count > 0 ? said[^1] : $"{DatabaseDump.NameOf(kind)} is not installed")}.",
            "Install it there, name a machine that has it with -ToServer, or a server that is running with -DatabaseHost.") { Target = server }
        : new("ScratchServerFailed", ErrorKind.InvalidData,
            $"The dump could not be brought up as {DatabaseDump.NameOf(kind)} on '{server}': the command {DescribeExit(exit)}{Said(said)}",
            "Look at what it complains of; -ScratchPath names another place for its files.") { Target = server };

    public static ProdOpsException ScratchServerSlow(string server, DatabaseKind kind, TimeSpan limit) => new(
        "ScratchServerSlow", ErrorKind.Timeout,
        $"{DatabaseDump.NameOf(kind)} did not start on '{server}' within {limit.TotalSeconds:0} s.",
        "Look at the machine's load, and whether -ScratchPath is on a slow disk.") { Target = server };

    public static ProdOpsException TestQueryFailed(string server, DatabaseKind kind, string database, CommandExit exit, IReadOnlyList<string> said) => new(
        "TestQueryFailed", ErrorKind.InvalidData,
        $"{DatabaseDump.NameOf(kind)} '{database}', loaded on '{server}', does not answer the query: its client {DescribeExit(exit)}{Said(said)}",
        "See whether the query is right for this database, and whether the backup holds what it asks for.") { Target = database };

    public static ProdOpsException TestAnswerUnexpected(string kind, string database, string why) => new(
        "TestAnswerUnexpected", ErrorKind.InvalidData,
        $"{kind} '{database}' was loaded, but {why}.",
        "Compare with the database that is in use; an older backup may have what this one lacks.") { Target = database };

    public static ProdOpsException TestExpectWithoutQuery() => new(
        "TestExpectWithoutQuery", ErrorKind.InvalidArgument,
        "-Expect is what the answer of a query is compared with, and there is no query.",
        "Give -Query, too.");
}
