using ProdOps.Servers.Commands;

namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    public static ProdOpsException ServerPathNotAbsolute(string server, string path) => new(
        "ServerPathNotAbsolute", ErrorKind.InvalidArgument,
        $"'{path}' is no path that can be backed up from '{server}'.",
        "Give the full path as the server has it, such as /etc, without '.' and '..' in it.") { Target = path };

    public static ProdOpsException ServerDestinationNotAbsolute(string server, string path) => new(
        "ServerDestinationNotAbsolute", ErrorKind.InvalidArgument,
        $"'{path}' is no folder of '{server}' that can be restored to.",
        "Give the full path as the server has it, such as /srv/restore.") { Target = path };

    public static ProdOpsException RestoreOptionForServersOnly(string option) => new(
        "RestoreOptionForServersOnly", ErrorKind.InvalidArgument,
        $"-{option} says how to reach or write to a server, and no -ToServer names one.",
        $"Name the server with -ToServer, or leave -{option} out to restore to this machine.") { Target = option };

    /// <summary>A file was written to both times it was read.</summary>
    public static ProdOpsException SourceChanging(string path, bool isKept) => new(
        "SourceChanging", ErrorKind.ReadError,
        isKept
            ? $"'{path}' was written to while it was read, twice: the backup holds it as far as it was read."
            : $"'{path}' is not in the backup: it was written to while it was read, twice, and what was read may belong to no one moment.",
        "Back up a file that is never at rest through the program that writes it, or from a file system snapshot.") { Target = path };

    /// <summary>Something about a listing that is no item's own error.</summary>
    public static ProdOpsException ServerListingComplaint(string server, string said) => new(
        "ServerListingIncomplete", ErrorKind.ReadError,
        $"Server '{server}' could not list everything: {said}",
        "Look at that path on the server: the backup lacks what could not be listed.") { Target = server };

    public static ProdOpsException ServerReadFailed(string server, CommandExit exit, IReadOnlyList<string> said) => new(
        "ServerReadFailed", ErrorKind.ReadError,
        $"Server '{server}' sent no files; its tar ended with {exit.Code}{(said.Count > 0 ? $": {ProdOps.Servers.ServersErrors.Printable(said[0])}" : "")}.",
        "Run tar by hand on the server to see why.") { Target = server };
}
