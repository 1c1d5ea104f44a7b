using ProdOps.Backup.FileSystem;

namespace ProdOps.Backup.Restoring.Target;

/// <summary>
/// Folders by .NET's own classes, for systems without an implementation of their own: no owners, attributes, devices or hard links; times
/// stop at 100 ns. Links on the way are looked for before each call, which somebody who is quick enough can outwit.
/// </summary>
internal sealed class ManagedTargetFolder : TargetFolder
{
    private readonly string _path;

    private ManagedTargetFolder(string path) => _path = path;

    public static ManagedTargetFolder Open(ReadOnlySpan<byte> path)
    {
        string name = FileNames.Decode(path);
        return Guard("open", name, () => new ManagedTargetFolder(Directory.CreateDirectory(name).FullName));
    }

    public override TargetFolder OpenFolder(ReadOnlySpan<byte> name)
    {
        string path = PathOf(name);
        var info = new DirectoryInfo(path);
        if (!info.Exists || info.LinkTarget is not null) throw new FileSystemException("open", path, "ENOTDIR", "it is not a folder");
        return new ManagedTargetFolder(path);
    }

    public override void MakeFolder(ReadOnlySpan<byte> name)
    {
        string path = PathOf(name);
        Guard("mkdir", path, () => Directory.CreateDirectory(path));
    }

    public override TargetFile CreateFile(ReadOnlySpan<byte> name)
    {
        string path = PathOf(name);
        return Guard("open", path, () => new ManagedTargetFile(File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write), path));
    }

    public override TargetFile OpenFile(ReadOnlySpan<byte> name)
    {
        string path = PathOf(name);
        if (new FileInfo(path).LinkTarget is not null) throw new FileSystemException("open", path, "ELOOP", "it is a symbolic link, which is not followed");
        return Guard("open", path, () => new ManagedTargetFile(File.OpenHandle(path, FileMode.Open, FileAccess.Write), path));
    }

    public override void MakeSymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target)
    {
        string path = PathOf(name), to = FileNames.Decode(target);
        Guard("symlink", path, () => File.CreateSymbolicLink(path, to));
    }

    public override void MakeNode(ReadOnlySpan<byte> name, FileType type, ulong device) => throw NotSupported("mknod", PathOf(name));

    public override void MakeHardLink(ReadOnlySpan<byte> name, TargetFolder folder, ReadOnlySpan<byte> existing)
    {
        // The content is the same, if not the file.
        string path = PathOf(name), from = ((ManagedTargetFolder)folder).PathOf(existing);
        Guard("link", path, () =>
        {
            File.Copy(from, path);
            return 0;
        });
    }

    public override void Remove(ReadOnlySpan<byte> name)
    {
        string path = PathOf(name);
        Guard("unlink", path, () =>
        {
            File.Delete(path);
            return 0;
        });
    }

    public override void RemoveFolder(ReadOnlySpan<byte> name) => RemoveFolder(name, recursive: false);

    public override void RemoveTree(ReadOnlySpan<byte> name, CancellationToken cancellationToken)
    {
        string path = PathOf(name);
        if (Directory.Exists(path)) RemoveFolder(name, recursive: new DirectoryInfo(path).LinkTarget is null);
        else Remove(name);
    }

    public override MetadataOutcome SetMetadata(ReadOnlySpan<byte> name, in TargetMetadata metadata) => Set(PathOf(name), metadata);

    public override MetadataOutcome SetMetadata(in TargetMetadata metadata) => Set(_path, metadata);

    public override void Dispose()
    {
    }

    public static MetadataOutcome Set(string path, in TargetMetadata metadata)
    {
        DateTime modified = metadata.ModifiedTime.ToDateTimeOffset().UtcDateTime, accessed = metadata.AccessTime.ToDateTimeOffset().UtcDateTime;
        bool isReadOnly = metadata.HasPermissions && (metadata.Permissions & 0x80) == 0;
        var permissions = (UnixFileMode)(metadata.Permissions & 0xFFF);
        bool setsMode = metadata.HasPermissions;
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        try
        {
            info.LastAccessTimeUtc = accessed;
            info.LastWriteTimeUtc = modified;
            if (!setsMode) return default;
            if (!OperatingSystem.IsWindows()) info.UnixFileMode = permissions;
            else if (info is FileInfo file) file.IsReadOnly = isReadOnly;
            return default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new MetadataOutcome(false, From("utimens", path, e));
        }
    }

    public static T Guard<T>(string operation, string path, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is not FileSystemException && e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw From(operation, path, e);
        }
    }

    private static FileSystemException NotSupported(string operation, string path) => new(operation, path, "EOPNOTSUPP", "this system has no such files");

    // The low word of an HRESULT made from a Win32 error is that error: 80 and 183 exists, 112 disk full, 39 handle disk full.
    private static FileSystemException From(string operation, string path, Exception error) => new(operation, path, error switch
    {
        FileNotFoundException or DirectoryNotFoundException => "ENOENT",
        UnauthorizedAccessException => "EACCES",
        PathTooLongException => "ENAMETOOLONG",
        IOException when (error.HResult & 0xFFFF) is 80 or 183 => "EEXIST",
        IOException when (error.HResult & 0xFFFF) is 112 or 39 => "ENOSPC",
        _ => "EIO",
    }, error.Message, error);

    private void RemoveFolder(ReadOnlySpan<byte> name, bool recursive)
    {
        string path = PathOf(name);
        Guard("rmdir", path, () =>
        {
            Directory.Delete(path, recursive);
            return 0;
        });
    }

    /// <summary>A name of the snapshot may be a path here: <c>..\x</c>, <c>C:x</c> or a stream <c>a:b</c> on Windows.</summary>
    private string PathOf(ReadOnlySpan<byte> name)
    {
        string text = FileNames.Decode(name);
        if (text.AsSpan().ContainsAny(Path.GetInvalidFileNameChars()) || Path.GetFileName(text) != text || OperatingSystem.IsWindows() && text[^1] is ' ' or '.')
            throw new FileSystemException("open", Path.Combine(_path, "?"), "EINVAL", "this system cannot have a file of this name");
        return Path.Combine(_path, text);
    }
}

/// <summary>A file by .NET's own handle.</summary>
internal sealed class ManagedTargetFile(Microsoft.Win32.SafeHandles.SafeFileHandle handle, string path) : TargetFile
{
    public override void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(handle, bytes, offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ManagedTargetFolder.Guard<int>("write", path, () => throw e);
        }
    }

    public override void SetLength(long length) => ManagedTargetFolder.Guard("truncate", path, () =>
    {
        RandomAccess.SetLength(handle, length);
        return 0;
    });

    public override MetadataOutcome SetMetadata(in TargetMetadata metadata)
    {
        // The time of the last write is set when the handle is closed, unless it was set after.
        handle.Dispose();
        return ManagedTargetFolder.Set(path, metadata);
    }

    public override void Dispose() => handle.Dispose();
}
