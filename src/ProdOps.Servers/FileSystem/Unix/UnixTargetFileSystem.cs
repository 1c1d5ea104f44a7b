namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>A restore's destination on Linux.</summary>
internal sealed unsafe class UnixTargetFileSystem : TargetFileSystem
{
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
