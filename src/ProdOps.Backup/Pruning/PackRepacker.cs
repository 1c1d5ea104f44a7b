using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Pruning;

/// <summary>
/// Copies what is used out of packs that go into new ones. Each blob is opened and proved on its way and then stored as it is sealed, since the key is
/// the same; only what is to be compressed is sealed anew.
/// </summary>
internal sealed class PackRepacker(Repository repository, BlobMarks marks, PruneOptions options, CheckProgress progress)
{
    /// <summary>The mark of a blob that has its place in a pack that stays.</summary>
    public const byte Stored = 3;

    /// <summary>Reading over a small gap costs less than a second request.</summary>
    private const int MaxGap = 64 << 10, PieceSize = 4 << 20;

    private readonly BlobIndex _index = repository.Index;
    private readonly SemaphoreSlim _next = new(1);

    /// <summary>Makes copies of all used blobs of these packs durable and names them in the index.</summary>
    public async Task RunAsync(IEnumerable<(ObjectId Pack, PackedBlob[] Blobs)> packs, CancellationToken cancellationToken)
    {
        var writing = new BlobWriterOptions { PackSize = options.PackSize, CompressAlways = options.RepackUncompressed };
        await using var writer = repository.BeginWriting(writing, cancellationToken);
        using var source = packs.GetEnumerator();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, options.WorkerCount).Select(_ => Task.Run(() => WorkAsync(source, writer, stop), cancellationToken)));
        await writer.FlushAsync(cancellationToken);
    }

    private async Task WorkAsync(IEnumerator<(ObjectId Pack, PackedBlob[] Blobs)> source, BlobWriter writer, CancellationTokenSource stop)
    {
        using var copier = new Copier(repository, writer, options);
        try
        {
            while (true)
            {
                ObjectId pack;
                List<PackedBlob> wanted;
                await _next.WaitAsync(stop.Token);
                try
                {
                    if (!source.MoveNext()) return;
                    pack = source.Current.Pack;
                    // What another pack gave already is not copied twice.
                    wanted = [.. source.Current.Blobs.Where(Claim)];
                }
                finally
                {
                    _next.Release();
                }

                for (int first = 0; first < wanted.Count;)
                {
                    int count = CountPiece(wanted, first);
                    int read = await copier.CopyAsync(pack, wanted, first, count, stop.Token);
                    progress.AddBytes(read);
                    first += count;
                }
            }
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private bool Claim(PackedBlob blob) => _index.TryFindEntry(blob.Blob, out var number) && marks.TrySet(number, RepositoryUsage.Settled, Stored);

    private static int CountPiece(List<PackedBlob> blobs, int first)
    {
        int count = 1;
        long begin = blobs[first].Offset, end = begin + blobs[first].Length;
        while (first + count < blobs.Count && blobs[first + count] is var next && next.Offset - end is >= 0 and <= MaxGap && next.Offset + (long)next.Length - begin <= PieceSize)
        {
            end = next.Offset + (long)next.Length;
            count++;
        }

        return count;
    }

    /// <summary>One thread's buffers.</summary>
    private sealed class Copier(Repository repository, BlobWriter writer, PruneOptions options) : IDisposable
    {
        private readonly BlobOpener _opener = repository.CreateBlobOpener();
        private readonly BlobSealer _sealer = writer.CreateSealer();
        private byte[] _piece = [], _sealed = [], _plaintext = [];

        public async ValueTask<int> CopyAsync(ObjectId pack, List<PackedBlob> blobs, int first, int count, CancellationToken cancellationToken)
        {
            long begin = blobs[first].Offset;
            var last = blobs[first + count - 1];
            int length = (int)(last.Offset + (long)last.Length - begin);
            Grow(ref _piece, length);
            await repository.Storage.ReadAsync(new FileHandle(FileKind.Pack, pack), begin, _piece.AsMemory(0, length), cancellationToken);
            foreach (var blob in blobs.GetRange(first, count))
            {
                if (!TryStore(pack, blob, (int)(blob.Offset - begin))) await StoreFromElsewhereAsync(blob.Blob, cancellationToken);
            }

            return length;
        }

        public void Dispose()
        {
            _opener.Dispose();
            _sealer.Dispose();
        }

        private bool TryStore(ObjectId pack, in PackedBlob blob, int at)
        {
            var location = blob.In(pack);
            if (BlobOpener.FindImplausible(location) is not null) return false;
            var stored = _piece.AsSpan(at, (int)blob.Length);
            // Opening overwrites, and the bytes as they are sealed are what is stored.
            Grow(ref _sealed, stored.Length);
            stored.CopyTo(_sealed);
            int length = (int)location.PlaintextLength;
            Grow(ref _plaintext, length);
            var plaintext = _plaintext.AsSpan(0, length);
            if (_opener.TryOpen(_sealed.AsSpan(0, stored.Length), blob.Blob, location, plaintext) is not null) return false;
            if (MustCompress(blob)) writer.Add(blob.Blob, plaintext, _sealer);
            else writer.AddSealed(blob.Blob, stored, location);
            return true;
        }

        // Throws what is wrong with it if no pack holds it whole.
        private async ValueTask StoreFromElsewhereAsync(BlobHandle blob, CancellationToken cancellationToken) =>
            writer.Add(blob, await repository.ReadBlobAsync(blob, cancellationToken), _sealer);

        private bool MustCompress(in PackedBlob blob) =>
            repository.Config.Compresses && blob.UncompressedLength == 0 && (blob.Blob.Type == BlobType.Tree || options.RepackUncompressed);

        private static void Grow(ref byte[] buffer, int length)
        {
            if (buffer.Length < length) buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, PieceSize + (256 << 10)));
        }
    }
}
