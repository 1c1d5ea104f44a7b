using ProdOps.Backup.Compression;
using ProdOps.Backup.Crypto;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Repositories;

internal sealed partial class Repository
{
    /// <summary>First byte of a compressed plaintext; a JSON text begins otherwise.</summary>
    private const byte CompressedMark = 2;

    /// <summary>An index of 50,000 blobs has 8 MiB; nothing else comes near this.</summary>
    private const int MaxUnpackedLength = 1 << 30;

    private const int UnpackedLevel = 3;

    /// <summary>Reads a file that holds JSON (index, snapshot, lock): checks its name, opens it, decompresses it.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadUnpackedAsync(FileHandle file, CancellationToken cancellationToken)
    {
        byte[] stored = await Storage.ReadAllAsync(file, cancellationToken);
        if (ObjectId.Of(stored) != file.Id) throw BackupErrors.FileDamaged(file, Location, "its content does not match its name");
        if (stored.Length < MasterKey.Overhead || !Key.TryOpen(stored, stored.AsSpan(16..^16)))
            throw BackupErrors.FileDamaged(file, Location, "its seal is broken");
        return Unwrap(file, stored.AsMemory(16..^16));
    }

    /// <summary>Writes a file that holds JSON and returns its name.</summary>
    public async Task<ObjectId> WriteUnpackedAsync(FileKind kind, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        byte[] stored = Seal(Key, Config.Compresses ? Compress(json.Span) : json.Span);
        var file = new FileHandle(kind, ObjectId.Of(stored));
        CheckSealed(file, stored, json.Span);
        await Storage.WriteAsync(file, stored, cancellationToken);
        return file.Id;
    }

    private ReadOnlyMemory<byte> Unwrap(FileHandle file, ReadOnlyMemory<byte> plaintext)
    {
        // A version-1 repository has plain JSON only; version 2 keeps what was written before its upgrade.
        if (plaintext.IsEmpty || plaintext.Span[0] is (byte)'{' or (byte)'[') return plaintext;
        if (plaintext.Span[0] != CompressedMark || !Config.Compresses)
            throw BackupErrors.FileDamaged(file, Location, $"it begins with the unknown mark {plaintext.Span[0]}");
        try
        {
            using var decompressor = new ZstdDecompressor();
            return decompressor.DecompressUnknown(plaintext.Span[1..], MaxUnpackedLength);
        }
        catch (InvalidDataException error)
        {
            throw BackupErrors.FileDamaged(file, Location, "it cannot be decompressed", error);
        }
    }

    private static byte[] Compress(ReadOnlySpan<byte> json)
    {
        using var compressor = new ZstdCompressor(UnpackedLevel);
        byte[] compressed = GC.AllocateUninitializedArray<byte>(1 + ZstdCompressor.MaxCompressedLength(json.Length));
        compressed[0] = CompressedMark;
        int length = compressor.Compress(json, compressed.AsSpan(1));
        return compressed[..(1 + length)];
    }

    // As restic does: what cannot be read again must not be stored, least of all an index.
    private void CheckSealed(FileHandle file, byte[] stored, ReadOnlySpan<byte> json)
    {
        byte[] plaintext = GC.AllocateUninitializedArray<byte>(stored.Length - MasterKey.Overhead);
        if (!Key.TryOpen(stored, plaintext) || !Unwrap(file, plaintext).Span.SequenceEqual(json))
            throw BackupErrors.SelfCheckFailed($"A file of the kind {file.Kind}");
    }
}
