using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Pruning;

/// <summary>What becomes of a pack.</summary>
internal enum PackAction : byte
{
    /// <summary>It is not in the repository. If nothing needs it, the index forgets it.</summary>
    Missing,
    Keep,
    Repack,
    Remove,
}

/// <summary>
/// Decides which packs stay, go, or are written anew, by restic's rules (internal/repository/prune.go, decidePackAction; restic 0.18 and later).
/// </summary>
internal sealed class PruneDecision
{
    private const int MinPackSize = 4 << 20, FewSmallPacks = 10;

    private readonly RepositoryUsage _usage;
    private readonly PruneOptions _options;
    private readonly long _targetSize;

    /// <param name="index">The index, for the names of packs.</param>
    /// <param name="usage">What is used of each pack.</param>
    /// <param name="packs">The packs that are there.</param>
    /// <param name="options">The limits.</param>
    /// <param name="version">The repository's format.</param>
    public PruneDecision(BlobIndex index, RepositoryUsage usage, IReadOnlyCollection<StoredFile> packs, PruneOptions options, int version)
    {
        _usage = usage;
        _options = options;
        Actions = new PackAction[usage.Packs.Length];
        _targetSize = FindTargetSize();
        var numbers = new Dictionary<ObjectId, uint>(usage.Packs.Length);
        for (uint number = 0; number < usage.Packs.Length; number++) numbers.Add(index.PackOf(number), number);

        var candidates = new List<uint>();
        var small = new List<uint>();
        foreach (var file in packs)
        {
            if (numbers.TryGetValue(file.Id, out uint number)) Sort(index, number, file.Size, version, candidates, small);
            else Unreferenced.Add(file);
        }

        RefuseMissing(index);
        // Too few to be worth the trouble, and a single one would be written anew every time.
        if (small.Count >= FewSmallPacks) candidates.AddRange(small);
        Choose(candidates, version);
    }

    /// <summary>By the packs' numbers in the index.</summary>
    public PackAction[] Actions { get; }

    /// <summary>Packs that no index names: a killed run left them.</summary>
    public List<StoredFile> Unreferenced { get; } = [];

    public long RemovedBlobs, RemovedSize, RepackedSize, RepackRemovedBlobs, RepackRemovedSize;

    public int Count(PackAction action) => Actions.Count(decided => decided == action);

    private void Sort(BlobIndex index, uint number, long size, int version, List<uint> candidates, List<uint> small)
    {
        ref var pack = ref _usage.Packs[number];
        if (pack.Size != size && pack.UsedBlobs > 0) throw BackupErrors.PruneRefused(BackupErrors.PackWrongSize(index.PackOf(number), pack.Size, size));
        Actions[number] = PackAction.Keep;
        if (pack.UsedBlobs == 0)
        {
            Actions[number] = PackAction.Remove;
            RemovedBlobs += pack.UnusedBlobs;
            RemovedSize += pack.UnusedSize;
        }
        else if (_options.RepackCacheableOnly && pack.IsData)
        {
            return;
        }
        else if (pack.UnusedBlobs == 0 && pack.Type != PackUsage.MixedType && !MustCompress(pack, version))
        {
            if (size < _targetSize) small.Add(number);
        }
        else
        {
            candidates.Add(number);
        }
    }

    private void RefuseMissing(BlobIndex index)
    {
        for (uint number = 0; number < Actions.Length; number++)
        {
            if (Actions[number] != PackAction.Missing) continue;
            ref var pack = ref _usage.Packs[number];
            if (pack.UsedBlobs > 0) throw BackupErrors.PruneRefused(BackupErrors.PackMissing(index.PackOf(number), pack.UsedBlobs + pack.UnusedBlobs));
            RemovedBlobs += pack.UnusedBlobs;
            RemovedSize += pack.UnusedSize;
        }
    }

    private void Choose(List<uint> candidates, int version)
    {
        // Folder listings first, then small packs, then those with the largest unused share; and the same order every time.
        var ordered = candidates
            .OrderBy(number => _usage.Packs[number].IsData)
            .ThenBy(number => _usage.Packs[number].Size >= _targetSize)
            .ThenByDescending(number => (double)_usage.Packs[number].UnusedSize / _usage.Packs[number].UsedSize)
            .ThenBy(number => number);
        long limit = _options.MaxUnused.For(_usage.UsedSize);
        foreach (uint number in ordered)
        {
            ref var pack = ref _usage.Packs[number];
            long unusedLeft = _usage.DuplicateSize + _usage.UnusedSize - RemovedSize - RepackRemovedSize;
            if (RepackedSize + pack.Size >= _options.MaxRepackSize) continue;
            bool isNeeded = !pack.IsData || MustCompress(pack, version) || pack.Size < _targetSize;
            if (!isNeeded && unusedLeft < limit) continue;
            Actions[number] = PackAction.Repack;
            RepackedSize += pack.Size;
            RepackRemovedBlobs += pack.UnusedBlobs;
            RepackRemovedSize += pack.UnusedSize;
        }
    }

    private bool MustCompress(in PackUsage pack, int version) =>
        version >= 2 && pack.HasUncompressed && (pack.Type == (byte)BlobType.Tree || _options.RepackUncompressed);

    /// <summary>Below four fifths of the smallest size that is usual, found where three packs of a hundred are smaller, a pack is small.</summary>
    private long FindTargetSize()
    {
        if (_options.RepackSmall) return _options.PackSize / 5L * 4;
        if (_usage.Packs.Length == 0) return 0;
        long[] sizes = [.. _usage.Packs.Select(pack => pack.Size).Order()];
        return Math.Max(MinPackSize, sizes[sizes.Length * 3 / 100]) * 4 / 5;
    }
}
