using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Checking;

/// <content>The packs: what the index says of them, and what is in them.</content>
internal sealed partial class RepositoryCheck
{
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Dictionary<ObjectId, long> _wrongSizes = [];

    /// <summary>Compares the packs that are there with those the index names and answers those of a wrong size.</summary>
    private HashSet<ObjectId> ComparePacks()
    {
        var suspects = _survey.Conflicts.Select(conflict => conflict.Pack).ToHashSet();
        int named = 0;
        foreach (var (pack, blobs) in _repository.Index.EnumeratePacks())
        {
            named++;
            long expected = BlobIndex.PackSizeOf(blobs);
            if (!_packs.TryGetValue(pack, out long size))
            {
                named--;
                _problems.AddPack(BackupErrors.PackMissing(pack, blobs.Length), pack, blobs);
            }
            // Contradicting index files add up to a size that says nothing.
            else if (size != expected && !suspects.Contains(pack))
            {
                _wrongSizes.Add(pack, expected);
                suspects.Add(pack);
            }
        }

        _unreferenced = _packs.Count - named;
        if (_unreferenced > 0)
        {
            long size = _packs.Where(pack => !_repository.Index.ContainsPack(pack.Key)).Sum(pack => pack.Value);
            _hints.Add($"{_unreferenced} packs ({ByteSize.Format(size)}) are in no index: a backup is writing them now, or an interrupted one left them. They take room and do no harm.");
        }

        return suspects;
    }

    /// <summary>Reads the chosen packs and those that something is wrong with, to tell precisely what is lost.</summary>
    private async Task<(double Share, double? Rolling)> ReadPacksAsync(HashSet<ObjectId> suspects, RollingState? rolling, CancellationToken cancellationToken)
    {
        var named = _packs.Where(pack => _repository.Index.ContainsPack(pack.Key)).Select(pack => new StoredFile(pack.Key, pack.Value)).OrderBy(pack => pack.Id).ToList();
        var chosen = _options.ReadData?.Select(named, _options.Random, rolling).Select(pack => pack.Id).ToHashSet() ?? [];
        foreach (var pack in named.Where(pack => !chosen.Contains(pack.Id))) _evidence.Add("pack", pack.Id, $"size {pack.Size}");

        var toRead = new HashSet<ObjectId>(chosen.Union(suspects.Where(_packs.ContainsKey)));
        _progress.ExpectBytes(toRead.Sum(pack => _packs[pack]));
        var now = _repository.TimeProvider.GetUtcNow();
        using (var packs = _repository.Index.EnumeratePacks().Where(pack => toRead.Contains(pack.Pack)).GetEnumerator())
        {
            var workers = Enumerable.Range(0, Math.Min(_workers, toRead.Count))
                .Select(_ => Task.Run(() => ReadPacksAsync(packs, chosen, rolling, now, cancellationToken), cancellationToken));
            await Task.WhenAll(workers);
        }

        rolling?.Save(named, _activity);
        long all = named.Sum(pack => pack.Size), read = named.Where(pack => chosen.Contains(pack.Id)).Sum(pack => pack.Size);
        return (_options.ReadData is null ? 0 : all == 0 ? 1 : (double)read / all, rolling?.GetCoverage(named));
    }

    private async Task ReadPacksAsync(
        IEnumerator<(ObjectId Pack, PackedBlob[] Blobs)> packs, HashSet<ObjectId> chosen, RollingState? rolling, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var verifier = new PackVerifier(_repository);
        while (true)
        {
            ObjectId pack;
            PackedBlob[] blobs;
            await _reading.WaitAsync(cancellationToken);
            try
            {
                if (!packs.MoveNext()) return;
                (pack, blobs) = packs.Current;
            }
            finally
            {
                _reading.Release();
            }

            var findings = await verifier.VerifyAsync(pack, _packs[pack], blobs, _progress.AddBytes, cancellationToken);
            Tell(pack, findings, chosen.Contains(pack), rolling, now);
        }
    }

    private void Tell(ObjectId pack, PackFindings findings, bool chosen, RollingState? rolling, DateTimeOffset now)
    {
        var error = _wrongSizes.TryGetValue(pack, out long expected)
            ? BackupErrors.PackWrongSize(pack, expected, _packs[pack])
            : findings.ToError(pack);
        if (error is not null) _problems.AddPack(error, pack, findings.Lost);
        if (!chosen) return;

        Interlocked.Increment(ref _packsRead);
        Interlocked.Add(ref _blobsRead, findings.Good.Count);
        _evidence.Add("pack", pack, $"sha256 {findings.Hash?.ToString() ?? "unreadable"}");
        if (rolling is null) return;
        lock (rolling)
        {
            // A damaged pack stays the first to be read until it is repaired.
            if (error is null) rolling.SetTime(pack, now);
            else rolling.Forget(pack);
        }
    }
}
