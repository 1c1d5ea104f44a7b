using System.Collections.Concurrent;
using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Pruning;

/// <summary>
/// A prune that is planned, and then carried out in an order in which every moment leaves a repository that is whole: packs that nothing names go first, then
/// new packs are written and named in the index, then new index files replace those that name packs which go, and last these packs go.
/// </summary>
/// <remarks>
/// There is no mode that marks packs now and removes them after a time of grace without locking backups out: restic's backup takes what its index names for
/// present and knows of no mark, so a pack that it began to build on during that time would be removed under it.
/// </remarks>
internal sealed class PlannedPrune
{
    private readonly Repository _repository;
    private readonly PruneOptions _options;
    private readonly IActivity _activity;
    private readonly CheckProgress _progress;
    private readonly PruneIndexFiles _indexFiles = new();
    private RepositoryUsage? _usage;
    private PruneDecision? _decision;
    private BlobMarks? _marks;
    private int _snapshots;
    private bool _applied;

    private PlannedPrune(Repository repository, PruneOptions options, IActivity activity)
    {
        _repository = repository;
        _options = options;
        _activity = activity;
        _progress = new CheckProgress(activity, $"Pruning {repository.Location}", repository.TimeProvider);
    }

    private RepositoryUsage Usage => _usage!;

    private PruneDecision Decision => _decision!;

    public bool IsEmpty => Decision.Unreferenced.Count == 0 && Decision.Actions.All(action => action == PackAction.Keep);

    /// <summary>Finds out what is used. The caller holds a lock: an exclusive one if the plan is to be carried out.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="options">The limits.</param>
    /// <param name="without">Snapshots that are taken to be gone.</param>
    /// <param name="activity">Hears of progress.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<PlannedPrune> PlanAsync(
        Repository repository, PruneOptions options, IReadOnlySet<ObjectId> without, IActivity activity, CancellationToken cancellationToken)
    {
        if (options.RepackUncompressed && !repository.Config.Compresses) throw BackupErrors.PruneCannotCompress(repository.Location);
        var prune = new PlannedPrune(repository, options, activity);
        await prune.PlanAsync(without, cancellationToken);
        return prune;
    }

    public BackupPrunePlan ToModel() => new()
    {
        Repository = _repository.Location,
        Applied = _applied,
        SnapshotCount = _snapshots,
        UsedBlobs = Usage.UsedBlobs,
        UsedSize = Usage.UsedSize,
        UnusedBlobs = Usage.UnusedBlobs,
        UnusedSize = Usage.UnusedSize,
        DuplicateBlobs = Usage.DuplicateBlobs,
        DuplicateSize = Usage.DuplicateSize,
        PacksKept = Decision.Count(PackAction.Keep),
        PacksToRepack = Decision.Count(PackAction.Repack),
        PacksToRemove = Decision.Count(PackAction.Remove),
        PacksToForget = Decision.Count(PackAction.Missing),
        PacksUnreferenced = Decision.Unreferenced.Count,
        UnreferencedSize = Decision.Unreferenced.Sum(pack => pack.Size),
        RepackSize = Decision.RepackedSize,
        BytesToWrite = BytesToWrite,
        BlobsToRemove = Decision.RemovedBlobs + Decision.RepackRemovedBlobs,
        FreedSize = Decision.RemovedSize + Decision.RepackRemovedSize + Decision.Unreferenced.Sum(pack => pack.Size),
        RemainingUnusedSize = Usage.DuplicateSize + Usage.UnusedSize - Decision.RemovedSize - Decision.RepackRemovedSize,
    };

    private long BytesToWrite => Decision.RepackedSize - Decision.RepackRemovedSize;

    /// <summary>Carries the plan out. Interrupted anywhere it can be planned and carried out again.</summary>
    /// <param name="held">The lock under which it was planned.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<BackupPrunePlan> ApplyAsync(RepositoryLock held, CancellationToken cancellationToken)
    {
        if (_applied || !held.Exclusive) throw new InvalidOperationException("A prune is carried out once, under an exclusive lock.");
        _applied = true;
        if (IsEmpty) return ToModel();
        var deletion = new StorageDeletion(_repository.Storage, _activity);
        await deletion.ProbeAsync(cancellationToken);
        await RefuseIfFullAsync(cancellationToken);
        await held.ConfirmAsync(cancellationToken);
        try
        {
            await deletion.DeleteAsync(FileKind.Pack, Decision.Unreferenced.Select(pack => pack.Id), cancellationToken);
            if (Decision.Actions.Contains(PackAction.Repack)) await RepackAsync(cancellationToken);
            if (Decision.Actions.Any(Goes))
            {
                await held.ConfirmAsync(cancellationToken);
                await _indexFiles.ReplaceAsync(_repository, number => number < Decision.Actions.Length && Goes(Decision.Actions[number]), deletion, _activity, cancellationToken);
                await held.ConfirmAsync(cancellationToken);
                await deletion.DeleteAsync(FileKind.Pack, PacksThatGo(), cancellationToken);
            }
        }
        catch (ProdOpsException error) when (error.ErrorId == "StorageFull")
        {
            throw BackupErrors.PruneOutOfSpace(_repository.Location, BytesToWrite, null, error);
        }
        finally
        {
            // What it says of packs is not so any more.
            _repository.UnloadIndex();
        }

        _progress.Complete();
        return ToModel();
    }

    private static bool Goes(PackAction action) => action != PackAction.Keep;

    private async Task PlanAsync(IReadOnlySet<ObjectId> without, CancellationToken cancellationToken)
    {
        // Snapshots first: a backup that ends meanwhile has its index stored before.
        var roots = await ReadRootsAsync(without, cancellationToken);
        await _repository.LoadIndexAsync(_activity, cancellationToken, watch: _indexFiles.Watch);
        var packs = await _repository.Storage.ListAsync(FileKind.Pack, cancellationToken).ToListAsync(cancellationToken);
        _marks = new BlobMarks(_repository.Index);
        try
        {
            await new ReferenceWalk(_repository, _marks, _progress).RunAsync(roots, _options.WorkerCount, cancellationToken);
        }
        catch (ProdOpsException error) when (error.Kind is ErrorKind.InvalidData or ErrorKind.NotFound && error.ErrorId != "PruneBlobsMissing")
        {
            throw BackupErrors.PruneRefused(error);
        }

        _usage = new RepositoryUsage(_repository.Index, _marks);
        _decision = new PruneDecision(_repository.Index, _usage, packs, _options, _repository.Config.Version);
        _activity.Verbose($"{_snapshots} snapshots use {_usage.UsedBlobs} blobs. {ToModel()}.");
    }

    private async Task<IReadOnlyCollection<ObjectId>> ReadRootsAsync(IReadOnlySet<ObjectId> without, CancellationToken cancellationToken)
    {
        var roots = new ConcurrentBag<ObjectId>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = _repository.Storage.Connections, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(_repository.Storage.ListAsync(FileKind.Snapshot, cancellationToken), options, async (file, token) =>
        {
            if (without.Contains(file.Id)) return;
            try
            {
                roots.Add((await _repository.ReadSnapshotAsync(file.Id, token)).Tree);
            }
            catch (ProdOpsException error) when (error.Kind == ErrorKind.InvalidData)
            {
                throw BackupErrors.PruneRefused(error);
            }
        });
        _snapshots = roots.Count;
        return roots;
    }

    /// <summary>Nothing is begun that cannot be ended.</summary>
    private async Task RefuseIfFullAsync(CancellationToken cancellationToken)
    {
        long needed = BytesToWrite - Decision.Unreferenced.Sum(pack => pack.Size);
        if (BytesToWrite > 0 && await _repository.Storage.GetFreeSpaceAsync(cancellationToken) is { } free && free < needed)
            throw BackupErrors.PruneOutOfSpace(_repository.Location, BytesToWrite, free, null);
    }

    private async Task RepackAsync(CancellationToken cancellationToken)
    {
        // What a pack that stays holds need not be copied.
        foreach (var (blob, place) in _marks!.EnumeratePlaces())
        {
            if (Decision.Actions[place.Pack] != PackAction.Keep) continue;
            ref byte mark = ref _marks.Of(blob);
            if (mark == RepositoryUsage.Settled) mark = PackRepacker.Stored;
        }

        _progress.ExpectBytes(BytesToWrite);
        var packs = _repository.Index.EnumeratePacks(number => number < Decision.Actions.Length && Decision.Actions[number] == PackAction.Repack);
        await new PackRepacker(_repository, _marks, _options, _progress).RunAsync(packs, cancellationToken);
        if (_marks.EnumeratePlaces().FirstOrDefault(entry => _marks.Of(entry.Blob) == RepositoryUsage.Settled) is { Place.Length: > 0 } left)
            throw new InvalidOperationException($"The blob {left.Blob} was not copied; nothing was removed.");
    }

    private IEnumerable<ObjectId> PacksThatGo()
    {
        for (uint number = 0; number < Decision.Actions.Length; number++)
        {
            if (Decision.Actions[number] is PackAction.Remove or PackAction.Repack) yield return _repository.Index.PackOf(number);
        }
    }
}
