using ProdOps.Backup.FileSystem.Unix;

namespace ProdOps.Backup.Restoring.Target;

internal sealed unsafe class UnixTargetFile : TargetFile
{
    private readonly UnixTargetFolder _folder;
    private readonly byte[] _name;
    private int _handle;

    public UnixTargetFile(int handle, UnixTargetFolder folder, ReadOnlySpan<byte> name)
    {
        _handle = handle;
        _folder = folder;
        _name = name.ToArray();
    }

    private byte[] Path => _folder.PathOf(_name);

    public override void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* start = bytes)
        {
            for (nint done = 0; done < bytes.Length;)
            {
                nint written = LibC.WriteAt(_handle, start + done, bytes.Length - done, offset + done);
                if (written >= 0) done += written;
                else if (LibC.LastError != Errno.Interrupted) throw Errno.LastException("write", Path);
            }
        }
    }

    public override void SetLength(long length)
    {
        if (LibC.SetLength(_handle, length) != 0) throw Errno.LastException("truncate", Path);
    }

    public override MetadataOutcome SetMetadata(in TargetMetadata metadata) => UnixMetadata.Set(_handle, Path, metadata);

    public override void Dispose()
    {
        int handle = Interlocked.Exchange(ref _handle, -1);
        if (handle >= 0) LibC.Close(handle);
    }
}
