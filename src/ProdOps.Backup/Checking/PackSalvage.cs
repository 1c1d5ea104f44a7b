using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Copies good blobs out of damaged packs into new ones. They stay sealed as they are, since the key is the same; each is proved again on its way, and a turned bit is turned back.
/// </summary>
internal sealed class PackSalvage(Repository repository, IActivity activity)
{
    private const int PackSize = 16 << 20;

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
                    await CopyAsync(opener, pack, [.. blobs.Where(blob => blob.Blob.Type == type)], cancellationToken);
                await CommitAsync(cancellationToken);
            }
        }
        finally
        {
            _packer?.Dispose();
        }

        return _written;
    }

    private async Task CopyAsync(BlobOpener opener, ObjectId pack, List<PackedBlob> blobs, CancellationToken cancellationToken)
    {
        foreach (var range in PackRange.Of(pack, blobs))
        {
            byte[] piece = GC.AllocateUninitializedArray<byte>((int)range.Length);
            await repository.Storage.ReadAsync(new FileHandle(FileKind.Pack, pack), range.Start, piece, cancellationToken);
            foreach (var blob in range.Blobs)
            {
                var sealedBlob = piece.AsMemory((int)(blob.Offset - range.Start), (int)blob.Length);
                Prove(opener, pack, blob, sealedBlob.Span);
                _packer ??= new BlobPacker(repository.Storage.BeginFile(FileKind.Pack));
                _packer.Add(blob.Blob, sealedBlob.Span, blob.UncompressedLength);
                if (_packer.Length >= PackSize || _packer.Count >= PackHeader.MaxEntries) await CommitAsync(cancellationToken);
            }
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
