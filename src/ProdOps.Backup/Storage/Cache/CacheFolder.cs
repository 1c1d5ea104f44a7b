using System.Buffers;
using System.Security.Cryptography;
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
    /// <summary>A pack is fetched in pieces of this size, lest several of them be in memory whole.</summary>
    private const int PieceSize = 4 << 20;

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

    /// <summary>Keeps a file that is read piece by piece.</summary>
    /// <param name="file">Which.</param>
    /// <param name="size">Its size.</param>
    /// <param name="read">Fills a piece of it from an offset. What keeps it from doing so is thrown, but for trouble with files, which is taken for this folder's.</param>
    /// <returns>Whether it is kept: its hash is its name, and there is room.</returns>
    public async Task<bool> FetchAsync(FileHandle file, long size, Func<long, Memory<byte>, ValueTask> read)
    {
        if (PathOf(file) is not { } path) return false;
        string temporary = path + "." + Guid.NewGuid().ToString("n");
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(size, PieceSize));
        bool isKept = false;
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            CreateFolder(Path.GetDirectoryName(path)!);
            using (var handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                for (long offset = 0; offset < size;)
                {
                    var piece = buffer.AsMemory(0, (int)Math.Min(size - offset, PieceSize));
                    await read(offset, piece);
                    hash.AppendData(piece.Span);
                    RandomAccess.Write(handle, piece.Span, offset);
                    offset += piece.Length;
                }
            }

            ArrayPool<byte>.Shared.Return(buffer);
            if (new ObjectId(hash.GetHashAndReset()) != file.Id) return false;
            File.Move(temporary, path, overwrite: true);
            return _hasGrown = isKept = true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        finally
        {
            if (!isKept) Quietly(() => File.Delete(temporary));
        }
    }

    public void Delete(FileHandle file) => Quietly(() =>
    {
        if (PathOf(file) is { } path) File.Delete(path);
    });

    /// <summary>What is kept of a kind.</summary>
    public HashSet<ObjectId> List(FileKind kind)
    {
        var kept = new HashSet<ObjectId>();
        Quietly(() =>
        {
            // The config's folder is that of all kinds.
            if (_folder is null || kind == FileKind.Config || Path.Combine(_folder, RepositoryLayout.FolderOf(kind)) is var folder && !Directory.Exists(folder)) return;
            foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            {
                if (ObjectId.TryParse(Path.GetFileName(path), out var id)) kept.Add(id);
            }
        });
        return kept;
    }

    /// <summary>Keeps to the limit: what was written first goes first.</summary>
    public void Trim() => Quietly(() =>
    {
        if (_folder is null || !_hasGrown) return;
        var files = new DirectoryInfo(_folder).GetFiles("*", SearchOption.AllDirectories).OrderByDescending(file => file.LastWriteTimeUtc).ToList();
        long size = 0;
        foreach (var file in files)
        {
            size += file.Length;
            if (size > limit) Quietly(file.Delete);
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
