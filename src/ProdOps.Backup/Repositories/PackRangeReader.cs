using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Repositories;

/// <summary>A blob that was read and proved. Its bytes are valid until the next one is read.</summary>
/// <param name="handle">Its name.</param>
/// <param name="location">Where it lies.</param>
/// <param name="sealedBlob">Its bytes in the pack.</param>
/// <param name="compressed">What the seal holds, if it is compressed.</param>
/// <param name="plaintext">What it is.</param>
internal readonly ref struct ReadBlob(BlobHandle handle, BlobLocation location, ReadOnlySpan<byte> sealedBlob, ReadOnlySpan<byte> compressed, ReadOnlySpan<byte> plaintext)
{
    public BlobHandle Handle { get; } = handle;

    public BlobLocation Location { get; } = location;

    public ReadOnlySpan<byte> Sealed { get; } = sealedBlob;

    public ReadOnlySpan<byte> Compressed { get; } = compressed;

    public ReadOnlySpan<byte> Plaintext { get; } = plaintext;
}

/// <summary>Takes a blob that was read.</summary>
internal delegate void BlobTaker(in ReadBlob blob);

/// <summary>Reads ranges of packs, and opens and proves each blob in them: for one thread, in buffers that it keeps.</summary>
internal sealed class PackRangeReader(Repository repository) : IDisposable
{
    private readonly BlobOpener _opener = repository.CreateBlobOpener();
    private byte[] _stored = [], _opened = [], _plaintext = [];

    /// <summary>Reads a range.</summary>
    /// <param name="range">Which.</param>
    /// <param name="take">Takes each blob that is whole.</param>
    /// <param name="missing">Is told of each that is not whole here: it may lie in other packs too.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async ValueTask ReadAsync(PackRange range, BlobTaker take, Func<BlobHandle, CancellationToken, ValueTask> missing, CancellationToken cancellationToken)
    {
        bool isRead = await TryReadAsync(range, cancellationToken);
        foreach (var blob in range.Blobs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!isRead || !TryTake(range, blob, take)) await missing(blob.Blob, cancellationToken);
        }
    }

    public void Dispose() => _opener.Dispose();

    private async ValueTask<bool> TryReadAsync(PackRange range, CancellationToken cancellationToken)
    {
        // What an index says of lengths is not to be believed before it was looked at.
        if (range.Length > Array.MaxLength || range.Blobs.Any(blob => IsImplausible(blob.In(range.Pack)))) return false;
        Grow(ref _stored, (int)range.Length, PackRange.MaximumLength);
        try
        {
            await repository.Storage.ReadAsync(new FileHandle(FileKind.Pack, range.Pack), range.Start, _stored.AsMemory(0, (int)range.Length), cancellationToken);
            return true;
        }
        catch (ProdOpsException error) when (error.Kind is ErrorKind.InvalidData or ErrorKind.NotFound or ErrorKind.ReadError)
        {
            return false;
        }
    }

    private bool TryTake(PackRange range, in PackedBlob blob, BlobTaker take)
    {
        var location = blob.In(range.Pack);
        int length = (int)blob.Length, plaintextLength = (int)location.PlaintextLength;
        var stored = _stored.AsSpan((int)(blob.Offset - range.Start), length);
        // Opening overwrites, and who has the same key takes the bytes as they are sealed.
        Grow(ref _opened, length, BlobSealer.CommonLength);
        stored.CopyTo(_opened);
        Grow(ref _plaintext, plaintextLength, BlobSealer.CommonLength);
        var opened = _opened.AsSpan(0, length);
        var plaintext = _plaintext.AsSpan(0, plaintextLength);
        if (_opener.TryOpen(opened, blob.Blob, location, plaintext) is not null) return false;
        take(new ReadBlob(blob.Blob, location, stored, location.IsCompressed ? opened[16..^16] : default, plaintext));
        return true;
    }

    private static bool IsImplausible(in BlobLocation location) => BlobOpener.FindImplausible(location) is not null || location.PlaintextLength == 0;

    // Pages are taken by what is touched, not by what is reserved.
    private static void Grow(ref byte[] buffer, int length, int usual)
    {
        if (buffer.Length < length) buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, usual));
    }
}
