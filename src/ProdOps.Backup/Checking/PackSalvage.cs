using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Copies good blobs out of damaged packs into new ones. They stay sealed as they are, since the key is the same; each is proved again on its way, and a turned bit is turned back.
/// </summary>
internal sealed class PackSalvage(Repository repository, IActivity activity)
{
    private const int PackSize = 16 << 20;

    /// <summary>A request for each blob would take a server's round trip each.</summary>
    private const int PieceSize = 4 << 20;

    private readonly List<KeyValuePair<ObjectId, IReadOnlyList<PackedBlob>>> _written = [];
    private BlobPacker? _packer;

    public async Task<IReadOnlyList<KeyValuePair<ObjectId, IReadOnlyList<PackedBlob>>>> CopyAsync(
        IReadOnlyDictionary<ObjectId, IReadOnlyList<PackedBlob>> packs, CancellationToken cancellationToken)
    {
        using var opener = repository.CreateBlobOpener();
        try
        {
            // A pack holds blobs of one type.
            foreach (var type in Enum.GetValues<BlobType>())
            {
                foreach (var (pack, blobs) in packs)
                    await CopyAsync(opener, pack, [.. blobs.Where(blob => blob.Blob.Type == type).OrderBy(blob => blob.Offset)], cancellationToken);
                await CommitAsync(cancellationToken);
            }
        }
        finally
        {
            _packer?.Dispose();
        }

        return _written;
    }

    private async Task CopyAsync(BlobOpener opener, ObjectId pack, PackedBlob[] blobs, CancellationToken cancellationToken)
    {
        for (int first = 0; first < blobs.Length;)
        {
            long begin = blobs[first].Offset, end = begin + blobs[first].Length;
            int count = 1;
            while (first + count < blobs.Length && blobs[first + count] is var next && next.Offset == end && end + next.Length - begin <= PieceSize)
            {
                end += next.Length;
                count++;
            }

            byte[] piece = GC.AllocateUninitializedArray<byte>((int)(end - begin));
            await repository.Storage.ReadAsync(new FileHandle(FileKind.Pack, pack), begin, piece, cancellationToken);
            foreach (var blob in blobs.AsMemory(first, count).ToArray())
            {
                var sealedBlob = piece.AsMemory((int)(blob.Offset - begin), (int)blob.Length);
                Prove(opener, pack, blob, sealedBlob.Span);
                _packer ??= new BlobPacker(repository.Storage.BeginFile(FileKind.Pack));
                _packer.Add(blob.Blob, sealedBlob.Span, blob.UncompressedLength);
                if (_packer.Length >= PackSize || _packer.Count >= PackHeader.MaxEntries) await CommitAsync(cancellationToken);
            }

            first += count;
        }
    }

    private static void Prove(BlobOpener opener, ObjectId pack, in PackedBlob blob, Span<byte> sealedBlob)
    {
        var location = blob.In(pack);
        byte[] plaintext = GC.AllocateUninitializedArray<byte>((int)location.PlaintextLength);
        // Opening overwrites, and what is sealed is what is stored.
        if (opener.TryOpen(sealedBlob.ToArray(), blob.Blob, location, plaintext) is { } problem && !opener.TryHeal(sealedBlob, blob.Blob, location, plaintext))
            throw BackupErrors.BlobDamaged(blob.Blob, pack, problem);
    }

    private async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (_packer is null) return;
        using var packer = _packer;
        _packer = null;
        var (pack, blobs) = await packer.CommitAsync(repository.Key, cancellationToken);
        _written.Add(new(pack, blobs));
        activity.Verbose($"Copied {blobs.Length} good blobs to the new pack {pack}.");
    }
}
