using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Copying;

/// <summary>
/// A worker's way from the source's packs to the target's: reads a range, opens and proves each blob in it, seals it under the other key. What is compressed
/// already stays as it is, where that is what is wanted.
/// </summary>
internal sealed class BlobTransfer(Repository source, BlobWriter writer, CopyDamage damage, bool keepCompressed) : IDisposable
{
    private readonly BlobOpener _opener = source.CreateBlobOpener();
    private readonly BlobSealer _sealer = writer.CreateSealer();
    private byte[] _stored = [];
    private byte[] _plaintext = [];

    /// <summary>Copies the blobs of one range.</summary>
    public async ValueTask CopyAsync(CopyRange range, CancellationToken cancellationToken)
    {
        bool read = await TryReadAsync(range, cancellationToken);
        foreach (var blob in range.Blobs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (read && TryCopy(range, blob)) continue;
            await CopyFromElsewhereAsync(blob.Blob, cancellationToken);
        }
    }

    public void Dispose()
    {
        _opener.Dispose();
        _sealer.Dispose();
    }

    private async ValueTask<bool> TryReadAsync(CopyRange range, CancellationToken cancellationToken)
    {
        // What an index says of lengths is not to be believed before it was looked at.
        if (range.Length > Array.MaxLength || range.Blobs.Any(blob => IsImplausible(blob.In(range.Pack)))) return false;
        Grow(ref _stored, (int)range.Length);
        try
        {
            await source.Storage.ReadAsync(new FileHandle(FileKind.Pack, range.Pack), range.Start, _stored.AsMemory(0, (int)range.Length), cancellationToken);
            return true;
        }
        catch (ProdOpsException error) when (error.Kind is ErrorKind.InvalidData or ErrorKind.NotFound or ErrorKind.ReadError)
        {
            return false;
        }
    }

    private bool TryCopy(CopyRange range, in PackedBlob blob)
    {
        var location = blob.In(range.Pack);
        var stored = _stored.AsSpan((int)(blob.Offset - range.Start), (int)blob.Length);
        Grow(ref _plaintext, (int)location.PlaintextLength);
        var plaintext = _plaintext.AsSpan(0, (int)location.PlaintextLength);
        if (_opener.TryOpen(stored, blob.Blob, location, plaintext) is not null) return false;
        // Opened in place: between head and seal stands what zstd made.
        if (keepCompressed && location.IsCompressed) writer.AddCompressed(blob.Blob, stored[16..^16], plaintext.Length, _sealer);
        else writer.Add(blob.Blob, plaintext, _sealer);
        return true;
    }

    /// <summary>A blob may lie in other packs too.</summary>
    private async ValueTask CopyFromElsewhereAsync(BlobHandle blob, CancellationToken cancellationToken)
    {
        byte[] content;
        try
        {
            content = await source.ReadBlobAsync(blob, cancellationToken);
        }
        catch (ProdOpsException error) when (error.Kind is ErrorKind.InvalidData or ErrorKind.NotFound or ErrorKind.ReadError)
        {
            damage.Add(blob, error);
            return;
        }

        if (content.Length == 0) damage.Add(blob, BackupErrors.BlobNotFound(blob));
        else writer.Add(blob, content, _sealer);
    }

    private static bool IsImplausible(in BlobLocation location) => BlobOpener.FindImplausible(location) is not null || location.PlaintextLength == 0;

    private static void Grow(ref byte[] buffer, int length)
    {
        if (buffer.Length < length) buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, 1 << 20));
    }
}

/// <summary>A range of a pack and the blobs in it that are wanted, by offset.</summary>
internal sealed record CopyRange(ObjectId Pack, long Start, long Length, IReadOnlyList<PackedBlob> Blobs)
{
    /// <summary>Longer ranges take more memory a worker and are not quicker.</summary>
    private const int MaximumLength = 4 << 20;

    /// <summary>Reading over so many unwanted bytes costs less than asking again.</summary>
    private const int MaximumGap = 128 << 10;

    /// <summary>The ranges of one pack.</summary>
    public static IEnumerable<CopyRange> Of(ObjectId pack, List<PackedBlob> blobs)
    {
        blobs.Sort(static (left, right) => left.Offset.CompareTo(right.Offset));
        for (int first = 0; first < blobs.Count;)
        {
            long start = blobs[first].Offset, end = start + blobs[first].Length;
            int next = first + 1;
            while (next < blobs.Count && blobs[next].Offset >= end && blobs[next].Offset - end <= MaximumGap && blobs[next].Offset + (long)blobs[next].Length - start <= MaximumLength)
            {
                end = blobs[next].Offset + (long)blobs[next].Length;
                next++;
            }

            yield return new CopyRange(pack, start, end - start, blobs[first..next]);
            first = next;
        }
    }
}
