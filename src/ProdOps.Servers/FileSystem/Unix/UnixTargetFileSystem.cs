namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>A restore's destination on Linux.</summary>
internal sealed unsafe class UnixTargetFileSystem : TargetFileSystem
{
    // RLIMIT_NOFILE; the same on every processor that .NET runs on under Linux but MIPS.
    private const int OpenFilesLimit = 7;

    public override int MaxOpenFolders { get; } = FindMaxOpenFolders();

    public override TargetFolder OpenRoot(string path)
    {
        byte[] bytes = FileNames.Encode(System.IO.Path.GetFullPath(path));
        MakeFolders(bytes);
        using var native = new NativePath(bytes, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native)
        {
            int folder = LibC.OpenAt(LibC.CurrentFolder, pointer, LibC.ReadOnly | LibC.Directory | LibC.CloseOnExec, 0);
            return folder >= 0 ? new UnixTargetFolder(folder, bytes) : throw Errno.LastException("opendir", bytes);
        }
    }

    /// <summary>An eighth of what the process may open (.NET has raised the soft limit to the hard one), up to where more no longer helps.</summary>
    private static int FindMaxOpenFolders()
    {
        nuint* limits = stackalloc nuint[2];
        return LibC.GetLimit(OpenFilesLimit, limits) == 0 ? (int)Math.Clamp(limits[0] / 8, 64, 4096) : 160;
    }

    private static void MakeFolders(byte[] path)
    {
        for (int end = 1; end <= path.Length; end++)
        {
            if (end == path.Length || path[end] == '/') MakeFolder(path.AsSpan(0, end));
        }
    }

    private static void MakeFolder(ReadOnlySpan<byte> path)
    {
        using var native = new NativePath(path, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native)
        {
            if (LibC.MakeDirectoryAt(LibC.CurrentFolder, pointer, 0x1FF) == 0) return;
            // A folder that exists, be it where none may be made, is no error.
            int error = LibC.LastError;
            StatX stat;
            if (LibC.StatX(LibC.CurrentFolder, pointer, 0, StatX.BasicFields, &stat) != 0) throw Errno.Exception("mkdir", path, error);
        }
    }
}
