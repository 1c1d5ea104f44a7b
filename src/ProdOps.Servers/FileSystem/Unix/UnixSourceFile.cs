namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>An open file. It is closed when its reader is done; a finalizer would cost more than the call.</summary>
internal sealed unsafe class UnixSourceFile(int file, byte[] path) : SourceFile
{
    private int _file = file;

    public override FileStat GetStat()
    {
        StatX stat;
        byte empty = 0;
        if (LibC.StatX(_file, &empty, LibC.EmptyPath, StatX.BasicFields, &stat) != 0) throw Errno.LastException("stat", path);
        return stat.ToFileStat();
    }

    public override int Read(Span<byte> buffer)
    {
        int total = 0;
        fixed (byte* start = buffer)
        {
            while (total < buffer.Length)
            {
                nint count = LibC.Read(_file, start + total, buffer.Length - total);
                if (count == 0) break;
                if (count > 0) total += (int)count;
                else if (LibC.LastError != Errno.Interrupted) throw Errno.LastException("read", path);
            }
        }
        return total;
    }

    public override void Dispose()
    {
        int file = Interlocked.Exchange(ref _file, -1);
        if (file >= 0) LibC.Close(file);
    }
}
