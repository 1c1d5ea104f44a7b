using ProdOps.Backup.Chunking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;

namespace ProdOps.Backup.Archiving;

/// <summary>
/// Reads a source into a repository: folders are listed and compared with the parent snapshot, changed files are cut,
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
        Source = source;
        Activity = activity;
        _workers = request.Workers > 0 ? request.Workers : Environment.ProcessorCount;
        Nodes = new NodeFactory(source.Owners, request, sameObserver);
        Scanner = new ChunkScanner(repository.Config.Polynomial);
        // One waiting chunk a worker is enough to keep all of them busy; more would only hold memory.
        Queue = new WorkQueue((long)_workers * ChunkBufferPool.CommonSize);
        Buffers = new ChunkBufferPool();
    }

    public Repository Repository { get; }

    public BlobWriter Writer { get; }

    public ArchiveSource Source { get; }

    public IActivity Activity { get; }

    public NodeFactory Nodes { get; }

    public ChunkScanner Scanner { get; }

    public WorkQueue Queue { get; }

    public ChunkBufferPool Buffers { get; }

    public BackupCounters Counters { get; } = new();

    /// <summary>Archives what the source has and returns the id of the root tree, which is in the writer but not flushed yet.</summary>
    public async Task<ObjectId> RunAsync(ObjectId? previousRoot, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = Enumerable.Range(0, _workers).Select(_ => Task.Run(() => WorkAsync(stop), stop.Token)).ToArray();
        var feeding = Task.CompletedTask;
        try
        {
            var root = new PendingTree(null, 0, []) { Previous = previousRoot is { } id ? new Node { Subtree = id } : null, Grows = Source.TreesGrow };
            feeding = FeedAsync(root, stop);
            var first = await Task.WhenAny([_root.Task, .. running]);
            if (first != _root.Task) await first;
            var tree = await _root.Task.WaitAsync(stop.Token);
            await feeding;
            return tree;
        }
        catch (OperationCanceledException) when (_root.Task.IsFaulted || feeding.IsFaulted)
        {
            // Who stopped because of the first failure may be seen to have ended before it is.
            await (_root.Task.IsFaulted ? _root.Task : feeding);
            throw;
        }
        finally
        {
            if (_root.Task.IsCompletedSuccessfully) Queue.Complete(_workers);
            else await stop.CancelAsync();
            await Task.WhenAll([feeding, .. running]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The root tree is stored: the run is over.</summary>
    public void Complete(ObjectId root) => _root.TrySetResult(root);

    /// <summary>One item could not be archived; the others go on.</summary>
    public void Fail(ReadOnlySpan<byte> path, Exception reason)
    {
        Interlocked.Increment(ref Counters.Errors);
        Activity.Error(BackupErrors.SourceUnreadable(Source.Display(path), reason));
    }

    private Task FeedAsync(PendingTree root, CancellationTokenSource stop) => StopIfFailedAsync(async () =>
    {
        using var worker = new ArchiveWorker(this);
        await Source.FeedAsync(worker, root, stop.Token);
    }, stop);

    private Task WorkAsync(CancellationTokenSource stop) => StopIfFailedAsync(async () =>
    {
        using var worker = new ArchiveWorker(this);
        var reader = Source.CreateReader(worker);
        while (await Queue.TakeAsync(stop.Token) is { } work)
        {
            if (work is BlobWork blob) worker.StoreBlob(blob);
            else await reader.ReadAsync(work, stop.Token);
        }
    }, stop);

    private async Task StopIfFailedAsync(Func<Task> work, CancellationTokenSource stop)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            // The first failure is the run's: whoever waits for the root sees it, the others just stop. A cancellation that the run did not ask
            // for is a failure too, or nobody would ever tell whoever waits.
            _root.TrySetException(e);
            await stop.CancelAsync();
            throw;
        }
    }

    public void Dispose() => Queue.Dispose();
}
