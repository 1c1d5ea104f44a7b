using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    /// <summary>One item of a backup could not be read; the others go on.</summary>
    public static ProdOpsException SourceUnreadable(string path, Exception reason)
    {
        string error = (reason as FileSystemException)?.ErrorName ?? "";
        string why = (reason as FileSystemException)?.Reason ?? reason.Message;
        var (id, kind, advice) = error switch
        {
            "ENOENT" => ("SourceNotFound", ErrorKind.NotFound, "It vanished while the backup ran, or never was: check the path."),
            "EACCES" or "EPERM" => ("SourceAccessDenied", ErrorKind.PermissionDenied, "Run the backup as a user who may read it, or exclude it."),
            "ELOOP" or "EISDIR" or "EFTYPE" => ("SourceReplaced", ErrorKind.ReadError, "Something else took its place while the backup ran: the next backup will have it."),
            _ => ("SourceUnreadable", ErrorKind.ReadError, "Look at the disk's health and the system log; the snapshot lacks this item."),
        };
        return new ProdOpsException(id, kind, $"'{path}' is not in the backup: {why}.", advice, reason) { Target = path };
    }

    public static ProdOpsException NothingToBackUp(IReadOnlyList<string> paths) => new(
        "NothingToBackUp", ErrorKind.NotFound,
        $"None of the paths to back up can be read: {string.Join(", ", paths)}.",
        "Name at least one existing file or folder.") { Target = paths };
}
