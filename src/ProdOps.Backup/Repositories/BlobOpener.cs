using ProdOps.Servers.Compression;
using ProdOps.Backup.Crypto;

namespace ProdOps.Backup.Repositories;

/// <summary>
/// Opens sealed blobs: seal, decompression, and the proof that the plaintext is what its id says. For one thread at a time.
/// </summary>
internal sealed class BlobOpener(MasterKey key) : IDisposable
{
    /// <summary>A block of zstd makes at most 128 KiB out of four bytes (RFC 8878, 3.1.1.2), so no blob unfolds further than this.</summary>
    private const long MaxRatio = 32 << 10;

    private ZstdDecompressor? _decompressor;

    /// <summary>Why lengths as an index tells them cannot be true, or <see langword="null"/>. To be asked before memory is taken for them.</summary>
    public static string? FindImplausible(in BlobLocation location)
    {
        if (location.Length < MasterKey.Overhead) return $"its length is said to be {location.Length} bytes";
        if (location.Length > Array.MaxLength || location.PlaintextLength > Array.MaxLength) return "it is too large";
        return location.IsCompressed && location.UncompressedLength > (location.Length - MasterKey.Overhead) * MaxRatio
            ? $"its {location.Length} bytes are said to unfold to {location.UncompressedLength}"
            : null;
    }

    /// <summary>Opens a blob. The answer is what is wrong, or <see langword="null"/>.</summary>
    /// <param name="sealedBlob">Its bytes in the pack; overwritten.</param>
    /// <param name="blob">Its name.</param>
    /// <param name="location">Where it came from.</param>
    /// <param name="plaintext">As long as <see cref="BlobLocation.PlaintextLength"/>.</param>
    public string? TryOpen(Span<byte> sealedBlob, in BlobHandle blob, in BlobLocation location, Span<byte> plaintext)
    {
        if (sealedBlob.Length != location.Length || plaintext.Length != location.PlaintextLength) throw new ArgumentException("The buffers do not fit the blob.");
        if (sealedBlob.Length < MasterKey.Overhead) return "it is shorter than its seal";
        if (location.IsCompressed)
        {
            var compressed = sealedBlob[16..^16];
            if (!key.TryOpen(sealedBlob, compressed)) return "its seal is broken";
            if (!TryDecompress(compressed, plaintext)) return "it cannot be decompressed";
        }
        else if (!key.TryOpen(sealedBlob, plaintext))
        {
            return "its seal is broken";
        }

        return ObjectId.Of(plaintext) == blob.Id ? null : "its content does not match its id";
    }

    /// <summary>Opens a blob whose seal is broken, if one turned bit is all that is wrong with it; the sealed bytes are then right again.</summary>
    /// <inheritdoc cref="TryOpen"/>
    public bool TryHeal(Span<byte> sealedBlob, in BlobHandle blob, in BlobLocation location, Span<byte> plaintext)
    {
        if (!key.TryHeal(sealedBlob)) return false;
        byte[] right = sealedBlob.ToArray();
        if (TryOpen(sealedBlob, blob, location, plaintext) is not null) return false;
        right.CopyTo(sealedBlob);
        return true;
    }

    public void Dispose() => _decompressor?.Dispose();

    private bool TryDecompress(ReadOnlySpan<byte> compressed, Span<byte> plaintext)
    {
        try
        {
            _decompressor ??= new ZstdDecompressor();
            return _decompressor.Decompress(compressed, plaintext) == plaintext.Length;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
