using ProdOps.Backup.Chunking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Selection;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving;

/// <summary>
/// Reads targets into a repository: folders are listed and compared with the parent snapshot, changed files are cut,
/// hashed and stored, and trees are written bottom-up as their last entry finishes. All workers do all kinds of work,
/// so one large file keeps every core as busy as many small ones.
/// </summary>
internal sealed class ArchivePipeline : IDisposable
{
    private readonly TaskCompletionSource<ObjectId> _root = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _workers;

    public ArchivePipeline(Repository repository, BlobWriter writer, ArchiveSource source, BackupRequest request, bool sameObserver, IActivity activity)
    {
        Repository = repository;
        Writer = writer;
        Files = source.Files;
        Selection = source.Selection;
        Activity = activity;
        _workers = request.Workers > 0 ? request.Workers : Environment.ProcessorCount;
        Nodes = new NodeFactory(source.Files, request, sameObserver);
        Scanner = new ChunkScanner(repository.Config.Polynomial);
        // One waiting blob a worker is enough to keep all of them busy; more would only hold memory.
        Queue = new WorkQueue(_workers);
        Buffers = new ChunkBufferPool();
    }

    public Repository Repository { get; }

    public BlobWriter Writer { get; }

    public SourceFileSystem Files { get; }

    public IActivity Activity { get; }

    public NodeFactory Nodes { get; }

    public EntrySelection Selection { get; }

    public ChunkScanner Scanner { get; }

    public WorkQueue Queue { get; }

    public ChunkBufferPool Buffers { get; }

    public BackupCounters Counters { get; } = new();

    /// <summary>Archives the targets and returns the id of the root tree, which is in the writer but not flushed yet.</summary>
    public async Task<ObjectId> RunAsync(TargetTree targets, ObjectId? previousRoot, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = Enumerable.Range(0, _workers).Select(_ => Task.Run(() => WorkAsync(stop), stop.Token)).ToArray();
        try
        {
            var root = new PendingTree(null, 0, []) { Previous = previousRoot is { } id ? new Node { Subtree = id } : null };
            using (var worker = new ArchiveWorker(this))
            {
                if (targets.IsTarget) Queue.Add(new DirectoryWork(root));
                else await worker.ArchiveTargetsAsync(root, targets, stop.Token);
            }
            var first = await Task.WhenAny([_root.Task, .. running]);
            if (first != _root.Task) await first;
            return await _root.Task.WaitAsync(stop.Token);
        }
        finally
        {
            if (_root.Task.IsCompletedSuccessfully) Queue.Complete(_workers);
            else await stop.CancelAsync();
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The root tree is stored: the run is over.</summary>
    public void Complete(ObjectId root) => _root.TrySetResult(root);

    /// <summary>One item could not be archived; the others go on.</summary>
    public void Fail(ReadOnlySpan<byte> path, Exception reason)
    {
        Interlocked.Increment(ref Counters.Errors);
        Activity.Error(BackupErrors.SourceUnreadable(FileNames.Decode(path), reason));
    }

    private async Task WorkAsync(CancellationTokenSource stop)
    {
        try
        {
            using var worker = new ArchiveWorker(this);
            while (await Queue.TakeAsync(stop.Token) is { } work) await worker.RunAsync(work, stop.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The first failure is the run's: whoever waits for the root sees it, the other workers just stop.
            _root.TrySetException(e);
            await stop.CancelAsync();
            throw;
        }
    }

    public void Dispose() => Queue.Dispose();
}

/// <summary>Where a run reads from, and what it leaves out there.</summary>
internal sealed record ArchiveSource(SourceFileSystem Files, EntrySelection Selection);

/// <summary>
/// Buffers to cut chunks in. Six chunks of seven are short, so the common buffer is, and only a chunk that outgrows it moves to one of the
/// largest size; otherwise every buffer would sooner or later have held a chunk of 8 MiB, and have kept its memory.
/// </summary>
internal sealed class ChunkBufferPool
{
    public const int CommonSize = 5 * ChunkScanner.MinSize;

    private readonly Stack<byte[]> _common = new(), _largest = new();

    public byte[] Rent() => Rent(_common, CommonSize);

    /// <summary>Moves a full buffer's content to one of the largest size.</summary>
    public byte[] Grow(byte[] full)
    {
        byte[] larger = Rent(_largest, ChunkScanner.MaxSize);
        full.CopyTo(larger, 0);
        Return(full);
        return larger;
    }

    public void Return(byte[] buffer)
    {
        var pool = buffer.Length == CommonSize ? _common : _largest;
        lock (pool) pool.Push(buffer);
    }

    private static byte[] Rent(Stack<byte[]> pool, int size)
    {
        lock (pool)
        {
            if (pool.TryPop(out byte[]? buffer)) return buffer;
        }
        return GC.AllocateUninitializedArray<byte>(size);
    }
}
