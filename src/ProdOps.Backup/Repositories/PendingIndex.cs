namespace ProdOps.Backup.Repositories;

/// <summary>
/// Durable packs that no index file names yet. An index file is written now and then during a backup, so that a killed run can
/// go on from what it had stored.
/// </summary>
internal sealed class PendingIndex(Repository repository, BlobWriterOptions options) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _writing = new(1);
    private List<KeyValuePair<ObjectId, PackedBlob[]>> _packs = [];
    private int _blobs;
    private long _since;

    public Task AddAsync(ObjectId pack, PackedBlob[] blobs, CancellationToken cancellationToken)
    {
        bool due;
        lock (_gate)
        {
            if (_packs.Count == 0) _since = repository.TimeProvider.GetTimestamp();
            _packs.Add(new(pack, blobs));
            _blobs += blobs.Length;
            due = _blobs >= options.IndexFlushBlobs || repository.TimeProvider.GetElapsedTime(_since) >= options.IndexFlushInterval;
        }

        return due ? FlushAsync(cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Writes what is pending, once what is being written is.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            List<KeyValuePair<ObjectId, PackedBlob[]>> packs;
            lock (_gate)
            {
                packs = _packs;
                _packs = [];
                _blobs = 0;
            }

            if (packs.Count > 0) await repository.WriteIndexAsync(packs, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();
}
