using System.Buffers;
using ProdOps.Servers.Compression;
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
        return OpenUnpacked(file, await Storage.ReadAllAsync(file, cancellationToken));
    }

    /// <summary>As <see cref="ReadUnpackedAsync"/>, of a file of which one bit may be turned; <see langword="null"/> if that is not what is wrong with it.</summary>
    public async Task<ReadOnlyMemory<byte>?> TryHealUnpackedAsync(FileHandle file, CancellationToken cancellationToken)
    {
        byte[] stored = await Storage.ReadAllAsync(file, cancellationToken);
        return Key.TryHeal(stored) && ObjectId.Of(stored) == file.Id ? OpenUnpacked(file, stored) : null;
    }

    private ReadOnlyMemory<byte> OpenUnpacked(FileHandle file, byte[] stored)
    {
        if (ObjectId.Of(stored) != file.Id) throw BackupErrors.FileDamaged(file, Location, "its content does not match its name");
        if (stored.Length < MasterKey.Overhead || !Key.TryOpen(stored, stored.AsSpan(16..^16)))
            throw BackupErrors.FileDamaged(file, Location, "its seal is broken");
        return Unwrap(file, stored.AsMemory(16..^16));
    }

    /// <summary>Writes a file that holds JSON and returns its name.</summary>
    public async Task<ObjectId> WriteUnpackedAsync(FileKind kind, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        int room = Config.Compresses ? 1 + ZstdCompressor.MaxCompressedLength(json.Length) : json.Length;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(room + MasterKey.Overhead);
        try
        {
            int length = Wrap(json.Span, buffer.AsSpan(16, room)) + MasterKey.Overhead;
            var stored = buffer.AsMemory(0, length);
            Key.Seal(stored.Span[16..^16], stored.Span);
            CheckSealed(kind, stored.Span, json.Span);
            var file = new FileHandle(kind, ObjectId.Of(stored.Span));
            await Storage.WriteAsync(file, stored, cancellationToken);
            return file.Id;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private int Wrap(ReadOnlySpan<byte> json, Span<byte> plaintext)
    {
        if (!Config.Compresses)
        {
            json.CopyTo(plaintext);
            return json.Length;
        }

        using var compressor = new ZstdCompressor(UnpackedLevel);
        plaintext[0] = CompressedMark;
        return 1 + compressor.Compress(json, plaintext[1..]);
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

    // As restic does: what cannot be read again must not be stored, least of all an index.
    private void CheckSealed(FileKind kind, ReadOnlySpan<byte> stored, ReadOnlySpan<byte> json)
    {
        int length = stored.Length - MasterKey.Overhead;
        byte[] opened = ArrayPool<byte>.Shared.Rent(length);
        byte[] unfolded = ArrayPool<byte>.Shared.Rent(json.Length);
        try
        {
            var plaintext = opened.AsSpan(0, length);
            if (Key.TryOpen(stored, plaintext) && Unfold(plaintext, unfolded).SequenceEqual(json)) return;
        }
        catch (InvalidDataException)
        {
            // Told below.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(opened);
            ArrayPool<byte>.Shared.Return(unfolded);
        }

        throw BackupErrors.SelfCheckFailed($"A file of the kind {kind}");
    }

    private ReadOnlySpan<byte> Unfold(ReadOnlySpan<byte> plaintext, Span<byte> json)
    {
        if (!Config.Compresses) return plaintext;
        using var decompressor = new ZstdDecompressor();
        return json[..decompressor.Decompress(plaintext[1..], json)];
    }
}
