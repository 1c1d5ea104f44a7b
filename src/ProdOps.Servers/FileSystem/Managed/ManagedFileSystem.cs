namespace ProdOps.Servers.FileSystem.Managed;

/// <summary>
/// Files by .NET's own classes, for systems without an implementation of their own: names are text, there are no attributes,
/// owners, devices or hard links, and times stop at 100 ns.
/// </summary>
internal sealed class ManagedFileSystem : SourceFileSystem
{
    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        ReturnSpecialDirectories = false,
        RecurseSubdirectories = false,
    };

    public override FileStat GetStat(ReadOnlySpan<byte> path, bool follow = false)
    {
        string name = FileNames.Decode(path);
        return ManagedErrors.Guard("stat", name, () =>
        {
            var info = ManagedStat.Find(name);
            if (follow && info.LinkTarget is not null)
                info = info.ResolveLinkTarget(returnFinalTarget: true) ?? throw new FileNotFoundException("the link points nowhere", name);
            return ManagedStat.From(info);
        });
    }

    public override void ReadDirectory(ReadOnlySpan<byte> path, DirectoryListing listing)
    {
        listing.Clear();
        string name = FileNames.Decode(path);
        ManagedErrors.Guard("readdir", name, () =>
        {
            foreach (var info in new DirectoryInfo(name).EnumerateFileSystemInfos("*", Everything))
            {
                byte[] entry = FileNames.Encode(info.Name);
                try
                {
                    listing.Add(entry, ManagedStat.From(info));
                }
                catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
                {
                    // It went between its listing and its look-up.
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    listing.Failures.Add((entry, ManagedErrors.From("stat", info.FullName, e)));
                }
            }
            return 0;
        });
        listing.Sort();
    }

    public override SourceFile OpenFile(ReadOnlySpan<byte> path)
    {
        string name = FileNames.Decode(path);
        return ManagedErrors.Guard("open", name, () =>
        {
            if (ManagedStat.Find(name).LinkTarget is not null) throw new FileSystemException("open", name, "ELOOP", "it is a symbolic link, which is not followed");
            const FileShare AnySharing = FileShare.ReadWrite | FileShare.Delete;
            return new ManagedSourceFile(File.OpenHandle(name, FileMode.Open, FileAccess.Read, AnySharing, FileOptions.SequentialScan), name);
        });
    }

    public override byte[] ReadLink(ReadOnlySpan<byte> path)
    {
        string name = FileNames.Decode(path);
        string target = ManagedErrors.Guard("readlink", name, () =>
            ManagedStat.Find(name).LinkTarget ?? throw new FileSystemException("readlink", name, "EINVAL", "it is not a symbolic link"));
        return FileNames.Encode(target);
    }

    public override ExtendedAttribute[] ReadExtendedAttributes(ReadOnlySpan<byte> path) => [];

    public override string GetUserName(uint userId) => "";

    public override string GetGroupName(uint groupId) => "";

    private sealed class ManagedSourceFile(Microsoft.Win32.SafeHandles.SafeFileHandle handle, string path) : SourceFile
    {
        private long _position;

        public override FileStat GetStat() => ManagedErrors.Guard("stat", path, () => ManagedStat.From(handle, path));

        public override int Read(Span<byte> buffer)
        {
            int total = 0;
            try
            {
                while (total < buffer.Length)
                {
                    int count = RandomAccess.Read(handle, buffer[total..], _position);
                    if (count == 0) break;
                    total += count;
                    _position += count;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw ManagedErrors.From("read", path, e);
            }
            return total;
        }

        public override void Dispose() => handle.Dispose();
    }
}

/// <summary>What .NET tells of a file, as far as it goes.</summary>
internal static class ManagedStat
{
    /// <summary>The file itself, be it a link or not.</summary>
    public static FileSystemInfo Find(string path)
    {
        FileSystemInfo info = new FileInfo(path);
        // The attributes tell existence without following a link; -1 stands for "not there".
        if ((int)info.Attributes == -1) throw new FileNotFoundException("no such file or directory", path);
        return (info.Attributes & FileAttributes.Directory) != 0 ? new DirectoryInfo(path) : info;
    }

    public static FileStat From(FileSystemInfo info)
    {
        var attributes = info.Attributes;
        if ((int)attributes == -1) throw new FileNotFoundException("no such file or directory", info.FullName);
        var type = TypeOf(info, attributes);
        long size = type == FileType.File ? ((FileInfo)info).Length : 0;
        var modified = Time(info.LastWriteTimeUtc);
        return new FileStat
        {
            Type = type,
            Permissions = OperatingSystem.IsWindows() ? WindowsPermissions(type, attributes) : (uint)info.UnixFileMode,
            Links = 1,
            Size = size,
            AllocatedSize = size,
            ModifiedTime = modified,
            AccessTime = Time(info.LastAccessTimeUtc),
            ChangeTime = modified,
        };
    }

    public static FileStat From(Microsoft.Win32.SafeHandles.SafeFileHandle handle, string path)
    {
        var attributes = File.GetAttributes(handle);
        long size = RandomAccess.GetLength(handle);
        var modified = Time(File.GetLastWriteTimeUtc(handle));
        bool isFile = (attributes & (FileAttributes.Directory | FileAttributes.Device)) == 0 && TypeOf(new FileInfo(path), attributes) == FileType.File;
        var type = isFile ? FileType.File : FileType.Unknown;
        return new FileStat
        {
            Type = type,
            Permissions = OperatingSystem.IsWindows() ? WindowsPermissions(type, attributes) : (uint)File.GetUnixFileMode(handle),
            Links = 1,
            Size = size,
            AllocatedSize = size,
            ModifiedTime = modified,
            AccessTime = Time(File.GetLastAccessTimeUtc(handle)),
            ChangeTime = modified,
        };
    }

    // A reparse point without a target that .NET knows (a deduplicated or a cloud file) is what its other attributes say.
    private static FileType TypeOf(FileSystemInfo info, FileAttributes attributes)
    {
        if ((attributes & FileAttributes.ReparsePoint) != 0 && info.LinkTarget is not null) return FileType.SymbolicLink;
        if ((attributes & FileAttributes.Directory) != 0) return FileType.Directory;
        // On Unix fifos, sockets and devices have no attribute of their own in .NET before they are opened, but no length either way.
        return (attributes & FileAttributes.Device) != 0 ? FileType.Unknown : FileType.File;
    }

    // The modes Go makes up on Windows, so that both programs store the same.
    private static uint WindowsPermissions(FileType type, FileAttributes attributes)
    {
        const uint All = 0x1FF, Execute = 0x49, Write = 0x92;
        uint permissions = type == FileType.File ? All & ~Execute : All;
        return (attributes & FileAttributes.ReadOnly) != 0 ? permissions & ~Write : permissions;
    }

    private static UnixTime Time(DateTime utc) => UnixTime.From(new DateTimeOffset(utc));
}

/// <summary>.NET's exceptions as <see cref="FileSystemException"/>s with the names Unix has for them.</summary>
internal static class ManagedErrors
{
    public static T Guard<T>(string operation, string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is (IOException and not FileSystemException) or UnauthorizedAccessException or NotSupportedException)
        {
            throw From(operation, path, e);
        }
    }

    public static FileSystemException From(string operation, string path, Exception error)
    {
        var (name, reason) = error switch
        {
            FileNotFoundException or DirectoryNotFoundException => ("ENOENT", "no such file or directory"),
            PathTooLongException => ("ENAMETOOLONG", "file name too long"),
            UnauthorizedAccessException => ("EACCES", "permission denied"),
            NotSupportedException => ("EOPNOTSUPP", "operation not supported"),
            // HRESULTs of Windows' ERROR_SHARING_VIOLATION, ERROR_DISK_FULL, ERROR_FILE_EXISTS, ERROR_ALREADY_EXISTS, ERROR_DIR_NOT_EMPTY.
            { HResult: unchecked((int)0x80070020) } => ("EBUSY", "it is in use"),
            { HResult: unchecked((int)0x80070070) } => ("ENOSPC", "no space left on device"),
            { HResult: unchecked((int)0x80070050) or unchecked((int)0x800700B7) } => ("EEXIST", "file exists"),
            { HResult: unchecked((int)0x80070091) } => ("ENOTEMPTY", "directory not empty"),
            _ => ("EIO", error.Message),
        };
        return new FileSystemException(operation, path, name, reason, error);
    }
}
