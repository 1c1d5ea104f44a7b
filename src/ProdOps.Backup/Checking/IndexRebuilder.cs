using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Finds out how an index must change to tell the truth about the packs: what is missing is forgotten, what is unknown or of a wrong size is
/// indexed as its own header tells it, and of damaged packs the blobs that still prove right are copied out. Nothing is changed here.
/// </summary>
internal sealed class IndexRebuilder
{
    private readonly Repository _repository;
    private readonly RepairOptions _options;
    private readonly IActivity _activity;
    private readonly BlobIndex _index = new();
    private readonly IndexSurvey _survey = new();
    private readonly PlannedRepair _plan;
    private readonly Dictionary<ObjectId, long> _packs = [];

    private IndexRebuilder(Repository repository, RepairOptions options, IActivity activity)
    {
        _repository = repository;
        _options = options;
        _activity = activity;
        _plan = new PlannedRepair(repository, options, activity);
    }

    /// <summary>
    /// Locks a repository for itself alone and plans its repair. The lock is held until the plan is disposed, so that what was planned is still so
    /// when <see cref="PlannedRepair.ApplyAsync"/> does it.
    /// </summary>
    public static async Task<PlannedRepair> PlanAsync(Repository repository, RepairOptions options, IActivity activity, CancellationToken cancellationToken)
    {
        var held = await RepositoryLock.AcquireAsync(repository, exclusive: true, options.RetryLock, activity, cancellationToken);
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
            var plan = await PlanOnceAsync(repository, options, activity, stop.Token);
            // A listing that cannot be read gives its pack away, whatever else is good in it.
            if (plan.SuspectPacks.Except(options.DamagedPacks).Any())
                plan = await PlanOnceAsync(repository, options with { DamagedPacks = [.. options.DamagedPacks.Union(plan.SuspectPacks)] }, activity, stop.Token);
            plan.Lock = held;
            return plan;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    private static async Task<PlannedRepair> PlanOnceAsync(Repository repository, RepairOptions options, IActivity activity, CancellationToken cancellationToken)
    {
        var rebuilder = new IndexRebuilder(repository, options, activity);
        await rebuilder.PlanAsync(cancellationToken);
        await rebuilder._plan.LookForLossesAsync(cancellationToken);
        return rebuilder._plan;
    }

    private async Task PlanAsync(CancellationToken cancellationToken)
    {
        await foreach (var pack in _repository.Storage.ListAsync(FileKind.Pack, cancellationToken)) _packs[pack.Id] = pack.Size;
        await ReadIndexesAsync(cancellationToken);

        using var verifier = new PackVerifier(_repository);
        var damaged = _options.DamagedPacks.ToHashSet();
        var conflicting = _survey.Conflicts.Select(conflict => conflict.Pack).ToHashSet();
        foreach (var (pack, blobs) in _index.EnumeratePacks())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!_packs.TryGetValue(pack, out long size)) _plan.Forget(pack, blobs);
            else if (damaged.Contains(pack)) await SalvageAsync(verifier, pack, size, blobs, "a test found it damaged", cancellationToken);
            else if (conflicting.Contains(pack)) await ExamineAsync(verifier, pack, size, blobs, "index files contradict each other about it", cancellationToken);
            else if (size != BlobIndex.PackSizeOf(blobs)) await ExamineAsync(verifier, pack, size, blobs, $"its {size} bytes are not what the index says", cancellationToken);
            else if (_options.ReadData && !(await verifier.VerifyAsync(pack, size, blobs, null, cancellationToken)).IsSound)
                await ExamineAsync(verifier, pack, size, blobs, "reading it showed damage", cancellationToken);
            else _plan.Keep(pack, blobs);
        }

        foreach (var (pack, size) in _packs.Where(pack => !_index.ContainsPack(pack.Key)).OrderBy(pack => pack.Key))
            await ExamineAsync(verifier, pack, size, [], "no index names it", cancellationToken);
        _plan.Complete(_survey);
    }

    private async Task ReadIndexesAsync(CancellationToken cancellationToken)
    {
        await foreach (var file in _repository.Storage.ListAsync(FileKind.Index, cancellationToken))
        {
            try
            {
                await _repository.ReadIndexAsync(file.Id, _survey.Watch(file.Id, _index), cancellationToken);
            }
            catch (ProdOpsException error) when (error.Kind == ErrorKind.InvalidData)
            {
                // Only what is certainly worthless is given up: a file that could not be read this time ends the repair instead.
                _plan.GiveUpIndex(file.Id, error.Message);
                _activity.Verbose(error.Message);
            }
        }
    }

    /// <summary>
    /// Takes the header of a pack that no index names for the truth about it: its seal and its size prove as much as an index does, and reading it costs a thousandth of
    /// reading the pack. A pack that an index says something else of may be another one under its name, so it is read whole. Without a header that can be read, what
    /// proves right by the index is saved.
    /// </summary>
    private async Task ExamineAsync(
        PackVerifier verifier, ObjectId pack, long size, IReadOnlyList<PackedBlob> indexed, string reason, CancellationToken cancellationToken)
    {
        // A pack whose blobs are all known may lie here under a wrong name; as nothing hurries, it is read whole as well.
        if (!_options.ReadData && indexed.Count == 0 && !_options.DamagedPacks.Contains(pack) && await TryReadHeaderAsync(pack, size, cancellationToken) is { } header
            && header.Exists(blob => !_index.Contains(blob.Blob)))
        {
            _plan.Index(pack, header, indexed, reason);
            return;
        }

        var findings = await verifier.VerifyAsync(pack, size, indexed, null, cancellationToken);
        if (findings.ReadError is not null) throw findings.ToError(pack)!;
        if (findings.Damage.Count == 0) _plan.Index(pack, findings.Good, indexed, reason);
        else Salvage(pack, findings, indexed, $"{reason}, and {findings.Damage[0]}");
    }

    private async ValueTask<List<PackedBlob>?> TryReadHeaderAsync(ObjectId pack, long size, CancellationToken cancellationToken)
    {
        try
        {
            return await PackReader.ReadHeaderAsync(_repository.Storage, _repository.Key, pack, size, cancellationToken);
        }
        catch (ProdOpsException error) when (error.Kind == ErrorKind.InvalidData)
        {
            return null;
        }
    }

    private async Task SalvageAsync(
        PackVerifier verifier, ObjectId pack, long size, IReadOnlyList<PackedBlob> indexed, string reason, CancellationToken cancellationToken)
    {
        var findings = await verifier.VerifyAsync(pack, size, indexed, null, cancellationToken);
        if (findings.IsSound)
        {
            _activity.Verbose($"The pack {pack} was said to be damaged and is sound.");
            _plan.Keep(pack, indexed);
        }
        else if (findings.Damage.Count == 0 && findings.ReadError is null)
        {
            _plan.Index(pack, findings.Good, indexed, findings.Mismatches[0]);
        }
        else
        {
            Salvage(pack, findings, indexed, reason);
        }
    }

    private void Salvage(ObjectId pack, PackFindings findings, IReadOnlyList<PackedBlob> indexed, string reason)
    {
        // Without a header, an index or a good blob nothing tells what it was: not ours to throw away.
        if (findings.Good.Count == 0 && indexed.Count == 0) _plan.Leave(pack, reason);
        else _plan.Salvage(pack, findings.Good, indexed, reason);
    }
}
