namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>
/// Removes an entry and everything in it. Each folder is opened by its name in the one above, without following a link, and
/// compared with nothing but descriptors: whoever swaps a folder for a link meanwhile loses the link.
/// </summary>
internal static unsafe class UnixRemoval
{
    public static void Remove(int folder, ReadOnlySpan<byte> name, byte[] path)
    {
        // Most entries are no folders; the call says so if this one is (Linux: EISDIR).
        if (TryUnlink(folder, name, 0, out int error)) return;
        byte[] full = [.. path, (byte)'/', .. name];
        if (error != Errno.IsDirectory) throw Errno.Exception("unlink", full, error);

        // Folders on the way down, each open; a list instead of recursion, for trees may be deeper than the stack.
        var open = new Stack<Level>();
        try
        {
            open.Push(Level.Open(folder, name.ToArray(), full));
            ulong device = open.Peek().Device;
            while (open.TryPeek(out var level))
            {
                if (level.TakeFolder() is { } child)
                {
                    byte[] childPath = [.. level.Path, (byte)'/', .. child];
                    var next = Level.Open(level.Descriptor, child, childPath);
                    open.Push(next);
                    if (next.Device != device) throw Errno.Exception("rmdir", childPath, Errno.CrossDevice);
                    continue;
                }
                open.Pop().Dispose();
                int parent = open.TryPeek(out var above) ? above.Descriptor : folder;
                if (!TryUnlink(parent, level.Name, LibC.RemoveDirectory, out error)) throw Errno.Exception("rmdir", level.Path, error);
            }
        }
        finally
        {
            while (open.TryPop(out var level)) level.Dispose();
        }
    }

    private static bool TryUnlink(int folder, ReadOnlySpan<byte> name, int flags, out int error)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* pointer = native) error = LibC.UnlinkAt(folder, pointer, flags) == 0 ? 0 : LibC.LastError;
        return error == 0;
    }

    /// <summary>A folder whose files are gone and whose folders wait to be removed.</summary>
    private sealed class Level : IDisposable
    {
        private readonly Queue<byte[]> _folders = new();
        private bool _isEmptied;

        private Level(int descriptor, byte[] name, byte[] path)
        {
            Descriptor = descriptor;
            Name = name;
            Path = path;
        }

        public int Descriptor { get; }

        public byte[] Name { get; }

        public byte[] Path { get; }

        public ulong Device { get; private set; }

        public static Level Open(int parent, byte[] name, byte[] path)
        {
            using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
            int descriptor;
            fixed (byte* pointer = native) descriptor = UnixTargetFolder.OpenAt(parent, pointer, LibC.ReadOnly | LibC.Directory);
            if (descriptor < 0) throw Errno.LastException("opendir", path);
            var level = new Level(descriptor, name, path);
            try
            {
                level.Device = level.ReadDevice();
                return level;
            }
            catch
            {
                level.Dispose();
                throw;
            }
        }

        /// <summary>The next folder to remove, or null when all are gone. The first call removes everything that is no folder.</summary>
        public byte[]? TakeFolder()
        {
            if (!_isEmptied) RemoveFiles();
            return _folders.TryDequeue(out byte[]? folder) ? folder : null;
        }

        public void Dispose() => LibC.Close(Descriptor);

        private void RemoveFiles()
        {
            _isEmptied = true;
            var listing = new DirectoryListing();
            UnixDirectoryReader.Read(Descriptor, Path, listing);
            for (int i = 0; i < listing.Count; i++)
            {
                byte[] name = listing.NameOf(i).ToArray();
                if (listing.StatOf(i).Type == FileType.Directory) _folders.Enqueue(name);
                else if (!TryUnlink(Descriptor, name, 0, out int error)) throw Errno.Exception("unlink", [.. Path, (byte)'/', .. name], error);
            }
        }

        private ulong ReadDevice()
        {
            StatX stat;
            byte empty = 0;
            if (LibC.StatX(Descriptor, &empty, LibC.EmptyPath, StatX.BasicFields, &stat) != 0) throw Errno.LastException("stat", Path);
            return stat.ToFileStat().Device;
        }
    }
}
