namespace ProdOps.Backup.Storage;

/// <summary>Turns what .NET throws for files into errors of the catalogue.</summary>
internal static class LocalErrors
{
    // .NET puts errno itself into HResult on Unix; the second values are Windows' ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL.
    private const int Enospc = 28, Erofs = 30, EdquotLinux = 122, EdquotMac = 69;
    private const int HandleDiskFull = unchecked((int)0x80070027), DiskFull = unchecked((int)0x80070070);

    public static void Guard(string path, bool writing, Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or OverflowException)
        {
            throw Translate(error, path, writing);
        }
    }

    public static T Guard<T>(string path, bool writing, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or OverflowException)
        {
            throw Translate(error, path, writing);
        }
    }

    public static Exception Translate(Exception error, string path, bool writing) => error switch
    {
        ProdOpsException or OperationCanceledException => error,
        FileNotFoundException or DirectoryNotFoundException when !writing => BackupErrors.StoredFileMissing(path, error),
        UnauthorizedAccessException => BackupErrors.StorageAccessDenied(path, error),
        IOException { HResult: Enospc or HandleDiskFull or DiskFull } => BackupErrors.StorageFull(path, error),
        IOException { HResult: EdquotLinux } when OperatingSystem.IsLinux() => BackupErrors.StorageFull(path, error),
        IOException { HResult: EdquotMac } when OperatingSystem.IsMacOS() => BackupErrors.StorageFull(path, error),
        IOException { HResult: Erofs } when !OperatingSystem.IsWindows() => BackupErrors.StorageReadOnly(path, error),
        _ when writing => BackupErrors.StorageWriteFailed(path, error.Message, error),
        _ => BackupErrors.StorageReadFailed(path, error.Message, error),
    };
}
