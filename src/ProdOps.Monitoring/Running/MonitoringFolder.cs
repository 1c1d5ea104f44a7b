using ProdOps.Monitoring.Store;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Monitoring.Running;

/// <summary>The folder that monitoring keeps its things in.</summary>
internal sealed class MonitoringFolder(string path)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The user's own; <see langword="null"/> for a user without a home.</summary>
    public static string? Default => UserFolders.Data is { } data ? System.IO.Path.Combine(data, "monitoring") : null;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The file of samples and events.</summary>
    public string StorePath => System.IO.Path.Combine(Path, "metrics.db");

    /// <summary>Opens the store, and makes it if it is not there; with <paramref name="readOnly"/> it must be there.</summary>
    /// <exception cref="ProdOpsException">It cannot be opened, is damaged or of a later version.</exception>
    public MetricStore Open(TimeProvider time, IActivity activity, bool readOnly = false) => MetricStore.Open(StorePath, time, activity, readOnly);

    /// <summary>The right to write events: one process at a time has it. <see langword="null"/> if another has it.</summary>
    /// <exception cref="ProdOpsException">The folder cannot be written to.</exception>
    public IDisposable? TryLock()
    {
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(Path);
            else Directory.CreateDirectory(Path, Private);
            return FileLock.TryTake(System.IO.Path.Combine(Path, "monitor.lock"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw MonitoringErrors.StoreNotOpened(Path, error);
        }
    }
}
