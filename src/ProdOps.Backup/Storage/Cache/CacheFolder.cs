using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Storage;

/// <summary>
/// The files that are kept of repositories elsewhere: a folder for each repository's id, its user's alone. Whatever fails here costs speed and nothing else.
/// </summary>
/// <param name="root">Where the repositories' folders are made.</param>
/// <param name="limit">How many bytes one repository's may take.</param>
/// <param name="time">The clock.</param>
internal sealed class CacheFolder(string root, long limit, TimeProvider time)
{
    /// <summary>What nobody has used for so long is cleared away.</summary>
    private static readonly TimeSpan Unused = TimeSpan.FromDays(30);

    private string? _folder;
    private bool _hasGrown;

    /// <summary>The user's, or <see langword="null"/> where there is no home.</summary>
    public static string? DefaultRoot
    {
        get
        {
            string? xdg = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? null : Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            string? above = !string.IsNullOrEmpty(xdg) && Path.IsPathRooted(xdg) ? xdg
                : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : home.Length == 0 ? null : Path.Combine(home, OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache");
            return string.IsNullOrEmpty(above) ? null : Path.Combine(above, "prodops", "backup");
        }
    }

    public bool IsOpen => _folder is not null;

    public void Begin(ObjectId repository) => Quietly(() =>
    {
        CreateFolder(root);
        string folder = Path.Combine(root, repository.ToString());
        CreateFolder(folder);
        Directory.SetLastWriteTimeUtc(folder, time.GetUtcNow().UtcDateTime);
        _folder = folder;
        foreach (string other in Directory.EnumerateDirectories(root))
        {
            if (ObjectId.TryParse(Path.GetFileName(other), out _) && time.GetUtcNow().UtcDateTime - Directory.GetLastWriteTimeUtc(other) > Unused) Directory.Delete(other, recursive: true);
        }
    });

    public byte[]? TryRead(FileHandle file)
    {
        byte[]? content = null;
        Quietly(() =>
        {
            if (PathOf(file) is { } path && File.Exists(path)) content = File.ReadAllBytes(path);
        });
        return content;
    }

    public bool TryRead(FileHandle file, long offset, Span<byte> buffer)
    {
        if (PathOf(file) is not { } path) return false;
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            for (int done = 0; done < buffer.Length;)
            {
                int read = RandomAccess.Read(handle, buffer[done..], offset + done);
                if (read == 0) return false;
                done += read;
            }

            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Write(FileHandle file, ReadOnlySpan<byte> content)
    {
        if (PathOf(file) is not { } path) return;
        string temporary = path + "." + Guid.NewGuid().ToString("n");
        try
        {
            CreateFolder(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, path, overwrite: true);
            _hasGrown = true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Quietly(() => File.Delete(temporary));
        }
    }

    public void Delete(FileHandle file) => Quietly(() =>
    {
        if (PathOf(file) is { } path) File.Delete(path);
    });

    /// <summary>Lets go of what the repository has no more.</summary>
    public void KeepOnly(FileKind kind, IReadOnlySet<ObjectId> there) => Quietly(() =>
    {
        if (_folder is null || Path.Combine(_folder, RepositoryLayout.FolderOf(kind)) is var folder && !Directory.Exists(folder)) return;
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (ObjectId.TryParse(Path.GetFileName(path), out var id) && !there.Contains(id)) File.Delete(path);
        }
    });

    /// <summary>Keeps to the limit: what was written first goes first.</summary>
    public void Trim() => Quietly(() =>
    {
        if (_folder is null || !_hasGrown) return;
        var files = new DirectoryInfo(_folder).GetFiles("*", SearchOption.AllDirectories).OrderByDescending(file => file.LastWriteTimeUtc).ToList();
        long size = 0;
        foreach (var file in files)
        {
            size += file.Length;
            if (size > limit) file.Delete();
        }
    });

    private string? PathOf(FileHandle file) => _folder is null ? null : Path.Combine(_folder, RepositoryLayout.PathOf(file));

    private static void CreateFolder(string path)
    {
        if (Directory.Exists(path)) return;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void Quietly(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Somebody deletes it, or there is no room: what is not kept is asked for again.
        }
    }
}
