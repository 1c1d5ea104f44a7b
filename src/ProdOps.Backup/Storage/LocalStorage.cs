using ProdOps.Servers.FileSystem;
using System.IO.Enumeration;
using Microsoft.Win32.SafeHandles;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Storage;

/// <summary>
/// A repository in a folder of this machine, in restic's default layout. A file appears under its final name only
/// when its bytes and then its name are on the disk.
/// </summary>
internal sealed class LocalStorage : IStorage
{
    private readonly string _root;
    private readonly LocalTemporaryFiles _temporaryFiles;
    private readonly Lazy<LocalModes> _modes;

    public LocalStorage(string path, TimeProvider timeProvider)
    {
        _root = Path.GetFullPath(path);
        _temporaryFiles = new LocalTemporaryFiles(Path.Combine(_root, "tmp"), timeProvider);
        _modes = new Lazy<LocalModes>(() => LocalModes.Like(PathOf(FileHandle.Config)));
    }

    public string Location => _root;

    public int Connections => 2;

    public ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Directory.Exists(_root));

    public ValueTask CreateAsync(CancellationToken cancellationToken)
    {
        LocalErrors.Guard(_root, writing: true, () =>
        {
            CreateFolder(_root);
            foreach (string folder in RepositoryLayout.Folders.Concat(RepositoryLayout.PackFolders)) CreateFolder(Below(folder));
            NativeFiles.SyncDirectory(FolderOf(FileKind.Pack));
            NativeFiles.SyncDirectory(_root);
        });
        return ValueTask.CompletedTask;
    }

    public IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellationToken) =>
        List(kind, cancellationToken).ToAsyncEnumerable();

    public ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken)
    {
        string path = PathOf(file);
        return ValueTask.FromResult(LocalErrors.Guard(path, writing: false, () =>
        {
            var info = new FileInfo(path);
            return info.Exists ? info.Length : (long?)null;
        }));
    }

    public ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = PathOf(file);
        LocalErrors.Guard(path, writing: false, () =>
        {
            using var handle = OpenRead(path);
            ReadExactly(handle, path, offset, buffer.Span);
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = PathOf(file);
        return ValueTask.FromResult(LocalErrors.Guard(path, writing: false, () =>
        {
            using var handle = OpenRead(path);
            byte[] content = GC.AllocateUninitializedArray<byte>(checked((int)RandomAccess.GetLength(handle)));
            ReadExactly(handle, path, 0, content);
            return content;
        }));
    }

    // fsync blocks for milliseconds, so it must not be on the thread of an async caller.
    public ValueTask WriteAsync(FileHandle file, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Task.Run(() => Write(file, content.Span), CancellationToken.None));
    }

    public IPendingFile BeginFile(FileKind kind) => new PendingFile(this, kind, CreateTemporaryFile());

    public ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = PathOf(file);
        LocalErrors.Guard(path, writing: true, () =>
        {
            if (!File.Exists(path)) return;
            // Windows refuses to delete what is read-only.
            if (OperatingSystem.IsWindows()) File.SetAttributes(path, FileAttributes.Normal);
            File.Delete(path);
            // A snapshot or an index that came back after a power cut would name what was removed after it.
            if (file.Kind is FileKind.Snapshot or FileKind.Index) NativeFiles.SyncDirectory(Path.GetDirectoryName(path)!);
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<long?> GetFreeSpaceAsync(CancellationToken cancellationToken)
    {
        try
        {
            return ValueTask.FromResult<long?>(new DriveInfo(_root).AvailableFreeSpace);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return ValueTask.FromResult<long?>(null);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IEnumerable<StoredFile> List(FileKind kind, CancellationToken cancellationToken)
    {
        string folder = FolderOf(kind);
        if (kind != FileKind.Pack) return ListFolder(folder);
        return SubfoldersOf(folder).SelectMany(subfolder =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A pack in another pack's folder cannot be reached by its name.
            byte prefix = Convert.ToByte(Path.GetFileName(subfolder), 16);
            return ListFolder(subfolder).Where(file => file.Id.FirstByte == prefix);
        });
    }

    private static IEnumerable<string> SubfoldersOf(string folder) =>
        LocalErrors.Guard(folder, writing: false, () => !Directory.Exists(folder)
            ? []
            : Directory.EnumerateDirectories(folder)
                .Where(path => RepositoryLayout.IsPackFolder(Path.GetFileName(path)))
                .Order(StringComparer.Ordinal).ToList());

    private static List<StoredFile> ListFolder(string folder) => LocalErrors.Guard(folder, writing: false, () => !Directory.Exists(folder)
        ? []
        : new FileSystemEnumerable<StoredFile>(
            folder,
            static (ref FileSystemEntry entry) => new StoredFile(ObjectId.Parse(entry.FileName), entry.Length) { Written = entry.LastWriteTimeUtc },
            new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false })
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => ObjectId.TryParse(entry.FileName, out _) && !entry.IsDirectory,
        }.ToList());

    private void Write(FileHandle file, ReadOnlySpan<byte> content)
    {
        string path = PathOf(file);
        var (temporary, handle) = CreateTemporaryFile();
        try
        {
            EnsureFolder(Path.GetDirectoryName(path)!);
            using (handle)
            {
                RandomAccess.Write(handle, content, 0);
                RandomAccess.FlushToDisk(handle);
            }

            Publish(temporary, path, replace: file.Kind != FileKind.Config);
        }
        catch (Exception error)
        {
            LocalTemporaryFiles.TryDelete(temporary);
            throw LocalErrors.Translate(error, path, writing: true);
        }
    }

    /// <summary>
    /// Gives a complete file its final name, durably. A file of the same name is the same content by definition (or is
    /// damaged), so replacing it is right, except for the config: there a second program initialising at once must lose.
    /// </summary>
    private static void Publish(string temporary, string path, bool replace)
    {
        if (!replace && File.Exists(path)) throw BackupErrors.StoredFileExists(path);
        // Without overwrite .NET links the file, which fails if the name exists, and removes the old name.
        File.Move(temporary, path, replace && !OperatingSystem.IsWindows());
        if (OperatingSystem.IsWindows()) File.SetAttributes(path, FileAttributes.ReadOnly);
        else NativeFiles.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    // All of them lie where a later run removes what a killed one left.
    private (string Path, SafeFileHandle Handle) CreateTemporaryFile()
    {
        EnsureFolder(_temporaryFiles.Folder);
        return _temporaryFiles.Create(_modes.Value);
    }

    // Only in a repository: where one was until its disk was unmounted, nobody could read what would be written.
    private void EnsureFolder(string path)
    {
        if (Directory.Exists(path)) return;
        if (!Directory.Exists(FolderOf(FileKind.Key))) throw BackupErrors.RepositoryNotFound(_root);
        LocalErrors.Guard(path, writing: true, () =>
        {
            string parent = Path.GetDirectoryName(path)!;
            var mode = OperatingSystem.IsWindows() ? default : _modes.Value.Folder;
            if (parent != Path.TrimEndingDirectorySeparator(_root)) NativeFiles.CreateFolder(parent, mode);
            NativeFiles.CreateFolder(path, mode);
        });
    }

    private void CreateFolder(string path)
    {
        if (Directory.Exists(path)) return;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, _modes.Value.Folder);
    }

    private static SafeFileHandle OpenRead(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static void ReadExactly(SafeFileHandle handle, string path, long offset, Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            int read = RandomAccess.Read(handle, buffer[done..], offset + done);
            if (read == 0) throw BackupErrors.StoredFileTruncated(path, offset + buffer.Length, RandomAccess.GetLength(handle));
            done += read;
        }
    }

    private string FolderOf(FileKind kind) => Below(RepositoryLayout.FolderOf(kind));

    private string PathOf(FileHandle file) => Below(RepositoryLayout.PathOf(file));

    private string Below(string name) => Path.Combine(_root, name.Replace('/', Path.DirectorySeparatorChar));

    private sealed class PendingFile(LocalStorage storage, FileKind kind, (string Path, SafeFileHandle Handle) file) : IPendingFile
    {
        private long _length;
        private bool _committed;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            try
            {
                RandomAccess.Write(file.Handle, bytes, _length);
            }
            catch (Exception error)
            {
                throw LocalErrors.Translate(error, file.Path, writing: true);
            }

            _length += bytes.Length;
        }

        public ValueTask CommitAsync(ObjectId id, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new(Task.Run(() => Commit(storage.PathOf(new FileHandle(kind, id))), CancellationToken.None));
        }

        public void Dispose()
        {
            file.Handle.Dispose();
            if (!_committed) LocalTemporaryFiles.TryDelete(file.Path);
        }

        private void Commit(string path) => LocalErrors.Guard(path, writing: true, () =>
        {
            RandomAccess.FlushToDisk(file.Handle);
            file.Handle.Dispose();
            // Old repositories made the folders of packs as they came to need them.
            storage.EnsureFolder(Path.GetDirectoryName(path)!);
            Publish(file.Path, path, replace: true);
            _committed = true;
        });
    }
}
