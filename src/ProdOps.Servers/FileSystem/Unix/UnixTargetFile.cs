using Microsoft.Win32.SafeHandles;

namespace ProdOps.Servers.FileSystem.Unix;

internal sealed unsafe class UnixTargetFile(int file, byte[] path) : TargetFile
{
    private const int NoSpace = 28, QuotaExceeded = 122, TooLarge = 27;

    public override SafeFileHandle Handle { get; } = new(file, ownsHandle: true);

    public override FileStat GetStat()
    {
        StatX stat;
        byte empty = 0;
        if (LibC.StatX(Descriptor, &empty, LibC.EmptyPath, StatX.BasicFields, &stat) != 0) throw Errno.LastException("stat", path);
        return stat.ToFileStat();
    }

    // A closed descriptor's number may by now be another file's.
    private int Descriptor => Handle.IsClosed ? throw new ObjectDisposedException(FileNames.Decode(path)) : (int)Handle.DangerousGetHandle();

    public override int Read(long offset, Span<byte> buffer)
    {
        int total = 0;
        fixed (byte* start = buffer)
        {
            while (total < buffer.Length)
            {
                nint count = LibC.ReadAt(Descriptor, start + total, buffer.Length - total, offset + total);
                if (count == 0) break;
                if (count > 0) total += (int)count;
                else if (LibC.LastError != Errno.Interrupted) throw Errno.LastException("read", path);
            }
        }
        return total;
    }

    public override void Write(long offset, ReadOnlySpan<byte> content)
    {
        fixed (byte* start = content)
        {
            for (int total = 0; total < content.Length;)
            {
                nint count = LibC.WriteAt(Descriptor, start + total, content.Length - total, offset + total);
                if (count > 0) total += (int)count;
                else if (count == 0 || LibC.LastError != Errno.Interrupted) throw Errno.LastException("write", path);
            }
        }
    }

    public override void SetLength(long length)
    {
        if (LibC.SetLength(Descriptor, length) != 0) throw Errno.LastException("truncate", path);
    }

    public override void Reserve(long length)
    {
        if (length <= 0 || LibC.Allocate(Descriptor, LibC.FallocateKeepSize, 0, length) == 0) return;
        if (LibC.LastError is NoSpace or QuotaExceeded or TooLarge) throw Errno.LastException("fallocate", path);
    }

    public override void Flush()
    {
        if (LibC.Synchronize(Descriptor) != 0) throw Errno.LastException("fsync", path);
    }

    public override void SetMetadata(in TargetMetadata metadata, MetadataProblems problems) =>
        new UnixMetadataWriter(Descriptor, path, problems).Write(metadata);

    public override void Dispose() => Handle.Dispose();
}
