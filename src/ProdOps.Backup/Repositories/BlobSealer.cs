using ProdOps.Servers.Compression;
using ProdOps.Backup.Crypto;

namespace ProdOps.Backup.Repositories;

/// <summary>
/// Compresses, seals and proves blobs for one thread of a backup, in buffers of its own that live as long as it does.
/// </summary>
internal sealed class BlobSealer(MasterKey key, int repositoryVersion) : IDisposable
{
    /// <summary>Six chunks of seven are no longer than this.</summary>
    public const int CommonLength = 5 << 19;

    private const int Head = 16;

    private readonly Dictionary<int, ZstdCompressor> _compressors = [];
    private readonly BlobOpener _opener = new(key);
    private byte[] _sealed = [];
    private byte[] _plaintext = [];

    /// <summary>Seals a blob. The result is valid until the next call.</summary>
    /// <param name="blob">Its name.</param>
    /// <param name="plaintext">Its content; not empty.</param>
    /// <param name="options">How.</param>
    /// <param name="uncompressedLength">Its length if it was compressed, else 0.</param>
    public ReadOnlySpan<byte> Seal(in BlobHandle blob, ReadOnlySpan<byte> plaintext, BlobWriterOptions options, out uint uncompressedLength)
    {
        if (plaintext.IsEmpty) throw new ArgumentException("A blob is never empty.", nameof(plaintext));
        int level = CompressionPolicy.LevelFor(options.Compression, blob.Type, plaintext.Length, repositoryVersion);
        bool compressed = TryCompress(blob.Type == BlobType.Tree || options.CompressAlways, plaintext, level, out int length);
        if (!compressed)
        {
            length = plaintext.Length;
            EnsureCapacity(ref _sealed, length + MasterKey.Overhead);
            plaintext.CopyTo(_sealed.AsSpan(Head));
        }

        var sealedBlob = _sealed.AsSpan(0, length + MasterKey.Overhead);
        key.Seal(sealedBlob[Head..^16], sealedBlob);
        uncompressedLength = compressed ? (uint)plaintext.Length : 0;
        if (options.VerifyAfterSeal) Verify(blob, sealedBlob, plaintext.Length, uncompressedLength);
        return sealedBlob;
    }

    /// <summary>Seals a blob that is compressed already. The result is valid until the next call.</summary>
    /// <param name="blob">Its name.</param>
    /// <param name="compressed">A frame of zstd that unfolds to it.</param>
    /// <param name="length">How long it is unfolded.</param>
    /// <param name="options">How.</param>
    public ReadOnlySpan<byte> SealCompressed(in BlobHandle blob, ReadOnlySpan<byte> compressed, int length, BlobWriterOptions options)
    {
        EnsureCapacity(ref _sealed, compressed.Length + MasterKey.Overhead);
        compressed.CopyTo(_sealed.AsSpan(Head));
        var sealedBlob = _sealed.AsSpan(0, compressed.Length + MasterKey.Overhead);
        key.Seal(sealedBlob[Head..^16], sealedBlob);
        if (options.VerifyAfterSeal) Verify(blob, sealedBlob, length, (uint)length);
        return sealedBlob;
    }

    public void Dispose()
    {
        foreach (var compressor in _compressors.Values) compressor.Dispose();
        _opener.Dispose();
    }

    // Data that does not shrink is stored as it is, so that reading it back costs nothing. Listings are compressed always in version 2.
    private bool TryCompress(bool always, ReadOnlySpan<byte> plaintext, int level, out int length)
    {
        length = 0;
        if (level == 0) return false;
        if (!_compressors.TryGetValue(level, out var compressor)) _compressors.Add(level, compressor = new ZstdCompressor(level));
        int room = always ? ZstdCompressor.MaxCompressedLength(plaintext.Length) : plaintext.Length - 1;
        EnsureCapacity(ref _sealed, room + MasterKey.Overhead);
        return compressor.TryCompress(plaintext, _sealed.AsSpan(Head, room), out length);
    }

    // The id was taken when the content was read: it also shows what went wrong in memory between then and now.
    private void Verify(in BlobHandle blob, ReadOnlySpan<byte> sealedBlob, int plaintextLength, uint uncompressedLength)
    {
        // zstd decompresses in place if the compressed bytes stand at the end of a buffer with some room to spare.
        int room = Math.Max(plaintextLength, sealedBlob.Length) + ZstdDecompressor.InPlaceMargin(plaintextLength);
        EnsureCapacity(ref _plaintext, room);
        var copy = _plaintext.AsSpan(room - sealedBlob.Length, sealedBlob.Length);
        sealedBlob.CopyTo(copy);
        var location = new BlobLocation(default, 0, (uint)sealedBlob.Length, uncompressedLength);
        if (_opener.TryOpen(copy, blob, location, _plaintext.AsSpan(0, plaintextLength)) is not null)
            throw BackupErrors.SelfCheckFailed($"The blob {blob}");
    }

    // Pages are taken by what is touched, not by what is reserved, so one generous step costs no more memory than many small ones.
    private static void EnsureCapacity(ref byte[] buffer, int length)
    {
        if (buffer.Length >= length) return;
        const int Small = 256 << 10, Common = CommonLength + (256 << 10), Large = 9 << 20;
        buffer = GC.AllocateUninitializedArray<byte>(length <= Small ? Small : length <= Common ? Common : Math.Max(length, Large));
    }
}
