using System.Buffers;

namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>Reads symbolic links.</summary>
internal static unsafe class UnixLinks
{
    // PATH_MAX; Linux makes no longer link.
    private const int MaxTarget = 4096;

    public static byte[] Read(int folder, byte* name, ReadOnlySpan<byte> path)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxTarget);
        try
        {
            fixed (byte* start = buffer)
            {
                nint length = LibC.ReadLinkAt(folder, name, start, buffer.Length);
                return length >= 0 ? buffer[..(int)length] : throw Errno.LastException("readlink", path);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
