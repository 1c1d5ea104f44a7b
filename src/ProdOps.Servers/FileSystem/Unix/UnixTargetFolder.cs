using Microsoft.Win32.SafeHandles;

namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>An open folder. All calls are relative to its descriptor and none follows a link in its last and only part.</summary>
internal sealed unsafe class UnixTargetFolder : TargetFolder
{
    private const uint OwnerOnly = 0x180, OwnerOnlyFolder = 0x1C0;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _path;

    public UnixTargetFolder(int folder, byte[] path)
    {
        _handle = new SafeFileHandle(folder, ownsHandle: true);
        _path = path;
    }

    public override string Path => FileNames.Decode(_path);

    // A closed descriptor's number may by now be another file's.
    private int Descriptor => _handle.IsClosed ? throw new ObjectDisposedException(Path) : (int)_handle.DangerousGetHandle();

    public override bool TryGetStat(ReadOnlySpan<byte> name, out FileStat stat)
    {
        StatX statX;
        using var native = Name(name);
        fixed (byte* pointer = native)
        {
            if (LibC.StatX(Descriptor, pointer, LibC.SymlinkNoFollow | LibC.NoAutomount, StatX.BasicFields, &statX) == 0)
            {
                stat = statX.ToFileStat();
                return true;
            }
        }
        stat = default;
        return LibC.LastError == Errno.NoEntry ? false : throw Failure("stat", name);
    }

    public override void ReadEntries(DirectoryListing listing)
    {
        // A descriptor of its own: reading moves the position that all users of a descriptor share.
        int folder = OpenSelf();
        try
        {
            UnixDirectoryReader.Read(folder, _path, listing);
        }
        finally
        {
            LibC.Close(folder);
        }
    }

    public override void CreateFolder(ReadOnlySpan<byte> name)
    {
        using var native = Name(name);
        fixed (byte* pointer = native) Check(LibC.MakeDirectoryAt(Descriptor, pointer, OwnerOnlyFolder), "mkdir", name);
    }

    public override TargetFolder OpenFolder(ReadOnlySpan<byte> name) =>
        new UnixTargetFolder(Open(name, LibC.ReadOnly | LibC.Directory, "opendir"), PathOf(name));

    public override TargetFolder Reopen() => new UnixTargetFolder(OpenSelf(), _path);

    public override TargetFile CreateFile(ReadOnlySpan<byte> name) =>
        new UnixTargetFile(Open(name, LibC.ReadWrite | LibC.Create | LibC.Exclusive, "create"), PathOf(name));

    public override TargetFile OpenFile(ReadOnlySpan<byte> name, bool write)
    {
        // Non-blocking, so that a fifo does not wait for its other end.
        var file = new UnixTargetFile(Open(name, (write ? LibC.ReadWrite : LibC.ReadOnly) | LibC.NonBlocking, "open"), PathOf(name));
        try
        {
            if (file.GetStat().Type != FileType.File) throw Errno.Exception("open", PathOf(name), Errno.InvalidArgument);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override void CreateSymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target)
    {
        using var native = Name(name);
        using var nativeTarget = new NativePath(target, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native, targetPointer = nativeTarget) Check(LibC.SymlinkAt(targetPointer, Descriptor, pointer), "symlink", name);
    }

    public override void CreateHardLink(ReadOnlySpan<byte> name, TargetFolder existingFolder, ReadOnlySpan<byte> existingName)
    {
        using var native = Name(name);
        using var existing = Name(existingName);
        fixed (byte* pointer = native, existingPointer = existing)
            Check(LibC.LinkAt(((UnixTargetFolder)existingFolder).Descriptor, existingPointer, Descriptor, pointer, 0), "link", name);
    }

    public override void CreateSpecial(ReadOnlySpan<byte> name, FileType type, ulong deviceNumber)
    {
        uint kind = type switch
        {
            FileType.BlockDevice => 0x6000u,
            FileType.CharacterDevice => 0x2000,
            FileType.Fifo => 0x1000,
            FileType.Socket => 0xC000,
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
        using var native = Name(name);
        fixed (byte* pointer = native) Check(LibC.MakeNodeAt(Descriptor, pointer, kind | OwnerOnly, deviceNumber), "mknod", name);
    }

    public override byte[] ReadLink(ReadOnlySpan<byte> name)
    {
        using var native = Name(name);
        fixed (byte* pointer = native) return UnixLinks.Read(Descriptor, pointer, PathOf(name));
    }

    public override ExtendedAttribute[] ReadExtendedAttributes(ReadOnlySpan<byte> name)
    {
        using var native = new NativePath(ProcPath(name), stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native) return new UnixAttributes(pointer, PathOf(name)).Read();
    }

    public override void Rename(ReadOnlySpan<byte> name, ReadOnlySpan<byte> newName)
    {
        using var native = Name(name);
        using var nativeNew = Name(newName);
        fixed (byte* pointer = native, newPointer = nativeNew) Check(LibC.RenameAt(Descriptor, pointer, Descriptor, newPointer), "rename", name);
    }

    public override void Move(ReadOnlySpan<byte> name, TargetFolder newFolder, ReadOnlySpan<byte> newName)
    {
        using var native = Name(name);
        using var nativeNew = Name(newName);
        fixed (byte* pointer = native, newPointer = nativeNew)
            Check(LibC.RenameAt(Descriptor, pointer, ((UnixTargetFolder)newFolder).Descriptor, newPointer), "rename", name);
    }

    public override void FlushFileSystem()
    {
        if (LibC.SynchronizeFileSystem(Descriptor) != 0) throw Errno.LastException("syncfs", _path);
    }

    public override void Remove(ReadOnlySpan<byte> name) => UnixRemoval.Remove(Descriptor, name, _path);

    public override void SetMetadata(ReadOnlySpan<byte> name, in TargetMetadata metadata, MetadataProblems problems)
    {
        using var native = Name(name);
        using var proc = new NativePath(ProcPath(name), stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native, procPointer = proc)
            new UnixMetadataWriter(Descriptor, pointer, procPointer, PathOf(name), problems).Write(metadata);
    }

    public override void SetMetadata(in TargetMetadata metadata, MetadataProblems problems) =>
        new UnixMetadataWriter(Descriptor, _path, problems).Write(metadata);

    public override void Dispose() => _handle.Dispose();

    /// <summary>Opens one name in an open folder. The mode counts only for a file that is made.</summary>
    internal static int OpenAt(int folder, byte* name, int flags)
    {
        while (true)
        {
            int file = LibC.OpenAt(folder, name, flags | LibC.NoFollow | LibC.CloseOnExec, OwnerOnly);
            if (file >= 0 || LibC.LastError != Errno.Interrupted) return file;
        }
    }

    private int Open(ReadOnlySpan<byte> name, int flags, string operation)
    {
        using var native = Name(name);
        fixed (byte* pointer = native)
        {
            int file = OpenAt(Descriptor, pointer, flags);
            return file >= 0 ? file : throw Failure(operation, name);
        }
    }

    private int OpenSelf()
    {
        byte* self = stackalloc byte[] { (byte)'.', 0 };
        int folder = LibC.OpenAt(Descriptor, self, LibC.ReadOnly | LibC.Directory | LibC.CloseOnExec, 0);
        return folder >= 0 ? folder : throw Errno.LastException("opendir", _path);
    }

    /// <summary>The last line of defence: whatever the caller checked, a path is not taken for a name.</summary>
    private NativePath Name(ReadOnlySpan<byte> name) =>
        name.IsEmpty || name.Contains((byte)'/') || name is [(byte)'.'] or [(byte)'.', (byte)'.']
            ? throw Errno.Exception("use", PathOf(name), Errno.InvalidArgument)
            : new NativePath(name, new byte[name.Length + 1]);

    private void Check(int result, string operation, ReadOnlySpan<byte> name)
    {
        if (result != 0) throw Failure(operation, name);
    }

    private FileSystemException Failure(string operation, ReadOnlySpan<byte> name) => Errno.Exception(operation, PathOf(name), LibC.LastError);

    private byte[] PathOf(ReadOnlySpan<byte> name) => [.. _path, .. _path is [.., (byte)'/'] ? ""u8 : "/"u8, .. name];

    /// <summary>The attribute calls have no variant that begins at a folder; through /proc they begin at the very folder that is open.</summary>
    private byte[] ProcPath(ReadOnlySpan<byte> name) => [.. System.Text.Encoding.ASCII.GetBytes($"/proc/self/fd/{Descriptor}/"), .. name];
}
