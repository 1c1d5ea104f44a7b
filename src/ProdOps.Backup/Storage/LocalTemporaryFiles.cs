using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Storage;

/// <summary>
/// The files being written in a repository's <c>tmp</c> folder, which restic ignores. Their names tell who writes them,
/// so that what a killed process left can be removed by the next one.
/// </summary>
internal sealed class LocalTemporaryFiles(string folder, TimeProvider timeProvider)
{
    private const string Prefix = "prodops-";
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(24);
    private readonly Lock _gate = new();
    private bool _prepared;

    public string Folder => folder;

    public (string Path, SafeFileHandle Handle) Create(LocalModes modes)
    {
        string path = Path.Combine(folder, $"{Prefix}{LocalHost.Name}-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
        return LocalErrors.Guard(path, writing: true, () =>
        {
            Prepare(modes);
            return (path, Open(path, modes));
        });
    }

    /// <summary>Makes a new file that nobody else can read; its final mode is set at once, since an open handle may write all the same.</summary>
    public static SafeFileHandle Open(string path, LocalModes modes)
    {
        if (OperatingSystem.IsWindows()) return File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0, UnixCreateMode = modes.File,
        };
        // The stream is only the way to give a mode; its handle outlives it here.
        var handle = new FileStream(path, options).SafeFileHandle;
        // The process's mask may have taken the group's bit away.
        if ((modes.File & UnixFileMode.GroupRead) != 0) File.SetUnixFileMode(handle, modes.File);
        return handle;
    }

    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What stays is removed by a later run.
        }
    }

    private void Prepare(LocalModes modes)
    {
        lock (_gate)
        {
            if (_prepared) return;
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else Directory.CreateDirectory(folder, modes.Folder);
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles($"{Prefix}*"))
            {
                if (IsAbandoned(file)) TryDelete(file.FullName);
            }

            _prepared = true;
        }
    }

    private bool IsAbandoned(FileInfo file)
    {
        if (timeProvider.GetUtcNow() - file.LastWriteTimeUtc > Abandoned) return true;
        // prodops-<host>-<pid>-<random>, where the host may have hyphens of its own.
        string[] parts = file.Name.Split('-');
        return parts.Length >= 4
            && string.Join('-', parts[1..^2]) == LocalHost.Name
            && int.TryParse(parts[^2], out int processId)
            && !LocalHost.IsAlive(processId);
    }
}

/// <summary>The permissions of a repository's files: its owner's alone, and its group's if the config is the group's to read.</summary>
internal readonly record struct LocalModes(UnixFileMode File, UnixFileMode Folder)
{
    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static LocalModes Like(string config)
    {
        var modes = new LocalModes(UnixFileMode.UserRead, OwnerFolder);
        if (OperatingSystem.IsWindows() || !System.IO.File.Exists(config)) return modes;
        return (System.IO.File.GetUnixFileMode(config) & UnixFileMode.GroupRead) == 0
            ? modes
            : new LocalModes(UnixFileMode.UserRead | UnixFileMode.GroupRead, OwnerFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
    }
}
