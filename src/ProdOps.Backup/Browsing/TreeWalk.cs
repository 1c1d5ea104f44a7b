using System.Threading.Channels;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;

namespace ProdOps.Backup.Browsing;

/// <summary>
/// Visits every tree below some roots once, however many snapshots and folders share it, on all cores and in no order.
/// </summary>
/// <param name="repository">Where they are.</param>
/// <param name="workers">How many threads.</param>
/// <param name="visited">What earlier walks have visited, which is left out; it is added to.</param>
internal sealed class TreeWalk(Repository repository, int workers, HashSet<ObjectId>? visited = null)
{
    private readonly HashSet<ObjectId> _visited = visited ?? [];
    private readonly Channel<ObjectId> _waiting = Channel.CreateUnbounded<ObjectId>();
    private int _unfinished = 1;

    /// <summary>How many trees were met.</summary>
    public int Count
    {
        get
        {
            lock (_visited) return _visited.Count;
        }
    }

    /// <param name="roots">Where to begin.</param>
    /// <param name="visit">Takes a tree and its entries; called from several threads.</param>
    /// <param name="fail">Takes a tree that cannot be read, and why; what is below it stays unseen.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task RunAsync(
        IEnumerable<ObjectId> roots, Action<ObjectId, List<Node>> visit, Action<ObjectId, ProdOpsException> fail, CancellationToken cancellationToken)
    {
        foreach (var root in roots) Add(root);
        // The one that was counted for this loop keeps the channel open until all roots are in.
        Finish();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => WorkAsync(visit, fail, cancellationToken), cancellationToken)));
    }

    private async Task WorkAsync(Action<ObjectId, List<Node>> visit, Action<ObjectId, ProdOpsException> fail, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var id in _waiting.Reader.ReadAllAsync(cancellationToken))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await VisitAsync(id, visit, fail, cancellationToken);
                Finish();
            }
        }
        catch (Exception error)
        {
            // The other workers must not wait for what this one leaves undone.
            _waiting.Writer.TryComplete(error);
            throw;
        }
    }

    private async Task VisitAsync(ObjectId id, Action<ObjectId, List<Node>> visit, Action<ObjectId, ProdOpsException> fail, CancellationToken cancellationToken)
    {
        List<Node> nodes;
        try
        {
            nodes = await repository.ReadTreeAsync(id, cancellationToken);
        }
        catch (ProdOpsException error)
        {
            fail(id, error);
            return;
        }

        visit(id, nodes);
        foreach (var node in nodes)
        {
            if (node.Subtree is { } subtree) Add(subtree);
        }
    }

    private void Add(ObjectId id)
    {
        lock (_visited)
        {
            if (!_visited.Add(id)) return;
        }

        Interlocked.Increment(ref _unfinished);
        _waiting.Writer.TryWrite(id);
    }

    private void Finish()
    {
        if (Interlocked.Decrement(ref _unfinished) == 0) _waiting.Writer.TryComplete();
    }
}
