using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    public static ProdOpsException RestorePathInvalid(string path) => new(
        "RestorePathInvalid", ErrorKind.InvalidArgument,
        $"'{path}' cannot be a path inside a backup: it holds '..'.",
        "Give the full path as Get-BackupItem shows it.") { Target = path };

    public static ProdOpsException RestorePathNotFound(string path, string snapshot) => new(
        "RestorePathNotFound", ErrorKind.NotFound,
        $"Snapshot {snapshot} has no '{path}'.",
        "List what it has with Get-BackupItem, or look in an older snapshot with Find-BackupItem.") { Target = path };

    /// <summary>Items of several snapshots were piped into one restore.</summary>
    public static ProdOpsException RestoredTwice(string path, string taken, string refused) => new(
        "RestoredTwice", ErrorKind.InvalidArgument,
        $"'{path}' is restored from snapshot {taken}, so it is not restored from {refused} as well.",
        "Choose one snapshot: Find-BackupItem and Get-BackupItem take -Snapshot.") { Target = path };

    public static ProdOpsException DestinationNotUsable(string destination, string why, Exception? inner = null) => new(
        "RestoreDestinationNotUsable", (inner as FileSystemException)?.ErrorName is "EACCES" or "EPERM" ? ErrorKind.PermissionDenied : ErrorKind.WriteError,
        $"Nothing can be restored to '{destination}': {why}.",
        "Choose a folder that you may write to, or one that does not exist yet.", inner) { Target = destination };

    /// <summary>The disk is full: the one failure of a single item that ends the whole restore.</summary>
    public static ProdOpsException DestinationFull(string path, string destination, Exception inner) => new(
        "RestoreDestinationFull", ErrorKind.ResourceUnavailable,
        $"There is no space left for '{path}'. The restore to '{destination}' ended; the file that did not fit was removed, what was restored before is whole.",
        "Make room or choose another destination, and run the same restore again: files that are there already are not written twice.", inner) { Target = destination };

    /// <summary>One item could not be made or changed; the others go on.</summary>
    public static ProdOpsException RestoreFailed(string path, Exception reason)
    {
        var failure = reason as FileSystemException;
        string why = failure?.Reason ?? reason.Message;
        var (id, kind, advice) = failure?.ErrorName switch
        {
            "EACCES" or "EPERM" => ("RestoreAccessDenied", ErrorKind.PermissionDenied, "Run the restore as root, or choose a destination that you own."),
            "ENAMETOOLONG" => ("RestoreNameTooLong", ErrorKind.InvalidArgument, "The destination's file system does not take names this long: choose another one, or a shorter destination."),
            "EROFS" => ("RestoreReadOnly", ErrorKind.PermissionDenied, "The file system is mounted read-only: remount it, or choose another destination."),
            "ELOOP" or "ENOTDIR" => ("RestoreBlocked", ErrorKind.InvalidOperation, "Something changed the destination while the restore ran: stop it, and run the restore again."),
            _ => ("RestoreFailed", ErrorKind.WriteError, "Look at the disk's health and the system log, then run the restore again."),
        };
        return new ProdOpsException(id, kind, $"'{path}' was not restored: {why}.", advice, reason) { Target = path };
    }

    /// <summary>The item is there, and something of its metadata is not as in the snapshot.</summary>
    public static ProdOpsException RestoreMetadataFailed(string path, Exception reason)
    {
        string why = (reason as FileSystemException)?.Reason ?? reason.Message;
        string what = (reason as FileSystemException)?.Operation ?? "metadata";
        return new ProdOpsException(
            "RestoreMetadataFailed", ErrorKind.WriteError,
            $"'{path}' was restored without some of its metadata ({what}): {why}.",
            "Run the restore as root, to a file system that keeps this metadata.", reason) { Target = path };
    }

    /// <param name="path">What was not restored.</param>
    /// <param name="holdsLeftOut">Whether the folder stays because of what patterns leave out.</param>
    public static ProdOpsException RestoreBlockedByDirectory(string path, bool holdsLeftOut) => new(
        "RestoreBlocked", ErrorKind.InvalidOperation,
        $"'{path}' was not restored: a folder {(holdsLeftOut ? "with something in it that is left out" : "that is not empty")} stands in its place.",
        "Move the folder away" + (holdsLeftOut ? "." : ", or allow the restore to delete what the snapshot lacks (-Delete).")) { Target = path };

    public static ProdOpsException RestoreBlockedAbove(string path) => new(
        "RestoreBlocked", ErrorKind.InvalidOperation,
        $"Nothing below '{path}' was restored: it is a folder in the snapshot and something else at the destination.",
        "Restore to another destination, or restore this path itself to have it replaced.") { Target = path };

    public static ProdOpsException RestoreTypeUnknown(string path) => new(
        "RestoreTypeUnknown", ErrorKind.NotSupported,
        $"'{path}' was not restored: the snapshot does not say what kind of file it is, or this system has no such kind.",
        "Nothing is to be done where the file was made by a program that does so again, such as a socket.") { Target = path };

    public static ProdOpsException RestoreListingDamaged(string path, ProdOpsException reason) => new(
        "RestoreListingDamaged", reason.Kind,
        $"Nothing in '{path}' was restored, since its listing in the backup cannot be read: {reason.Message}",
        "Run Test-Backup to see what else is damaged, and restore this folder from another snapshot or copy.", reason) { Target = path };

    public static ProdOpsException RestoreBlobMissing(string path, ObjectId blob) => new(
        "RestoreBlobMissing", ErrorKind.InvalidData,
        $"'{path}' was not restored: blob {blob} of its content is not in the repository.",
        "Restore it from another snapshot or copy; Test-Backup tells what else is affected, Repair-Backup rebuilds the index.") { Target = path };

    public static ProdOpsException RestoreBlobDamaged(string path, ObjectId blob, ObjectId pack, string problem, bool removed) => new(
        "RestoreBlobDamaged", ErrorKind.InvalidData,
        $"'{path}' was not restored{(removed ? ", and what was written of it was removed" : "")}: blob {blob} of its content in pack {pack} cannot be used, {problem}.",
        "Restore it from another snapshot or copy; Test-Backup -ReadData tells what else is affected.") { Target = path };

    public static ProdOpsException RestoreLinkFailed(string path, string first) => new(
        "RestoreLinkFailed", ErrorKind.WriteError,
        $"'{path}' was not restored: it is another name of '{first}', which failed.",
        "See to that file's error and run the restore again.") { Target = path };

    public static ProdOpsException RestoreDeleteFailed(string path, Exception reason) => new(
        "RestoreDeleteFailed", (reason as FileSystemException)?.ErrorName is "EACCES" or "EPERM" ? ErrorKind.PermissionDenied : ErrorKind.WriteError,
        $"'{path}' is not in the snapshot and was not deleted: {(reason as FileSystemException)?.Reason ?? reason.Message}.",
        "Delete it by hand, or run the restore as a user who may.", reason) { Target = path };

    public static ProdOpsException RestoreVerifyFailed(string path, string why) => new(
        "RestoreVerifyFailed", ErrorKind.InvalidData,
        $"'{path}' does not hold what the snapshot has: {why}.",
        "If no program writes to it, the disk or the memory is at fault: check both, and restore it again.") { Target = path };
}
