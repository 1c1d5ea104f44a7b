using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Pruning;

/// <summary>
/// Copies what is used out of packs that go into new ones. Each blob is opened and proved on its way and then stored as it is sealed, since the key is
/// the same; only what is to be compressed is sealed anew.
/// </summary>
internal sealed class PackRepacker(Repository repository, BlobMarks marks, PruneOptions options, CheckProgress progress)
{
    /// <summary>The mark of a blob that has its place in a pack that stays.</summary>
    public const byte Stored = 3;

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

                foreach (var range in PackRange.Of(pack, wanted))
                {
                    await copier.CopyAsync(range, stop.Token);
                    progress.AddBytes((int)Math.Min(range.Length, int.MaxValue));
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

    /// <summary>One thread's buffers.</summary>
    private sealed class Copier(Repository repository, BlobWriter writer, PruneOptions options) : IDisposable
    {
        private readonly PackRangeReader _reader = new(repository);
        private readonly BlobSealer _sealer = writer.CreateSealer();

        public ValueTask CopyAsync(PackRange range, CancellationToken cancellationToken) => _reader.ReadAsync(range, Store, StoreFromElsewhereAsync, cancellationToken);

        public void Dispose()
        {
            _reader.Dispose();
            _sealer.Dispose();
        }

        private void Store(in ReadBlob blob)
        {
            if (MustCompress(blob)) writer.Add(blob.Handle, blob.Plaintext, _sealer);
            else writer.AddSealed(blob.Handle, blob.Sealed, blob.Location);
        }

        // Throws what is wrong with it if no pack holds it whole.
        private async ValueTask StoreFromElsewhereAsync(BlobHandle blob, CancellationToken cancellationToken)
        {
            byte[] content = await repository.ReadBlobAsync(blob, cancellationToken);
            writer.Add(blob, content.Length > 0 ? content : throw BackupErrors.BlobNotFound(blob), _sealer);
        }

        private bool MustCompress(in ReadBlob blob) =>
            repository.Config.Compresses && !blob.Location.IsCompressed && (blob.Handle.Type == BlobType.Tree || options.RepackUncompressed);
    }
}
