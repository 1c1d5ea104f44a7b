using System.Buffers;
using System.Runtime.InteropServices;

namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>Lists an open folder: getdents64 in large portions and one statx an entry, relative to the folder.</summary>
internal static unsafe class UnixDirectoryReader
{
    private const int BufferSize = 64 * 1024;

    // struct linux_dirent64 (man 2 getdents): inode 8, offset 8, record length 2, type 1, then the name and its NUL.
    private const int LengthOffset = 16, NameOffset = 19;

    /// <param name="folder">The open folder, read from where it stands.</param>
    /// <param name="path">What to call it in errors.</param>
    /// <param name="listing">Cleared, filled and sorted.</param>
    public static void Read(int folder, ReadOnlySpan<byte> path, DirectoryListing listing)
    {
        listing.Clear();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            fixed (byte* start = buffer)
            {
                while (true)
                {
                    nint length = LibC.ReadEntries(folder, start, buffer.Length);
                    if (length == 0) break;
                    if (length > 0) AddEntries(folder, path, start, length, listing);
                    else if (LibC.LastError != Errno.Interrupted) throw Errno.LastException("readdir", path);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        listing.Sort();
    }

    private static void AddEntries(int folder, ReadOnlySpan<byte> path, byte* start, nint length, DirectoryListing listing)
    {
        StatX stat;
        for (byte* entry = start; entry < start + length; entry += *(ushort*)(entry + LengthOffset))
        {
            byte* pointer = entry + NameOffset;
            var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(pointer);
            if (name is [(byte)'.'] or [(byte)'.', (byte)'.']) continue;
            if (LibC.StatX(folder, pointer, LibC.SymlinkNoFollow | LibC.NoAutomount, StatX.BasicFields, &stat) == 0)
            {
                listing.Add(name, stat.ToFileStat());
                continue;
            }
            int error = LibC.LastError;
            if (error != Errno.NoEntry) listing.Failures.Add((name.ToArray(), Errno.Exception("stat", [.. path, (byte)'/', .. name], error)));
        }
    }
}
