using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Checking;

/// <summary>Copies good blobs out of damaged packs into new ones. They stay sealed as they are, since the key is the same; each is proved again on its way.</summary>
internal sealed class PackSalvage(Repository repository, IActivity activity)
{
    private const int PackSize = 16 << 20;

    private readonly List<KeyValuePair<ObjectId, IReadOnlyList<PackedBlob>>> _written = [];

    public async Task<IReadOnlyList<KeyValuePair<ObjectId, IReadOnlyList<PackedBlob>>>> CopyAsync(
        IReadOnlyDictionary<ObjectId, IReadOnlyList<PackedBlob>> packs, CancellationToken cancellationToken)
    {
        // A pack holds blobs of one type.
        foreach (var type in Enum.GetValues<BlobType>())
            await CopyAsync(packs.SelectMany(pack => pack.Value.Where(blob => blob.Blob.Type == type), (pack, blob) => (pack.Key, blob)).ToList(), cancellationToken);
        return _written;
    }

    private async Task CopyAsync(List<(ObjectId Pack, PackedBlob Blob)> blobs, CancellationToken cancellationToken)
    {
        using var opener = repository.CreateBlobOpener();
        BlobPacker? packer = null;
        try
        {
            foreach (var (pack, blob) in blobs)
            {
                byte[] sealedBlob = new byte[blob.Length];
                await repository.Storage.ReadAsync(new FileHandle(FileKind.Pack, pack), blob.Offset, sealedBlob, cancellationToken);
                var location = blob.In(pack);
                opener.Open(sealedBlob.AsSpan().ToArray(), blob.Blob, location, new byte[location.PlaintextLength]);
                packer ??= new BlobPacker(repository.Storage.BeginFile(FileKind.Pack));
                packer.Add(blob.Blob, sealedBlob, blob.UncompressedLength);
                if (packer.Length < PackSize && packer.Count < PackHeader.MaxEntries) continue;
                await CommitAsync(packer, cancellationToken);
                packer.Dispose();
                packer = null;
            }

            if (packer is not null) await CommitAsync(packer, cancellationToken);
        }
        finally
        {
            packer?.Dispose();
        }
    }

    private async Task CommitAsync(BlobPacker packer, CancellationToken cancellationToken)
    {
        var (pack, blobs) = await packer.CommitAsync(repository.Key, cancellationToken);
        _written.Add(new(pack, blobs));
        activity.Verbose($"Copied {blobs.Length} good blobs to the new pack {pack}.");
    }
}
