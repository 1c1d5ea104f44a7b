using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Repositories;

internal sealed partial class Repository
{
    private readonly ConcurrentBag<BlobOpener> _openers = [];
    private BlobIndex? _index;
    private ObjectId[] _indexFiles = [];

    /// <summary>Which blobs there are. <see cref="LoadIndexAsync"/> comes first.</summary>
    public BlobIndex Index => Volatile.Read(ref _index) ?? throw new InvalidOperationException("The index was not loaded.");

    public bool IsIndexLoaded => Volatile.Read(ref _index) is not null;

    /// <summary>
    /// Whether a blob of which one bit was turned is read as it was, and who then hears of its pack; called from the threads that read. By default such a blob is
    /// damaged. A check and a repair set it for as long as they have the repository: what they find out later they read by the same listings.
    /// </summary>
    public Action<ObjectId>? OnHealed { get; set; }

    /// <summary>Reads all index files, side by side.</summary>
    /// <param name="activity">Hears how many.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <param name="onDamaged">Takes damaged index files, which are then left out; by default one ends the loading.</param>
    /// <param name="watch">Sees what each index file names on its way into the index.</param>
    public async Task LoadIndexAsync(
        IActivity activity, CancellationToken cancellationToken, Action<ProdOpsException>? onDamaged = null,
        Func<ObjectId, IIndexReceiver, IIndexReceiver>? watch = null)
    {
        var index = new BlobIndex();
        var files = new ConcurrentBag<ObjectId>();
        bool isDamaged = false;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Storage.Connections, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Storage.ListAsync(FileKind.Index, cancellationToken), options, async (file, token) =>
        {
            try
            {
                await ReadIndexAsync(file.Id, watch is null ? index : watch(file.Id, index), token);
                files.Add(file.Id);
            }
            catch (ProdOpsException error) when (error.Kind == ErrorKind.InvalidData && onDamaged is not null)
            {
                Volatile.Write(ref isDamaged, true);
                onDamaged(error);
            }
        });
        _indexFiles = [.. files];
        if (!Volatile.Read(ref isDamaged)) Storage.Cache?.KeepPacksOf(index);
        Volatile.Write(ref _index, index);
        activity.Verbose($"Loaded {files.Count} index files: {index.Count} blobs in {index.PackCount} packs.");
    }

    /// <summary>
    /// Whether every index file that was loaded is still there. If not, a prune has replaced them since, and what they named may be gone.
    /// Asked while a lock is held, the answer holds until the lock is released.
    /// </summary>
    public async Task<bool> IsIndexCurrentAsync(CancellationToken cancellationToken)
    {
        var missing = _indexFiles.ToHashSet();
        await foreach (var file in Storage.ListAsync(FileKind.Index, cancellationToken)) missing.Remove(file.Id);
        return missing.Count == 0;
    }

    /// <summary>Reads one index file.</summary>
    public async Task ReadIndexAsync(ObjectId id, IIndexReceiver receiver, CancellationToken cancellationToken)
    {
        var file = new FileHandle(FileKind.Index, id);
        var json = await ReadUnpackedAsync(file, cancellationToken);
        try
        {
            IndexFile.Read(json.Span, receiver);
        }
        catch (JsonException error)
        {
            throw BackupErrors.FileDamaged(file, Location, error.Message, error);
        }
    }

    /// <summary>Writes one index file and returns its name. It has megabytes, so it is made in a pooled buffer.</summary>
    public async Task<ObjectId> WriteIndexAsync(IReadOnlyCollection<KeyValuePair<ObjectId, PackedBlob[]>> packs, CancellationToken cancellationToken)
    {
        byte[] json = ArrayPool<byte>.Shared.Rent(IndexFile.MaxLength(packs));
        try
        {
            return await WriteUnpackedAsync(FileKind.Index, json.AsMemory(0, IndexFile.Write(packs, json)), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(json);
        }
    }

    /// <summary>Reads by another index than the repository's own, to see what would be so if that were its index.</summary>
    public void UseIndex(BlobIndex index)
    {
        _indexFiles = [];
        Volatile.Write(ref _index, index);
    }

    /// <summary>Forgets the index, so that nothing builds on what a failed run claimed or stored without an index file.</summary>
    public void UnloadIndex() => Volatile.Write(ref _index, null);

    /// <summary>Begins to write blobs. The index must be loaded.</summary>
    public BlobWriter BeginWriting(BlobWriterOptions options, CancellationToken cancellationToken = default) => new(this, options, cancellationToken);

    /// <summary>An opener for one thread that reads packs itself. Dispose it after use.</summary>
    public BlobOpener CreateBlobOpener() => new(Key);

    /// <summary>Reads and proves one blob; when a place of it is damaged, the next one is tried.</summary>
    public async Task<byte[]> ReadBlobAsync(BlobHandle blob, CancellationToken cancellationToken)
    {
        ProdOpsException? failure = null;
        foreach (var location in Index.FindAll(blob))
        {
            try
            {
                return await ReadBlobAtAsync(blob, location, cancellationToken);
            }
            catch (ProdOpsException error) when (error.Kind is ErrorKind.InvalidData or ErrorKind.NotFound or ErrorKind.ReadError)
            {
                failure ??= error;
            }
        }

        throw failure ?? BackupErrors.BlobNotFound(blob);
    }

    /// <summary>Reads and proves a blob at one place; a tree from the copy that is kept of its pack, where there is one.</summary>
    /// <param name="blob">Its name.</param>
    /// <param name="location">Where; its lengths are plausible.</param>
    /// <param name="opener">The thread's own.</param>
    /// <param name="sealedBlob">As long as it is stored; overwritten.</param>
    /// <param name="plaintext">As long as it is; holds it afterwards.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async ValueTask ReadBlobAtAsync(
        BlobHandle blob, BlobLocation location, BlobOpener opener, Memory<byte> sealedBlob, Memory<byte> plaintext, CancellationToken cancellationToken)
    {
        // A copy that is damaged is fetched anew once; if that is damaged too, the repository's own reading tells how.
        for (int attempt = 0; attempt < 2 && blob.Type == BlobType.Tree && Storage.Cache is { } cache; attempt++)
        {
            if (!await cache.TryReadTreeAsync(location.Pack, location.Offset, sealedBlob, cancellationToken)) break;
            if (opener.TryOpen(sealedBlob.Span, blob, location, plaintext.Span) is null) return;
            cache.Forget(location.Pack);
        }

        await Storage.ReadAsync(new FileHandle(FileKind.Pack, location.Pack), location.Offset, sealedBlob, cancellationToken);
        if (opener.TryOpen(sealedBlob.Span, blob, location, plaintext.Span) is not { } broken) return;
        if (OnHealed is not { } onHealed || !opener.TryHeal(sealedBlob.Span, blob, location, plaintext.Span)) throw BackupErrors.BlobDamaged(blob, location.Pack, broken);
        onHealed(location.Pack);
    }

    private async Task<byte[]> ReadBlobAtAsync(BlobHandle blob, BlobLocation location, CancellationToken cancellationToken)
    {
        if (BlobOpener.FindImplausible(location) is { } problem) throw BackupErrors.BlobDamaged(blob, location.Pack, problem);
        byte[] stored = ArrayPool<byte>.Shared.Rent((int)location.Length);
        if (!_openers.TryTake(out var opener)) opener = CreateBlobOpener();
        try
        {
            var sealedBlob = stored.AsMemory(0, (int)location.Length);
            byte[] plaintext = GC.AllocateUninitializedArray<byte>((int)location.PlaintextLength);
            await ReadBlobAtAsync(blob, location, opener, sealedBlob, plaintext, cancellationToken);
            return plaintext;
        }
        finally
        {
            _openers.Add(opener);
            ArrayPool<byte>.Shared.Return(stored);
        }
    }
}
