namespace ProdOps.Servers.FileSystem;

/// <summary>A lock among processes: a file that one of them has open for itself. It ends with the process, however that ends.</summary>
internal static class FileLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Takes the lock, or answers <see langword="null"/> if another has it.</summary>
    public static FileStream? TryTake(string path)
    {
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB) on Unix and a share mode on Windows.
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException error) when (error is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException) && IsBusy(error))
        {
            return null;
        }
    }

    /// <summary>Takes the lock, waiting for who has it.</summary>
    /// <returns><see langword="null"/> when the time is over.</returns>
    public static async Task<FileStream?> TakeAsync(string path, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        while (true)
        {
            if (TryTake(path) is { } taken) return taken;
            if (time.GetElapsedTime(began) > timeout) return null;
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // EAGAIN or EWOULDBLOCK on Unix (.NET puts errno there), ERROR_SHARING_VIOLATION on Windows.
    private static bool IsBusy(IOException error) => OperatingSystem.IsWindows() ? (error.HResult & 0xFFFF) == 32 : error.HResult is 11 or 35 || (error.HResult & 0xFFFF) == 32;
}
