using ProdOps.Backup.Crypto;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Tests a repository: that every index and snapshot can be read, that every pack the index names is there with the right size, that every folder of every
/// snapshot can be read and names only what the index knows, and, as far as asked for, every byte of the packs. What is wrong is told with the paths
/// that are lost by it.
/// </summary>
/// <remarks>
/// restic's check takes an exclusive lock, so nobody can back up while it runs, for hours on a large repository. A shared one is enough: it keeps out
/// whoever removes (prune, forget), and whoever adds can be told apart, since a backup stores packs, then the index that names them, then the
/// snapshot. So what is listed first is what is stored last: a snapshot in the list has its index stored before, an index in the list its packs.
/// What appears after its listing is not looked at; a pack that no listed index names is a hint, not a problem.
/// </remarks>
internal sealed partial class RepositoryCheck : IDisposable
{
    private readonly Repository _repository;
    private readonly CheckOptions _options;
    private readonly IActivity _activity;
    private readonly CheckProblems _problems = new();
    private readonly CheckEvidence _evidence = new();
    private readonly CheckProgress _progress;
    private readonly IndexSurvey _survey = new();
    private readonly List<string> _hints = [];
    private readonly int _workers;
    private List<SnapshotFile> _snapshots = [];
    private Dictionary<ObjectId, long> _packs = [];
    private int _unreferenced;
    private long _packsRead, _blobsRead;

    private RepositoryCheck(Repository repository, CheckOptions options, IActivity activity)
    {
        _repository = repository;
        _options = options;
        _activity = activity;
        _progress = new CheckProgress(activity, $"Testing {repository.Location}", repository.TimeProvider);
        _workers = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;
    }

    /// <summary>Tests a repository. What is wrong with it is in the result; only what keeps the test from being made is thrown.</summary>
    public static async Task<BackupTestResult> RunAsync(
        Repository repository, CheckOptions options, IActivity activity, CancellationToken cancellationToken)
    {
        await using var held = options.NoLock
            ? null
            : await RepositoryLock.AcquireAsync(repository, exclusive: false, options.RetryLock, activity, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held?.Lost ?? default);
        using var check = new RepositoryCheck(repository, options, activity);
        try
        {
            return await check.RunAsync(stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            held?.ThrowIfLost();
            throw;
        }
    }

    public void Dispose() => _reading.Dispose();

    private async Task<BackupTestResult> RunAsync(CancellationToken cancellationToken)
    {
        var time = _repository.TimeProvider;
        var started = time.GetLocalNow();
        long timestamp = time.GetTimestamp();
        var rolling = LoadRollingState();

        await LoadAsync(cancellationToken);
        var suspects = ComparePacks();
        suspects.UnionWith(await WalkTreesAsync(cancellationToken));
        var coverage = await ReadPacksAsync(suspects, rolling, cancellationToken);
        TellUnreadableTrees();
        var problems = _problems.ToModel(await FindAffectedAsync(cancellationToken));
        _evidence.Add(problems);
        _progress.Complete();

        return new BackupTestResult
        {
            Kind = _options.ReadData is null ? BackupTestKind.Structure : BackupTestKind.ReadData,
            Repository = _repository.Location,
            SnapshotId = _options.Snapshots is { Count: 1 } ? _options.Snapshots.Single().ToString() : null,
            Time = started,
            Duration = time.GetElapsedTime(timestamp),
            SnapshotsTested = _snapshots.Count,
            PacksTested = _options.ReadData is null ? _packs.Count : _packsRead,
            BlobsTested = _options.ReadData is null ? _repository.Index.Count : _blobsRead,
            BytesRead = _progress.BytesRead,
            Coverage = coverage.Share,
            RollingCoverage = coverage.Rolling,
            Problems = problems,
            Hints = _hints,
            Anomalies = await FindAnomaliesAsync(cancellationToken),
            EvidenceHash = _evidence.ToHash(),
        };
    }

    private RollingState? LoadRollingState()
    {
        if (_options.ReadData is not PackSubset.Rolling) return null;
        string folder = _options.StateFolder ?? RollingState.DefaultFolder ?? throw BackupErrors.NoStateFolder();
        return RollingState.Load(folder, _repository.Config.Id.ToString(), _activity);
    }

    /// <summary>Lists snapshots, then index files, then packs: the order in which nothing that a backup adds meanwhile can look like damage.</summary>
    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var storage = _repository.Storage;
        var snapshots = await storage.ListAsync(FileKind.Snapshot, cancellationToken).ToListAsync(cancellationToken);
        await _repository.LoadIndexAsync(_activity, cancellationToken, _problems.Add, _survey.Watch);
        await foreach (var pack in storage.ListAsync(FileKind.Pack, cancellationToken)) _packs[pack.Id] = pack.Size;

        foreach (var file in _survey.Files) _evidence.Add("index", file);
        foreach (var (pack, files) in _survey.Conflicts) _problems.Add(BackupErrors.IndexConflict(pack, files));
        foreach (var (pack, files) in _survey.Duplicates) _hints.Add($"{files.Count} index files name the pack {pack.ToShortString()} alike; once would do.");
        if (_survey.MixedCount > 0) _hints.Add($"{_survey.MixedCount} packs hold both content and folder listings, as old programs wrote them.");

        await CheckKeysAsync(cancellationToken);
        foreach (var file in snapshots)
        {
            if (_options.Snapshots.Count == 0 || _options.Snapshots.Contains(file.Id)) await ReadSnapshotAsync(file.Id, cancellationToken);
        }
    }

    private async Task CheckKeysAsync(CancellationToken cancellationToken)
    {
        await foreach (var file in _repository.Storage.ListAsync(FileKind.Key, cancellationToken))
        {
            var key = new FileHandle(FileKind.Key, file.Id);
            try
            {
                byte[] json = await _repository.Storage.ReadAllAsync(key, cancellationToken);
                if (ObjectId.Of(json) != file.Id) throw BackupErrors.FileDamaged(key, _repository.Location, "its content does not match its name");
                KeyFile.FromJson(json, file.Id.ToString());
                _evidence.Add("key", file.Id);
            }
            catch (ProdOpsException error)
            {
                _problems.Add(error);
            }
        }
    }

    private async Task ReadSnapshotAsync(ObjectId id, CancellationToken cancellationToken)
    {
        try
        {
            _snapshots.Add(await _repository.ReadSnapshotAsync(id, cancellationToken));
            _evidence.Add("snapshot", id);
        }
        catch (ProdOpsException error)
        {
            _problems.AddSnapshot(error, id);
        }
    }

    /// <summary>A backup is compared with all before it, tested or not.</summary>
    private async Task<IReadOnlyList<BackupAnomaly>> FindAnomaliesAsync(CancellationToken cancellationToken)
    {
        var all = _options.Snapshots.Count == 0 ? _snapshots : await _repository.ListSnapshotsAsync(SilentActivity.Instance, cancellationToken);
        var tested = _snapshots.Select(snapshot => snapshot.Id.ToString()).ToHashSet();
        return new AnomalyReport(_repository.Location).Find(all).Where(anomaly => tested.Contains(anomaly.SnapshotId)).ToArray();
    }

    private async Task<IReadOnlyDictionary<int, IReadOnlyList<string>>> FindAffectedAsync(CancellationToken cancellationToken)
    {
        var lost = _problems.FindLost(_repository.Index);
        if (lost.Count == 0) return new Dictionary<int, IReadOnlyList<string>>();
        _activity.Verbose($"{lost.Count} blobs are lost; finding the paths they belong to.");
        return await new LossFinder(_repository, lost, _options.MaxAffected).FindAsync(_snapshots, cancellationToken);
    }
}
