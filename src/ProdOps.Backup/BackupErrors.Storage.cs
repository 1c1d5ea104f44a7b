namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    public static ProdOpsException StorageFull(string path, Exception? inner = null) => new(
        "StorageFull", ErrorKind.ResourceUnavailable,
        $"The disk is full: '{path}' could not be written.",
        "Make room there, or remove old backups with Remove-Backup, and run the backup again: what was stored already is used again.", inner)
    { Target = path };

    public static ProdOpsException StorageReadOnly(string path, Exception? inner = null) => new(
        "StorageReadOnly", ErrorKind.PermissionDenied,
        $"'{path}' could not be written: the file system is read-only.",
        "Mount it for writing.", inner)
    { Target = path };

    public static ProdOpsException StorageAccessDenied(string path, Exception? inner = null) => new(
        "StorageAccessDenied", ErrorKind.PermissionDenied,
        $"Access to '{path}' was denied.",
        "Run as the user that owns the repository, or give this user access to it.", inner)
    { Target = path };

    public static ProdOpsException StorageReadFailed(string path, string reason, Exception? inner = null) => new(
        "StorageReadFailed", ErrorKind.ReadError,
        $"'{path}' could not be read: {reason}",
        "Check the disk or the connection.", inner)
    { Target = path };

    public static ProdOpsException StorageWriteFailed(string path, string reason, Exception? inner = null) => new(
        "StorageWriteFailed", ErrorKind.WriteError,
        $"'{path}' could not be written: {reason}",
        "Check the disk or the connection.", inner)
    { Target = path };

    public static ProdOpsException StoredFileMissing(string path, Exception? inner = null) => new(
        "StoredFileMissing", ErrorKind.NotFound,
        $"The file '{path}' is missing from the repository.",
        "Run Test-Backup to see what depends on it, then Repair-Backup.", inner)
    { Target = path };

    public static ProdOpsException StoredFileTruncated(string path, long expected, long actual) => new(
        "StoredFileTruncated", ErrorKind.InvalidData,
        $"The file '{path}' ends after {actual} bytes; at least {expected} were expected.",
        "Run Test-Backup to see what depends on it, then Repair-Backup.")
    { Target = path };

    public static ProdOpsException StoredFileExists(string path) => new(
        "StoredFileExists", ErrorKind.AlreadyExists,
        $"The file '{path}' exists already.",
        "Open the repository that is there, or choose another place.")
    { Target = path };
}
