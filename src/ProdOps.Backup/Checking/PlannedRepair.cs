using ProdOps.Backup.Pruning;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Checking;

/// <summary>A repair that is planned, and then carried out in an order in which every moment leaves no less than there was.</summary>
internal sealed class PlannedRepair(Repository repository, RepairOptions options, IActivity activity) : IAsyncDisposable
{
    private readonly List<BackupRepairStep> _steps = [];
    private readonly StorageDeletion _deletion = new(repository.Storage, activity);
    private readonly Dictionary<ObjectId, IReadOnlyList<PackedBlob>> _kept = [], _indexed = [], _salvaged = [];
    private readonly HashSet<ObjectId> _changed = [], _replaced = [];
    private readonly HashSet<BlobHandle> _wanted = [];
    private readonly Dictionary<BlobHandle, uint> _lengths = [];
    private readonly List<ObjectId> _rewritten = [];
    private readonly List<FileHandle> _damaged = [];
    private readonly List<ObjectId> _emptyLocks = [];
    private List<(ObjectId Id, string Reason)> _damagedKeys = [];
    private PlannedSnapshots? _snapshots;
    private bool _applied;

    /// <summary>The exclusive lock that is held until this is disposed.</summary>
    public RepositoryLock? Lock { get; set; }

    public bool IsEmpty => !ChangesIndex && _snapshots?.IsEmpty != false && !RemovesKeys && _emptyLocks.Count == 0;

    /// <summary>The packs of listings that could not be read although nothing else speaks against them.</summary>
    public IReadOnlyCollection<ObjectId> SuspectPacks => _snapshots?.SuspectPacks ?? [];

    private bool ChangesIndex => _indexed.Count > 0 || _salvaged.Count > 0 || _replaced.Count > 0;

    private bool RemovesKeys => options.Forget && _damagedKeys.Count > 0;

    /// <summary>What is to be done or, after <see cref="ApplyAsync"/>, was done.</summary>
    public BackupRepairPlan ToModel()
    {
        var have = PacksAfter.SelectMany(pack => pack.Value).Select(blob => blob.Blob).ToHashSet();
        var keys = _damagedKeys.Select(key => new BackupRepairStep
        {
            Action = options.Forget ? BackupRepairAction.RemoveKey : BackupRepairAction.Leave, Item = key.Id.ToString(), Reason = key.Reason,
        });
        return new BackupRepairPlan
        {
            Repository = repository.Location,
            Steps = _steps.Concat(_snapshots?.ToSteps() ?? []).Concat(keys).OrderBy(step => step.Action).ThenBy(step => step.Item, StringComparer.Ordinal).ToArray(),
            BlobsFound = _indexed.Values.Sum(blobs => blobs.Count(blob => !_wanted.Contains(blob.Blob))),
            BlobsSalvaged = _salvaged.Values.Sum(blobs => blobs.Count),
            BlobsLost = _wanted.Count(blob => !have.Contains(blob)),
            BytesToWrite = _salvaged.Values.SelectMany(blobs => blobs).Sum(blob => blob.StoredSize),
            Losses = _snapshots?.Losses ?? [],
            ItemsLost = _snapshots?.LossCount ?? 0,
            Applied = _applied,
        };
    }

    /// <summary>
    /// New packs, then new index files, then the old index files go, then the damaged packs; then new listings and snapshots, and last the old snapshots and dead keys go.
    /// Interrupted anywhere, it can be planned and done again.
    /// </summary>
    public async Task<BackupRepairPlan> ApplyAsync(CancellationToken cancellationToken)
    {
        if (_applied || Lock is null) throw new InvalidOperationException("A repair is applied once, under its lock.");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Lock.Lost);
        // What a copy of the index in memory says is not so any more.
        repository.UnloadIndex();
        // A place that only lets add would be left half repaired.
        if (_replaced.Count > 0 || _salvaged.Count > 0 || options.Forget) await _deletion.ProbeAsync(stop.Token);
        await QuarantineAsync(stop.Token);
        var salvaged = await new PackSalvage(repository, activity).CopyAsync(_salvaged, stop.Token);
        await WriteIndexesAsync([.. _rewritten.Select(pack => KeyValuePair.Create(pack, _kept[pack])), .. _indexed, .. salvaged], stop.Token);
        await Lock.ConfirmAsync(stop.Token);
        foreach (var file in _replaced) await DeleteAsync(new FileHandle(FileKind.Index, file), stop.Token);
        foreach (var pack in _salvaged.Keys) await DeleteAsync(new FileHandle(FileKind.Pack, pack), stop.Token);
        if (_snapshots?.IsEmpty == false)
        {
            await repository.LoadIndexAsync(activity, stop.Token);
            await _snapshots.ApplyAsync(_deletion, stop.Token);
            repository.UnloadIndex();
        }

        if (RemovesKeys)
        {
            foreach (var key in _damagedKeys) await DeleteAsync(new FileHandle(FileKind.Key, key.Id), stop.Token);
        }

        foreach (var file in _emptyLocks) await DeleteAsync(new FileHandle(FileKind.Lock, file), stop.Token);
        _applied = true;
        return ToModel();
    }

    /// <summary>Finds out what the snapshots lose, if anything is known to be lost or snapshots are to be written anew; that reads every folder's listing.</summary>
    internal async Task LookForLossesAsync(CancellationToken cancellationToken)
    {
        _damagedKeys = await DamagedKeys.FindAsync(repository, cancellationToken);
        await foreach (var file in repository.Storage.ListAsync(FileKind.Lock, cancellationToken))
        {
            if (file.Size > 0) continue;
            _emptyLocks.Add(file.Id);
            AddStep(BackupRepairAction.RemoveLock, file.Id, "it is empty: writing it was cut off, and it locks nothing");
        }

        var have = PacksAfter.SelectMany(pack => pack.Value).Select(blob => blob.Blob).ToHashSet();
        if (!options.RewriteSnapshots && _wanted.IsSubsetOf(have)) return;
        var index = new BlobIndex();
        foreach (var (pack, blobs) in PacksAfter) index.Add(pack, [.. blobs]);
        repository.UseIndex(index);
        _snapshots = await PlannedSnapshots.PlanAsync(repository, options, _lengths, activity, cancellationToken);
        repository.UnloadIndex();
    }

    public ValueTask DisposeAsync() => Lock?.DisposeAsync() ?? default;

    /// <summary>The pack is as the index says.</summary>
    internal void Keep(ObjectId pack, IReadOnlyList<PackedBlob> blobs) => _kept.Add(pack, blobs);

    /// <summary>The pack is missing.</summary>
    internal void Forget(ObjectId pack, IReadOnlyList<PackedBlob> indexed)
    {
        Want(pack, indexed);
        AddStep(BackupRepairAction.ForgetPack, pack, $"it is missing; {indexed.Count} blobs were in it");
    }

    /// <summary>The pack is sound, and the index is wrong about it.</summary>
    internal void Index(ObjectId pack, IReadOnlyList<PackedBlob> found, IReadOnlyList<PackedBlob> indexed, string reason)
    {
        Want(pack, indexed);
        _indexed.Add(pack, found);
        AddStep(BackupRepairAction.IndexPack, pack, reason);
    }

    /// <summary>The pack is damaged; some blobs are good.</summary>
    internal void Salvage(ObjectId pack, IReadOnlyList<PackedBlob> good, IReadOnlyList<PackedBlob> indexed, string reason)
    {
        Want(pack, indexed);
        _salvaged.Add(pack, good);
        AddStep(BackupRepairAction.SalvagePack, pack, $"{reason}; {good.Count} blobs are good");
    }

    internal void Leave(ObjectId pack, string reason) => AddStep(BackupRepairAction.Leave, pack, reason);

    /// <summary>The index file is damaged.</summary>
    internal void GiveUpIndex(ObjectId file, string reason)
    {
        _damaged.Add(new FileHandle(FileKind.Index, file));
        ReplaceIndex(file, reason);
    }

    internal void ReplaceIndex(ObjectId file, string reason)
    {
        if (_replaced.Add(file)) AddStep(BackupRepairAction.ReplaceIndex, file, reason);
    }

    /// <summary>Decides which index files are replaced: those that name a pack which changes. What else they name is written again.</summary>
    internal void Complete(IndexSurvey survey)
    {
        foreach (var pack in _changed)
        {
            foreach (var file in survey.FilesOf(pack)) ReplaceIndex(file, $"it names the pack {pack.ToShortString()}");
        }

        _rewritten.AddRange(_kept.Keys.Where(pack => survey.FilesOf(pack).All(_replaced.Contains)).Order());
        // What another pack holds need not be copied; of two damaged ones, once will do.
        var have = _kept.Values.Concat(_indexed.Values).SelectMany(blobs => blobs).Select(blob => blob.Blob).ToHashSet();
        foreach (var pack in _salvaged.Keys.Order().ToList()) _salvaged[pack] = [.. _salvaged[pack].Where(blob => have.Add(blob.Blob))];
    }

    /// <summary>Every blob that is left, where it can be read now.</summary>
    private IEnumerable<KeyValuePair<ObjectId, IReadOnlyList<PackedBlob>>> PacksAfter => _kept.Concat(_indexed).Concat(_salvaged);

    private void Want(ObjectId pack, IReadOnlyList<PackedBlob> indexed)
    {
        _changed.Add(pack);
        foreach (var blob in indexed)
        {
            _wanted.Add(blob.Blob);
            _lengths[blob.Blob] = blob.In(pack).PlaintextLength;
        }
    }

    private void AddStep(BackupRepairAction action, ObjectId item, string reason) =>
        _steps.Add(new BackupRepairStep { Action = action, Item = item.ToString(), Reason = reason });

    private async Task WriteIndexesAsync(IReadOnlyCollection<KeyValuePair<ObjectId, IReadOnlyList<PackedBlob>>> packs, CancellationToken cancellationToken)
    {
        var file = new List<KeyValuePair<ObjectId, PackedBlob[]>>();
        int blobs = 0;
        foreach (var (pack, entries) in packs)
        {
            file.Add(new(pack, [.. entries]));
            blobs += entries.Count;
            if (blobs < IndexFile.UsualBlobs) continue;
            await WriteAsync();
        }

        if (file.Count > 0) await WriteAsync();

        async Task WriteAsync()
        {
            var id = await repository.WriteIndexAsync(file, cancellationToken);
            activity.Verbose($"Wrote the index file {id.ToShortString()}: {blobs} blobs in {file.Count} packs.");
            // Ciphertext is never twice the same, so this cannot be one of those that go.
            file.Clear();
            blobs = 0;
        }
    }

    private async Task QuarantineAsync(CancellationToken cancellationToken)
    {
        if (options.QuarantineFolder is not { } folder) return;
        FileHandle[] files =
        [
            .. _salvaged.Keys.Select(pack => new FileHandle(FileKind.Pack, pack)), .. _damaged,
            .. (_snapshots?.IsEmpty == false ? _snapshots.DamagedFiles : []).Select(id => new FileHandle(FileKind.Snapshot, id)),
            .. (RemovesKeys ? _damagedKeys : []).Select(key => new FileHandle(FileKind.Key, key.Id)),
        ];
        if (files.Length > 0) await new Quarantine(repository.Storage, folder).AddAsync(files, cancellationToken);
    }

    private async Task DeleteAsync(FileHandle file, CancellationToken cancellationToken)
    {
        await _deletion.DeleteAsync(file, cancellationToken);
        activity.Verbose($"Removed the {file.Kind} {file.Id}.");
    }
}
