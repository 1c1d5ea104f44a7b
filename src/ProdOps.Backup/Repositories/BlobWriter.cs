using System.Runtime.ExceptionServices;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Repositories;

/// <summary>
/// Writes new blobs into packs and the packs into index files. <see cref="Add"/> is called by the threads of a backup, each
/// with a <see cref="BlobSealer"/> of its own; full packs go to the disk in the background, a bounded number at once. The order is
/// the format's: packs are durable before an index names them, and both before <see cref="FlushAsync"/> returns.
/// </summary>
internal sealed class BlobWriter : IAsyncDisposable
{
    private readonly Repository _repository;
    private readonly BlobIndex _index;
    private readonly BlobWriterOptions _options;
    private readonly PackerSlot[] _dataSlots = [new(), new()];
    private readonly PackerSlot _treeSlot = new();
    private readonly PendingIndex _pendingIndex;
    private readonly BlobSealer _largeSealer;
    private readonly SemaphoreSlim _room;
    private readonly CancellationTokenSource _stop;
    private readonly HashSet<Task> _commits = [];
    private readonly Lock _commitsGate = new();
    private ExceptionDispatchInfo? _failure;
    private bool _packFilled;
    private bool _flushed;
    private long _dataBlobs, _treeBlobs, _bytesAdded, _bytesStored;

    public BlobWriter(Repository repository, BlobWriterOptions options, CancellationToken cancellationToken)
    {
        _repository = repository;
        _index = repository.Index;
        _options = options;
        _pendingIndex = new PendingIndex(repository, options);
        _largeSealer = CreateSealer();
        _room = new SemaphoreSlim(options.PacksInFlight);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>New data blobs.</summary>
    public long DataBlobs => Interlocked.Read(ref _dataBlobs);

    /// <summary>New tree blobs.</summary>
    public long TreeBlobs => Interlocked.Read(ref _treeBlobs);

    /// <summary>Bytes of new blobs before compression.</summary>
    public long BytesAdded => Interlocked.Read(ref _bytesAdded);

    /// <summary>Bytes of new blobs as stored, their seals included.</summary>
    public long BytesStored => Interlocked.Read(ref _bytesStored);

    /// <summary>A sealer for one thread. Dispose it after use.</summary>
    public BlobSealer CreateSealer() => new(_repository.Key, _repository.Config.Version);

    /// <summary>True for the one caller that must <see cref="Add"/> the blob; false if it is stored or another caller is at it.</summary>
    public bool TryClaim(in BlobHandle blob) => _index.TryClaim(blob);

    /// <summary>Stores a claimed blob. Blocks while too many packs wait for the disk; throws what failed in the background.</summary>
    public void Add(in BlobHandle blob, ReadOnlySpan<byte> plaintext, BlobSealer sealer)
    {
        ThrowIfFailed();
        // Few blobs are large, and buffers for them would be most of a sealer's memory: they take turns at one.
        if (plaintext.Length <= BlobSealer.CommonLength) AddSealed(blob, plaintext, sealer);
        else lock (_largeSealer) AddSealed(blob, plaintext, _largeSealer);
    }

    /// <summary>Stores a blob again as it is sealed in another pack of this repository. The caller has proved it, and no claim is needed.</summary>
    public void AddSealed(in BlobHandle blob, ReadOnlySpan<byte> sealedBlob, in BlobLocation location)
    {
        ThrowIfFailed();
        Store(blob, sealedBlob, location.UncompressedLength, location.PlaintextLength);
    }

    /// <summary>Stores a claimed blob that zstd has compressed already.</summary>
    /// <param name="blob">Its name.</param>
    /// <param name="compressed">A frame that unfolds to it.</param>
    /// <param name="length">How long it is unfolded.</param>
    /// <param name="sealer">The thread's own.</param>
    public void AddCompressed(in BlobHandle blob, ReadOnlySpan<byte> compressed, int length, BlobSealer sealer)
    {
        ThrowIfFailed();
        if (length <= BlobSealer.CommonLength) Store(blob, sealer.SealCompressed(blob, compressed, length, _options), (uint)length, length);
        else lock (_largeSealer) Store(blob, _largeSealer.SealCompressed(blob, compressed, length, _options), (uint)length, length);
    }

    private void AddSealed(in BlobHandle blob, ReadOnlySpan<byte> plaintext, BlobSealer sealer)
    {
        var sealedBlob = sealer.Seal(blob, plaintext, _options, out uint uncompressedLength);
        Store(blob, sealedBlob, uncompressedLength, plaintext.Length);
    }

    private void Store(in BlobHandle blob, ReadOnlySpan<byte> sealedBlob, uint uncompressedLength, long plaintextLength)
    {
        try
        {
            Append(blob, sealedBlob, uncompressedLength);
        }
        catch (Exception error)
        {
            throw Fail(error);
        }

        Interlocked.Increment(ref blob.Type == BlobType.Data ? ref _dataBlobs : ref _treeBlobs);
        Interlocked.Add(ref _bytesAdded, plaintextLength);
        Interlocked.Add(ref _bytesStored, sealedBlob.Length);
    }

    /// <summary>Makes everything added durable and named by an index. No <see cref="Add"/> may run or follow.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        foreach (var slot in (ReadOnlySpan<PackerSlot>)[.. _dataSlots, _treeSlot])
        {
            if (slot.Packer is not { } packer) continue;
            slot.Packer = null;
            StartCommit(packer, cancellationToken);
        }

        await CommitsAsync().WaitAsync(cancellationToken);
        ThrowIfFailed();
        await _pendingIndex.FlushAsync(_stop.Token).WaitAsync(cancellationToken);
        _flushed = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_flushed) await _stop.CancelAsync();
        await CommitsAsync();
        foreach (var slot in (ReadOnlySpan<PackerSlot>)[.. _dataSlots, _treeSlot]) slot.Packer?.Dispose();
        // What was claimed and never stored, and packs that no index names, must not be built upon.
        if (!_flushed) _repository.UnloadIndex();
        _pendingIndex.Dispose();
        _largeSealer.Dispose();
        _room.Dispose();
        _stop.Dispose();
    }

    private void Append(in BlobHandle blob, ReadOnlySpan<byte> sealedBlob, uint uncompressedLength)
    {
        var slot = EnterSlot(blob.Type);
        BlobPacker? full = null, fullBefore = null;
        try
        {
            if (slot.Packer?.IsTooFullFor(sealedBlob.Length) == true) fullBefore = slot.Take();
            slot.Packer ??= new BlobPacker(_repository.Storage.BeginFile(FileKind.Pack));
            slot.Packer.Add(blob, sealedBlob, uncompressedLength);
            if (slot.Packer.Length >= _options.PackSize || slot.Packer.Count >= PackHeader.MaxEntries) full = slot.Take();
        }
        finally
        {
            slot.Gate.Exit();
        }

        if (fullBefore is not null) StartCommit(fullBefore, _stop.Token);
        if (full is not null) StartCommit(full, _stop.Token);
    }

    /// <summary>
    /// Picks a packer and takes its lock. Data goes to one of two at random, as restic does since 0.18, so that the sequence of lengths in a pack says
    /// less about the files (eprint 2025/532); a run that does not fill one pack keeps to one, so as not to leave two small ones.
    /// </summary>
    private PackerSlot EnterSlot(BlobType type)
    {
        var slot = type == BlobType.Tree ? _treeSlot : _dataSlots[0];
        if (type == BlobType.Data && Volatile.Read(ref _packFilled))
        {
            int choice = Random.Shared.Next(_dataSlots.Length);
            if (_dataSlots[choice].Gate.TryEnter()) return _dataSlots[choice];
            slot = _dataSlots[1 - choice];
        }

        slot.Gate.Enter();
        return slot;
    }

    private void StartCommit(BlobPacker packer, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _packFilled, true);
        try
        {
            _room.Wait(cancellationToken);
        }
        catch
        {
            packer.Dispose();
            throw;
        }

        var commit = Task.Run(() => CommitAsync(packer), CancellationToken.None);
        lock (_commitsGate) _commits.Add(commit);
        commit.ContinueWith(
            done =>
            {
                lock (_commitsGate) _commits.Remove(done);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    // Never throws: what fails is kept for the next call from outside.
    private async Task CommitAsync(BlobPacker packer)
    {
        try
        {
            using (packer)
            {
                await _options.CommitAfter.WaitAsync(_stop.Token);
                var (pack, blobs) = await packer.CommitAsync(_repository.Key, _stop.Token);
                _index.Add(pack, blobs);
                await _pendingIndex.AddAsync(pack, blobs, _stop.Token);
            }
        }
        catch (Exception error)
        {
            Fail(error);
        }
        finally
        {
            _room.Release();
        }
    }

    private Task CommitsAsync()
    {
        lock (_commitsGate) return Task.WhenAll(_commits);
    }

    // The first failure is the cause; it stops the rest, whose own failures only follow from it.
    private Exception Fail(Exception error)
    {
        var first = Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(error), null);
        if (first is null) _stop.Cancel();
        return first?.SourceException ?? error;
    }

    private void ThrowIfFailed()
    {
        Volatile.Read(ref _failure)?.Throw();
        _stop.Token.ThrowIfCancellationRequested();
    }

    private sealed class PackerSlot
    {
        public Lock Gate { get; } = new();

        public BlobPacker? Packer { get; set; }

        public BlobPacker? Take()
        {
            var packer = Packer;
            Packer = null;
            return packer;
        }
    }
}
