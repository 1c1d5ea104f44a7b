using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Copying;

/// <summary>Blobs of the source that cannot be read, and which snapshots need them.</summary>
internal sealed class CopyDamage(Repository source)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BlobHandle, List<int>> _lost = [];
    private readonly List<ProdOpsException> _reasons = [];

    /// <summary>Whether there are any.</summary>
    public bool Any
    {
        get
        {
            lock (_gate) return _lost.Count > 0;
        }
    }

    public void Add(in BlobHandle blob, ProdOpsException reason)
    {
        lock (_gate)
        {
            if (!_lost.TryAdd(blob, [_reasons.Count])) return;
            _reasons.Add(reason);
        }
    }

    /// <summary>Why a snapshot cannot be copied whole, or <see langword="null"/>. Trees are read once more for it, which happens only where there is damage.</summary>
    public async Task<ProdOpsException?> FindAsync(SnapshotFile snapshot, CancellationToken cancellationToken)
    {
        var affected = await new LossFinder(source, _lost, maxPaths: 3).FindAsync([snapshot], cancellationToken);
        if (affected.Count == 0) return null;
        var (number, paths) = affected.MinBy(found => found.Key);
        return BackupErrors.CopyIncomplete(snapshot, source.Location, string.Join(", ", paths.Select(path => path[(path.IndexOf(':', StringComparison.Ordinal) + 1)..])), _reasons[number]);
    }
}
