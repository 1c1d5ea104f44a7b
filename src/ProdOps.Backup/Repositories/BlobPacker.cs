using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ProdOps.Backup.Crypto;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Repositories;

/// <summary>
/// A pack being filled: its bytes stream to the storage through a small buffer. Not for two threads at once; the writer holds its lock.
/// </summary>
internal sealed class BlobPacker(IPendingFile file) : IDisposable
{
    private const int BufferSize = 128 << 10;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<PackedBlob> _blobs = [];
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _buffered;
    private long _length;
    private bool _disposed;

    /// <summary>Bytes of blobs so far.</summary>
    public long Length => _length;

    public int Count => _blobs.Count;

    /// <summary>Whether another blob would break a limit of the format: offsets of 32 bits, and the header's size.</summary>
    public bool IsTooFullFor(int sealedLength) => _blobs.Count > 0 && (_length + sealedLength > uint.MaxValue || _blobs.Count >= PackHeader.MaxEntries);

    public void Add(in BlobHandle blob, ReadOnlySpan<byte> sealedBlob, uint uncompressedLength)
    {
        _blobs.Add(new PackedBlob(blob, (uint)_length, (uint)sealedBlob.Length, uncompressedLength));
        Append(sealedBlob);
        _length += sealedBlob.Length;
    }

    /// <summary>Adds the header, makes the pack durable, and tells its name and what is in it.</summary>
    public async Task<(ObjectId Pack, PackedBlob[] Blobs)> CommitAsync(MasterKey key, CancellationToken cancellationToken)
    {
        var id = Finish(key);
        await file.CommitAsync(id, cancellationToken);
        return (id, [.. _blobs]);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _hash.Dispose();
        file.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private ObjectId Finish(MasterKey key)
    {
        var blobs = CollectionsMarshal.AsSpan(_blobs);
        int size = PackHeader.SizeOf(blobs);
        byte[] header = GC.AllocateUninitializedArray<byte>(size + PackHeader.FixedSize);
        var sealedHeader = header.AsSpan(0, size + MasterKey.Overhead);
        PackHeader.Write(blobs, sealedHeader[16..^16]);
        key.Seal(sealedHeader[16..^16], sealedHeader);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(sealedHeader.Length), sealedHeader.Length);
        CheckHeader(key, sealedHeader, blobs);

        Append(header);
        FlushBuffer();
        Span<byte> hash = stackalloc byte[ObjectId.Size];
        _hash.GetHashAndReset(hash);
        return new ObjectId(hash);
    }

    // As restic does: a pack whose header cannot be read is lost together with its index.
    private void CheckHeader(MasterKey key, ReadOnlySpan<byte> sealedHeader, ReadOnlySpan<PackedBlob> blobs)
    {
        byte[] plaintext = GC.AllocateUninitializedArray<byte>(sealedHeader.Length - MasterKey.Overhead);
        if (!key.TryOpen(sealedHeader, plaintext)
            || !PackHeader.TryRead(plaintext, _length, out var read, out _)
            || !blobs.SequenceEqual(CollectionsMarshal.AsSpan(read)))
        {
            throw BackupErrors.SelfCheckFailed("The header of a pack");
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_buffered + bytes.Length > BufferSize) FlushBuffer();
        if (bytes.Length >= BufferSize)
        {
            Write(bytes);
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += bytes.Length;
    }

    private void FlushBuffer()
    {
        Write(_buffer.AsSpan(0, _buffered));
        _buffered = 0;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        _hash.AppendData(bytes);
        file.Append(bytes);
    }
}
