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
}
