using System.Buffers;
using System.Buffers.Binary;
using ProdOps.Backup.Crypto;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Repositories;

/// <summary>Reads what a pack says of itself.</summary>
internal static class PackReader
{
    /// <summary>Holds the header of a pack of some two hundred blobs: more than most have.</summary>
    private const int FirstRead = 8 << 10;

    /// <summary>Reads a pack's header from its tail.</summary>
    /// <param name="storage">Where the pack lies.</param>
    /// <param name="key">The repository's key.</param>
    /// <param name="pack">Its id.</param>
    /// <param name="size">Its real size.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async ValueTask<List<PackedBlob>> ReadHeaderAsync(
        IStorage storage, MasterKey key, ObjectId pack, long size, CancellationToken cancellationToken)
    {
        var file = new FileHandle(FileKind.Pack, pack);
        if (size < PackHeader.FixedSize + PackHeader.PlainEntrySize) throw BackupErrors.FileDamaged(file, storage.Location, $"it has only {size} bytes");

        int tailLength = (int)Math.Min(FirstRead, size);
        byte[] tail = ArrayPool<byte>.Shared.Rent(tailLength);
        try
        {
            await storage.ReadAsync(file, size - tailLength, tail.AsMemory(0, tailLength), cancellationToken);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(tailLength - sizeof(uint)));
            if (length < MasterKey.Overhead + PackHeader.PlainEntrySize || length > PackHeader.MaxSize + MasterKey.Overhead || length > size - sizeof(uint))
                throw BackupErrors.FileDamaged(file, storage.Location, $"its header claims a length of {length} bytes");

            long start = size - sizeof(uint) - length;
            if (length + sizeof(uint) <= tailLength) return Open(tail.AsSpan(tailLength - sizeof(uint) - (int)length, (int)length));

            byte[] header = GC.AllocateUninitializedArray<byte>((int)length);
            await storage.ReadAsync(file, start, header, cancellationToken);
            return Open(header);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(tail);
        }

        List<PackedBlob> Open(Span<byte> header) => OpenHeader(storage, key, pack, header, size - sizeof(uint) - header.Length);
    }

    /// <summary>Opens a header that is in memory already, in place.</summary>
    /// <param name="storage">Where the pack lies, for messages.</param>
    /// <param name="key">The repository's key.</param>
    /// <param name="pack">The pack's id.</param>
    /// <param name="header">The sealed header; overwritten.</param>
    /// <param name="blobsLength">The bytes before it.</param>
    public static List<PackedBlob> OpenHeader(IStorage storage, MasterKey key, ObjectId pack, Span<byte> header, long blobsLength)
    {
        var file = new FileHandle(FileKind.Pack, pack);
        if (header.Length < MasterKey.Overhead) throw BackupErrors.FileDamaged(file, storage.Location, "its header is too short");
        var plaintext = header[16..^16];
        if (!key.TryOpen(header, plaintext)) throw BackupErrors.FileDamaged(file, storage.Location, "the seal of its header is broken");
        return PackHeader.TryRead(plaintext, blobsLength, out var blobs, out string problem)
            ? blobs
            : throw BackupErrors.FileDamaged(file, storage.Location, problem);
    }
}
