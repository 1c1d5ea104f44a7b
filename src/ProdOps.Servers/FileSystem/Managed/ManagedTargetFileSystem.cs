using Microsoft.Win32.SafeHandles;

namespace ProdOps.Servers.FileSystem.Managed;

/// <summary>
/// A restore's destination by .NET's own classes. Folders are paths here, not descriptors: links are looked for before each
/// step and not followed, but one that is planted between the look and the step is. Owners, attributes and devices cannot be set.
/// </summary>
internal sealed class ManagedTargetFileSystem : TargetFileSystem
{
    public override TargetFolder OpenRoot(string path) => ManagedErrors.Guard("mkdir", path, () =>
        new ManagedTargetFolder(Directory.CreateDirectory(path).FullName));
}

internal sealed class ManagedTargetFolder(string path) : TargetFolder
{
    private static readonly FileSystemException NotPossible =
        new("set", "", "EOPNOTSUPP", "owners and extended attributes cannot be set on this system");

    public override string Path { get; } = path;

    public override bool TryGetStat(ReadOnlySpan<byte> name, out FileStat stat)
    {
        string full = PathOf(name);
        try
        {
            stat = ManagedErrors.Guard("stat", full, () => ManagedStat.From(ManagedStat.Find(full)));
            return true;
        }
        catch (FileSystemException e) when (e.ErrorName == "ENOENT")
        {
            stat = default;
            return false;
        }
    }

    public override void ReadEntries(DirectoryListing listing) => new ManagedFileSystem().ReadDirectory(FileNames.Encode(Path), listing);

    public override void CreateFolder(ReadOnlySpan<byte> name)
    {
        string full = PathOf(name);
        EnsureFree("mkdir", full);
        ManagedErrors.Guard("mkdir", full, () => OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(full)
            : Directory.CreateDirectory(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    public override TargetFolder OpenFolder(ReadOnlySpan<byte> name)
    {
        Require(name, FileType.Directory, "opendir", "ENOTDIR", "not a directory");
        return new ManagedTargetFolder(PathOf(name));
    }

    public override TargetFolder Reopen() => new ManagedTargetFolder(Path);

    public override TargetFile CreateFile(ReadOnlySpan<byte> name)
    {
        string full = PathOf(name);
        EnsureFree("create", full);
        return ManagedErrors.Guard("create", full, () => new ManagedTargetFile(File.OpenHandle(full, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read), full));
    }

    public override TargetFile OpenFile(ReadOnlySpan<byte> name, bool write)
    {
        Require(name, FileType.File, "open", "EINVAL", "not a regular file");
        string full = PathOf(name);
        return ManagedErrors.Guard("open", full, () => new ManagedTargetFile(
            File.OpenHandle(full, FileMode.Open, write ? FileAccess.ReadWrite : FileAccess.Read, FileShare.Read), full));
    }

    public override void CreateSymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target)
    {
        string full = PathOf(name), to = FileNames.Decode(target);
        EnsureFree("symlink", full);
        ManagedErrors.Guard("symlink", full, () => File.CreateSymbolicLink(full, to));
    }

    public override void CreateHardLink(ReadOnlySpan<byte> name, TargetFolder existingFolder, ReadOnlySpan<byte> existingName) =>
        throw new FileSystemException("link", PathOf(name), "EOPNOTSUPP", "hard links cannot be made on this system");

    public override void CreateSpecial(ReadOnlySpan<byte> name, FileType type, ulong deviceNumber) =>
        throw new FileSystemException("mknod", PathOf(name), "EOPNOTSUPP", "devices, fifos and sockets cannot be made on this system");

    public override byte[] ReadLink(ReadOnlySpan<byte> name) => new ManagedFileSystem().ReadLink(FileNames.Encode(PathOf(name)));

    public override ExtendedAttribute[] ReadExtendedAttributes(ReadOnlySpan<byte> name) => [];

    public override void Rename(ReadOnlySpan<byte> name, ReadOnlySpan<byte> newName)
    {
        string from = PathOf(name), to = PathOf(newName);
        ManagedErrors.Guard("rename", from, () =>
        {
            if (Directory.Exists(from)) Directory.Move(from, to);
            else File.Move(from, to, overwrite: true);
            return 0;
        });
    }

    public override void Move(ReadOnlySpan<byte> name, TargetFolder newFolder, ReadOnlySpan<byte> newName)
    {
        string from = PathOf(name), to = ((ManagedTargetFolder)newFolder).PathOf(newName);
        ManagedErrors.Guard("rename", from, () =>
        {
            if (!Directory.Exists(from) || new FileInfo(from).LinkTarget is not null) File.Move(from, to, overwrite: true);
            else Directory.Move(from, to);
            return 0;
        });
    }

    public override void FlushFileSystem()
    {
    }

    public override void Remove(ReadOnlySpan<byte> name)
    {
        string full = PathOf(name);
        ManagedErrors.Guard("unlink", full, () =>
        {
            // Recursive deletion does not follow links, nor does that of a link.
            if (ManagedStat.From(ManagedStat.Find(full)).Type == FileType.Directory) Directory.Delete(full, recursive: true);
            else ManagedStat.Find(full).Delete();
            return 0;
        });
    }

    public override void SetMetadata(ReadOnlySpan<byte> name, in TargetMetadata metadata, MetadataProblems problems) =>
        SetMetadata(PathOf(name), metadata, problems);

    public override void SetMetadata(in TargetMetadata metadata, MetadataProblems problems) => SetMetadata(Path, metadata, problems);

    public override void Dispose()
    {
    }

    internal static void SetMetadata(string path, TargetMetadata metadata, MetadataProblems problems)
    {
        try
        {
            ManagedErrors.Guard("set", path, () =>
            {
                var info = ManagedStat.Find(path);
                if (metadata.Times is { } times && metadata.Type != FileType.SymbolicLink)
                {
                    info.LastWriteTimeUtc = times.Modified.ToDateTimeOffset().UtcDateTime;
                    info.LastAccessTimeUtc = times.Access.ToDateTimeOffset().UtcDateTime;
                }
                if (metadata.Permissions is not { } permissions || metadata.Type == FileType.SymbolicLink) return 0;
                if (OperatingSystem.IsWindows())
                {
                    if (info is FileInfo file) file.IsReadOnly = (permissions & 0x80) == 0;
                }
                else info.UnixFileMode = (UnixFileMode)permissions;
                return 0;
            });
        }
        catch (FileSystemException e)
        {
            problems.Add(e);
        }
        if (metadata.ExtendedAttributes is { Count: > 0 }) problems.Add(NotPossible, "attributes");
        if (metadata.Owner is not null && !OperatingSystem.IsWindows()) problems.Add(NotPossible, "owner");
    }

    private static void EnsureFree(string operation, string full)
    {
        if ((int)new FileInfo(full).Attributes != -1) throw new FileSystemException(operation, full, "EEXIST", "file exists");
    }

    private void Require(ReadOnlySpan<byte> name, FileType type, string operation, string errorName, string reason)
    {
        if (!TryGetStat(name, out var stat)) throw new FileSystemException(operation, PathOf(name), "ENOENT", "no such file or directory");
        if (stat.Type == FileType.SymbolicLink) throw new FileSystemException(operation, PathOf(name), "ELOOP", "it is a symbolic link, which is not followed");
        if (stat.Type != type) throw new FileSystemException(operation, PathOf(name), errorName, reason);
    }

    /// <summary>A name may not be a path in any of the system's ways: no separators, no drive or stream, no reserved characters.</summary>
    private string PathOf(ReadOnlySpan<byte> name)
    {
        string text = FileNames.Decode(name);
        bool isReserved = text.Length == 0 || text is "." or ".." || text.AsSpan().ContainsAny(System.IO.Path.GetInvalidFileNameChars())
            || text.AsSpan().ContainsAny('/', '\0')
            // Windows drops a dot or a space at the end, which makes of "..." and ".. " something else.
            || (OperatingSystem.IsWindows() && text[^1] is '.' or ' ');
        return isReserved
            ? throw new FileSystemException("use", System.IO.Path.Join(Path, text), "EINVAL", "this system has no files of such names")
            : System.IO.Path.Join(Path, text);
    }
}

internal sealed class ManagedTargetFile(SafeFileHandle handle, string path) : TargetFile
{
    public override SafeFileHandle Handle { get; } = handle;

    public override FileStat GetStat() => ManagedErrors.Guard("stat", path, () => ManagedStat.From(Handle, path));

    public override int Read(long offset, Span<byte> buffer)
    {
        int total = 0;
        try
        {
            while (total < buffer.Length && RandomAccess.Read(Handle, buffer[total..], offset + total) is > 0 and int count) total += count;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ManagedErrors.From("read", path, e);
        }
        return total;
    }

    public override void Write(long offset, ReadOnlySpan<byte> content)
    {
        try
        {
            RandomAccess.Write(Handle, content, offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ManagedErrors.From("write", path, e);
        }
    }

    public override void SetLength(long length) => ManagedErrors.Guard("truncate", path, () =>
    {
        RandomAccess.SetLength(Handle, length);
        return 0;
    });

    public override void Reserve(long length)
    {
    }

    public override void Flush() => ManagedErrors.Guard("fsync", path, () =>
    {
        RandomAccess.FlushToDisk(Handle);
        return 0;
    });

    public override void SetMetadata(in TargetMetadata metadata, MetadataProblems problems) => ManagedTargetFolder.SetMetadata(path, metadata, problems);

    public override void Dispose() => Handle.Dispose();
}
