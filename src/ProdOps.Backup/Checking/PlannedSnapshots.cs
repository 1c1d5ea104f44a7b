using System.Collections.Concurrent;
using System.Text.Json;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Pruning;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Checking;

/// <summary>
/// What becomes of the snapshots when the index tells the truth again: which of them lose what, and, where that is wanted, new ones without what is lost in their place.
/// </summary>
internal sealed class PlannedSnapshots
{
    /// <summary>Marks a snapshot from which something was left out; restic's tag for it.</summary>
    private const string Tag = "repaired";

    private const string RootIsLost = "the listing of its root is lost, and with it all that is below";

    /// <summary>More than anybody reads, and no more than fits into memory.</summary>
    private const int MaxLosses = 100_000;

    private readonly Repository _repository;
    private readonly RepairOptions _options;
    private readonly IReadOnlyDictionary<BlobHandle, uint> _lengths;
    private readonly IActivity _activity;
    private readonly List<SnapshotFile> _sound = [];
    private readonly List<(SnapshotFile Snapshot, bool Whole)> _hurt = [];
    private readonly List<(ObjectId Id, string Reason)> _damaged = [];
    private readonly HashSet<ObjectId> _healed = [];
    private readonly List<BackupLoss> _losses = [];
    private TreeSurvey? _survey;

    private PlannedSnapshots(Repository repository, RepairOptions options, IReadOnlyDictionary<BlobHandle, uint> lengths, IActivity activity)
    {
        _lengths = lengths;
        _repository = repository;
        _options = options;
        _activity = activity;
    }

    /// <summary>What is lost, as far as it is listed.</summary>
    public IReadOnlyList<BackupLoss> Losses => _losses;

    /// <summary>How many items are lost, listed or not.</summary>
    public long LossCount { get; private set; }

    /// <summary>The packs of listings that could not be read, or only by turning a bit back, although they have their right size.</summary>
    public IReadOnlyCollection<ObjectId> SuspectPacks { get; private set; } = [];

    /// <summary>Snapshot files that are damaged and go.</summary>
    public IEnumerable<ObjectId> DamagedFiles => _options.Forget ? _damaged.Select(snapshot => snapshot.Id).Concat(_healed) : [];

    public bool IsEmpty => !_options.RewriteSnapshots || (_hurt.Count == 0 && _damaged.Count == 0)
        || (!_options.Forget && _hurt.All(snapshot => snapshot.Whole || FindTwin(snapshot.Snapshot) is not null));

    /// <summary>Reads the snapshots and their folders by the index that the repository will have.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="options">What is wanted.</param>
    /// <param name="lengths">How long lost blobs were, as far as the index knew.</param>
    /// <param name="activity">Hears of progress.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<PlannedSnapshots> PlanAsync(
        Repository repository, RepairOptions options, IReadOnlyDictionary<BlobHandle, uint> lengths, IActivity activity, CancellationToken cancellationToken)
    {
        var plan = new PlannedSnapshots(repository, options, lengths, activity);
        await plan.PlanAsync(cancellationToken);
        return plan;
    }

    public IEnumerable<BackupRepairStep> ToSteps()
    {
        if (!_options.RewriteSnapshots) yield break;
        foreach (var (snapshot, whole) in _hurt)
        {
            if (whole) yield return Step(_options.Forget ? BackupRepairAction.ForgetSnapshot : BackupRepairAction.Leave, snapshot.Id, RootIsLost);
            else if (FindTwin(snapshot) is { } twin && !_options.Forget) yield return Step(BackupRepairAction.Leave, snapshot.Id, $"{twin.Id.ToShortString()} was made of it without what is lost");
            else if (!_survey!.IsAffected(snapshot.Tree)) yield return Step(BackupRepairAction.RewriteSnapshot, snapshot.Id, "one bit of its file is turned, which is all that is wrong with it");
            else yield return Step(BackupRepairAction.RewriteSnapshot, snapshot.Id, $"written anew without what is lost{(_options.Forget ? ", in its place" : "")}");
        }

        foreach (var (id, reason) in _damaged) yield return Step(_options.Forget ? BackupRepairAction.ForgetSnapshot : BackupRepairAction.Leave, id, reason);
    }

    /// <summary>New listings, their index, new snapshots, and then the old ones go. The index in memory must be the repository's.</summary>
    /// <param name="deletion">Removes.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task ApplyAsync(StorageDeletion deletion, CancellationToken cancellationToken)
    {
        if (IsEmpty) return;
        var trees = new TreeRewriter(_repository, _survey!, new PartialFile(_repository, _lengths));
        await trees.RunAsync(cancellationToken);
        foreach (var (snapshot, whole) in _hurt)
        {
            if (!whole) await RewriteAsync(snapshot, trees[snapshot.Tree], cancellationToken);
        }

        if (!_options.Forget) return;
        foreach (var id in _hurt.Select(snapshot => snapshot.Snapshot.Id).Concat(_damaged.Select(snapshot => snapshot.Id)))
        {
            await deletion.DeleteAsync(new FileHandle(FileKind.Snapshot, id), cancellationToken);
            _activity.Verbose($"Removed the snapshot {id.ToShortString()}.");
        }
    }

    private async Task PlanAsync(CancellationToken cancellationToken)
    {
        var healed = new ConcurrentDictionary<ObjectId, byte>();
        _repository.OnHealed = pack => healed.TryAdd(pack, 0);
        var snapshots = await ReadSnapshotsAsync(cancellationToken);
        var progress = new CheckProgress(_activity, $"Looking for losses in {_repository.Location}", _repository.TimeProvider);
        _survey = await TreeSurvey.RunAsync(_repository, [.. snapshots.Select(snapshot => snapshot.Tree).Distinct()], progress, cancellationToken);
        SuspectPacks = [.. healed.Keys, .. _survey.Unreadable.SelectMany(id => _repository.Index.FindAll(new BlobHandle(BlobType.Tree, id))).Select(location => location.Pack)];
        foreach (var snapshot in snapshots)
        {
            bool whole = _survey.IsUnreadable(snapshot.Tree);
            if (whole || _survey.IsAffected(snapshot.Tree) || _healed.Contains(snapshot.Id)) _hurt.Add((snapshot, whole));
            else _sound.Add(snapshot);
        }

        // The newest first: what is lost of them matters most, if the list has an end.
        foreach (var (snapshot, whole) in _hurt.AsEnumerable().Reverse().Where(hurt => hurt.Whole || _survey.IsAffected(hurt.Snapshot.Tree))) await ListLossesAsync(snapshot, whole, cancellationToken);
        foreach (var (id, reason) in _damaged) Add(new BackupLoss { SnapshotId = id.ToString(), Reason = reason, Repository = _repository.Location });
        progress.Complete();
    }

    private async Task<List<SnapshotFile>> ReadSnapshotsAsync(CancellationToken cancellationToken)
    {
        var snapshots = new List<SnapshotFile>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = _repository.Storage.Connections, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(_repository.Storage.ListAsync(FileKind.Snapshot, cancellationToken), options, async (file, token) =>
        {
            try
            {
                var snapshot = await _repository.ReadSnapshotAsync(file.Id, token);
                lock (snapshots) snapshots.Add(snapshot);
            }
            catch (ProdOpsException error) when (error.Kind == ErrorKind.InvalidData)
            {
                _activity.Verbose(error.Message);
                var snapshot = await TryHealAsync(file, token);
                lock (snapshots)
                {
                    if (snapshot is null) _damaged.Add((file.Id, "the snapshot's file is damaged: what it held is not known"));
                    else snapshots.Add(snapshot);
                    if (snapshot is not null) _healed.Add(file.Id);
                }
            }
        });
        _damaged.Sort((left, right) => left.Id.CompareTo(right.Id));
        return [.. snapshots.OrderBy(snapshot => snapshot.Time).ThenBy(snapshot => snapshot.Id)];
    }

    private async Task<SnapshotFile?> TryHealAsync(StoredFile file, CancellationToken cancellationToken)
    {
        if (file.Size == 0 || await _repository.TryHealUnpackedAsync(new FileHandle(FileKind.Snapshot, file.Id), cancellationToken) is not { } json) return null;
        try
        {
            return SnapshotFile.Parse(json, file.Id);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task ListLossesAsync(SnapshotFile snapshot, bool whole, CancellationToken cancellationToken)
    {
        if (whole)
        {
            Add("/", BackupItemType.Directory, null, null, RootIsLost);
            return;
        }

        var walk = TreeOrder.WalkAsync(
            _repository, snapshot.Tree, "/", entry => _survey!.IsAffected(entry.Node.Subtree!.Value), SilentActivity.Instance, cancellationToken);
        var lost = new List<(string Path, Node Node, (string Reason, long? Bytes, bool IsPartial) Loss)>();
        // Names that could be in the way of what is kept.
        var taken = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var (path, node) in walk)
        {
            if (path.Contains(PartialFile.Suffix, StringComparison.Ordinal)) taken.Add(path);
            if (_survey!.FindLoss(node) is { } loss) lost.Add((path, node, loss));
        }

        foreach (var (path, node, loss) in lost)
        {
            var type = NodeMapper.TypeOf(node.Type);
            string folder = path[..(path.LastIndexOf('/') + 1)];
            string? kept = loss.IsPartial && _options.RewriteSnapshots ? folder + FileNames.Decode(PartialFile.NameOf(node.Name, name => taken.Add(folder + name))) : null;
            Add(path, type, type == BackupItemType.File ? (long)node.Size : null, loss.Bytes, loss.Reason, kept);
        }

        void Add(string path, BackupItemType type, long? size, long? lostBytes, string reason, string? kept = null) => this.Add(new BackupLoss
        {
            SnapshotId = snapshot.Id.ToString(), Time = snapshot.Time.ToDateTimeOffset(), Server = snapshot.HostName,
            Path = path, Type = type, Size = size, LostBytes = lostBytes, Reason = reason, KeptAs = kept, Repository = _repository.Location,
        });
    }

    private async Task RewriteAsync(SnapshotFile snapshot, ObjectId tree, CancellationToken cancellationToken)
    {
        // A run that was cut off between writing and removing, or one that left the old ones, wrote it already.
        if (FindTwin(snapshot, tree) is not null) return;
        bool isAffected = _survey!.IsAffected(snapshot.Tree);
        var (files, bytes) = _survey.CountLeft(snapshot.Tree);
        var id = await _repository.WriteSnapshotAsync(snapshot with
        {
            Tree = tree, Original = snapshot.Id, Tags = !isAffected || snapshot.Tags.Contains(Tag) ? snapshot.Tags : [.. snapshot.Tags, Tag],
            Summary = isAffected && snapshot.Summary is { } summary ? summary with { TotalFilesProcessed = files, TotalBytesProcessed = bytes } : snapshot.Summary,
        }, cancellationToken);
        _activity.Verbose($"Wrote the snapshot {id.ToShortString()} in place of {snapshot.Id.ToShortString()}.");
    }

    /// <summary>A snapshot that was made of this one by an earlier repair.</summary>
    private SnapshotFile? FindTwin(SnapshotFile snapshot, ObjectId? tree = null) => _sound.Find(other =>
        other.Original == snapshot.Id && other.Time.Time == snapshot.Time.Time && (tree is null || other.Tree == tree));

    private void Add(BackupLoss loss)
    {
        LossCount++;
        if (_losses.Count < MaxLosses) _losses.Add(loss);
    }

    private static BackupRepairStep Step(BackupRepairAction action, ObjectId id, string reason) => new() { Action = action, Item = id.ToString(), Reason = reason };
}
