namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>
/// Linux's files by its own calls: names of any bytes, nanoseconds, devices, attributes, and half the time of .NET's file classes.
/// </summary>
internal sealed unsafe class UnixFileSystem : SourceFileSystem
{
    private readonly UnixAccounts _accounts = new();

    public override FileStat GetStat(ReadOnlySpan<byte> path, bool follow = false)
    {
        StatX stat;
        using var native = new NativePath(path, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native)
        {
            int flags = LibC.NoAutomount | (follow ? 0 : LibC.SymlinkNoFollow);
            if (LibC.StatX(LibC.CurrentFolder, pointer, flags, StatX.BasicFields, &stat) != 0) throw Errno.LastException("stat", path);
        }
        return stat.ToFileStat();
    }

    public override void ReadDirectory(ReadOnlySpan<byte> path, DirectoryListing listing)
    {
        int folder = Open(path, LibC.Directory);
        try
        {
            UnixDirectoryReader.Read(folder, path, listing);
        }
        finally
        {
            LibC.Close(folder);
        }
    }

    // Non-blocking: if a fifo has taken the file's place by now, opening it must not wait for a writer.
    public override SourceFile OpenFile(ReadOnlySpan<byte> path) => new UnixSourceFile(Open(path, LibC.NonBlocking), path.ToArray());

    public override byte[] ReadLink(ReadOnlySpan<byte> path)
    {
        using var native = new NativePath(path, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native) return UnixLinks.Read(LibC.CurrentFolder, pointer, path);
    }

    public override ExtendedAttribute[] ReadExtendedAttributes(ReadOnlySpan<byte> path)
    {
        using var native = new NativePath(path, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native) return new UnixAttributes(pointer, path).Read();
    }

    public override string GetUserName(uint userId) => _accounts.GetUserName(userId);

    public override string GetGroupName(uint groupId) => _accounts.GetGroupName(groupId);

    private static int Open(ReadOnlySpan<byte> path, int flags)
    {
        flags |= LibC.ReadOnly | LibC.NoFollow | LibC.CloseOnExec;
        using var native = new NativePath(path, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native)
        {
            int atimeFlag = LibC.NoAccessTime;
            while (true)
            {
                int file = LibC.OpenAt(LibC.CurrentFolder, pointer, flags | atimeFlag, 0);
                if (file >= 0) return file;
                int error = LibC.LastError;
                if (error == Errno.NotPermitted && atimeFlag != 0) atimeFlag = 0; // Only the owner and root may leave the access time alone.
                else if (error != Errno.Interrupted) throw Errno.Exception((flags & LibC.Directory) != 0 ? "opendir" : "open", path, error);
            }
        }
    }
}
