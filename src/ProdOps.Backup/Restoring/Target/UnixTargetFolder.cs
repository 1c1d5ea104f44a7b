using ProdOps.Backup.FileSystem;
using ProdOps.Backup.FileSystem.Unix;

namespace ProdOps.Backup.Restoring.Target;

/// <summary>A folder by its handle, and calls relative to it.</summary>
internal sealed unsafe class UnixTargetFolder : TargetFolder
{
    private const uint OwnerOnlyFile = 0x180;

    private readonly byte[] _path;
    private int _handle;

    private UnixTargetFolder(int handle, byte[] path)
    {
        _handle = handle;
        _path = path;
    }

    public static UnixTargetFolder Open(ReadOnlySpan<byte> path)
    {
        // The folders above are the user's own words: only from the destination on is nothing followed.
        for (int length = 1; length <= path.Length; length++)
        {
            if (length == path.Length || path[length] == '/') MakeIfMissing(path[..length]);
        }
        using var root = new NativePath(path, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = root)
        {
            int handle = LibC.OpenAt(LibC.CurrentFolder, pointer, LibC.ReadOnly | LibC.Directory | LibC.CloseOnExec, 0);
            return handle >= 0 ? new UnixTargetFolder(handle, path.ToArray()) : throw Errno.LastException("open", path);
        }
    }

    public override TargetFolder OpenFolder(ReadOnlySpan<byte> name) =>
        new UnixTargetFolder(OpenAt(name, LibC.ReadOnly | LibC.Directory, 0), PathOf(name));

    public override void MakeFolder(ReadOnlySpan<byte> name)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native)
        {
            if (LibC.MakeDirectoryAt(_handle, pointer, OwnerOnly) != 0) throw Failure("mkdir", name);
        }
    }

    public override TargetFile CreateFile(ReadOnlySpan<byte> name) =>
        new UnixTargetFile(OpenAt(name, LibC.WriteOnly | LibC.Create | LibC.Exclusive, OwnerOnlyFile), this, name);

    // Non-blocking: what took the file's place may be a fifo without a reader.
    public override TargetFile OpenFile(ReadOnlySpan<byte> name)
    {
        int handle = OpenAt(name, LibC.WriteOnly | LibC.NonBlocking, 0);
        StatX stat;
        byte empty = 0;
        if (LibC.StatX(handle, &empty, LibC.EmptyPath, StatX.BasicFields, &stat) == 0 && stat.ToFileStat().Type == FileType.File)
            return new UnixTargetFile(handle, this, name);
        LibC.Close(handle);
        throw Errno.Exception("open", PathOf(name), Errno.InvalidArgument);
    }

    public override void MakeSymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        using var nativeTarget = new NativePath(target, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native, targetPointer = nativeTarget)
        {
            if (LibC.SymlinkAt(targetPointer, _handle, pointer) != 0) throw Failure("symlink", name);
        }
    }

    public override void MakeNode(ReadOnlySpan<byte> name, FileType type, ulong device)
    {
        uint kind = type switch
        {
            FileType.BlockDevice => 0x6000u,
            FileType.CharacterDevice => 0x2000u,
            _ => 0x1000u,
        };
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native)
        {
            if (LibC.MakeNodeAt(_handle, pointer, kind | OwnerOnlyFile, type == FileType.Fifo ? 0 : device) != 0) throw Failure("mknod", name);
        }
    }

    public override void MakeHardLink(ReadOnlySpan<byte> name, TargetFolder folder, ReadOnlySpan<byte> existing)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        using var nativeExisting = new NativePath(existing, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native, existingPointer = nativeExisting)
        {
            if (LibC.LinkAt(((UnixTargetFolder)folder)._handle, existingPointer, _handle, pointer, 0) != 0) throw Failure("link", name);
        }
    }

    public override void Remove(ReadOnlySpan<byte> name) => Unlink(name, 0);

    public override void RemoveFolder(ReadOnlySpan<byte> name) => Unlink(name, LibC.RemoveDirectory);

    public override void RemoveTree(ReadOnlySpan<byte> name, CancellationToken cancellationToken)
    {
        try
        {
            Unlink(name, 0);
        }
        catch (FileSystemException e) when (e.ErrorName is "EISDIR" or "EPERM")
        {
            using (var folder = (UnixTargetFolder)OpenFolder(name))
            {
                if (folder.GetDevice() != GetDevice()) throw Errno.Exception("rmdir", PathOf(name), Errno.CrossDevice);
                var listing = new DirectoryListing();
                UnixDirectoryReader.Read(folder._handle, folder._path, listing);
                for (int i = 0; i < listing.Count; i++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    folder.RemoveTree(listing.NameOf(i), cancellationToken);
                }
            }
            Unlink(name, LibC.RemoveDirectory);
        }
    }

    public override MetadataOutcome SetMetadata(ReadOnlySpan<byte> name, in TargetMetadata metadata)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native) return UnixMetadata.Set(_handle, pointer, PathOf(name), name, metadata);
    }

    public override MetadataOutcome SetMetadata(in TargetMetadata metadata) => UnixMetadata.Set(_handle, _path, metadata);

    public override void Dispose()
    {
        int handle = Interlocked.Exchange(ref _handle, -1);
        if (handle >= 0) LibC.Close(handle);
    }

    /// <summary>What an entry is called in errors.</summary>
    public byte[] PathOf(ReadOnlySpan<byte> name) => _path is [(byte)'/'] ? [(byte)'/', .. name] : [.. _path, (byte)'/', .. name];

    private static void MakeIfMissing(ReadOnlySpan<byte> path)
    {
        using var native = new NativePath(path, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native)
        {
            if (LibC.MakeDirectoryAt(LibC.CurrentFolder, pointer, 0x1ED) == 0) return;
            int error = LibC.LastError;
            // On a read-only file system even making what exists is refused for another reason than that it exists.
            StatX stat;
            if (error != Errno.Exists && LibC.StatX(LibC.CurrentFolder, pointer, 0, StatX.BasicFields, &stat) != 0) throw Errno.Exception("mkdir", path, error);
        }
    }

    private ulong GetDevice()
    {
        StatX stat;
        byte empty = 0;
        if (LibC.StatX(_handle, &empty, LibC.EmptyPath, StatX.BasicFields, &stat) != 0) throw Errno.LastException("stat", _path);
        return stat.ToFileStat().Device;
    }

    private int OpenAt(ReadOnlySpan<byte> name, int flags, uint mode)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native)
        {
            while (true)
            {
                int handle = LibC.OpenAt(_handle, pointer, flags | LibC.NoFollow | LibC.CloseOnExec, mode);
                if (handle >= 0) return handle;
                if (LibC.LastError != Errno.Interrupted) throw Failure("open", name);
            }
        }
    }

    private void Unlink(ReadOnlySpan<byte> name, int flags)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native)
        {
            if (LibC.UnlinkAt(_handle, pointer, flags) != 0 && LibC.LastError != Errno.NoEntry) throw Failure(flags == 0 ? "unlink" : "rmdir", name);
        }
    }

    private FileSystemException Failure(string operation, ReadOnlySpan<byte> name)
    {
        int error = LibC.LastError;
        return Errno.Exception(operation, PathOf(name), error);
    }
}
