using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using ProdOps.Backup.Chunking;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Copying;

/// <summary>
/// Copies snapshots from one repository to another: what the target lacks, proved and sealed under its key. Blobs go first, then the index that names them,
/// then the snapshots: a copy that is cut leaves nothing that looks whole and is not, and the next one goes on from what was stored.
/// </summary>
internal sealed class CopyRun
{
    private readonly Repository _source;
    private readonly Repository _target;
    private readonly CopyRequest _request;
    private readonly IActivity _activity;
    private readonly CopyDamage _damage;
    private readonly HashSet<ObjectId> _visited = [];
    private readonly int _workers;
    private long _bytesDone;

    private CopyRun(Repository source, Repository target, CopyRequest request, IActivity activity)
    {
        (_source, _target, _request, _activity) = (source, target, request, activity);
        _damage = new CopyDamage(source);
        _workers = request.Workers > 0 ? request.Workers : Math.Max(Environment.ProcessorCount, source.Storage.Connections);
    }

    /// <summary>Copies; each snapshot is told once it is in the target, whole. One that cannot be is an error of its own.</summary>
    /// <param name="source">Where from. Its index must be loaded, and a lock held on it.</param>
    /// <param name="target">Where to. It is locked, and its index loaded.</param>
    /// <param name="request">What.</param>
    /// <param name="activity">Hears of progress, and of what fails for one snapshot.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async IAsyncEnumerable<BackupCopy> RunAsync(
        Repository source, Repository target, CopyRequest request, IActivity activity, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (source.Config.Id == target.Config.Id) throw BackupErrors.CopySameRepository(target.Location);
        if (source.Config.Polynomial != target.Config.Polynomial)
        {
            activity.Warning(
                $"'{target.Location}' cuts files at other places than '{source.Location}' ({ChunkerPolynomial.ToHex(target.Config.Polynomial)}, {ChunkerPolynomial.ToHex(source.Config.Polynomial)}): "
                + "copies share no pieces with backups made there directly. Initialize-BackupRepository -CopyChunkerParametersFrom makes one that does.");
        }

        await using var held = request.DryRun ? null : await RepositoryLock.AcquireAsync(target, exclusive: false, request.RetryLock, activity, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held?.Lost ?? default);
        var run = new CopyRun(source, target, request, activity);
        await using var copies = run.CopyAllAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        while (await NextAsync()) yield return copies.Current;

        async Task<bool> NextAsync()
        {
            try
            {
                return await copies.MoveNextAsync();
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && held is not null)
            {
                held.ThrowIfLost();
                throw;
            }
        }
    }

    private async IAsyncEnumerable<BackupCopy> CopyAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Snapshots before the index, so that every blob they name is in the index that is loaded after.
        var twins = new SnapshotTwins(await _target.ListSnapshotsAsync(_activity, cancellationToken));
        await _target.LoadIndexAsync(_activity, cancellationToken);
        var wanted = new Queue<SnapshotFile>(_request.Snapshots.Where(snapshot => IsNew(twins, snapshot)).OrderBy(snapshot => snapshot.Time).ThenBy(snapshot => snapshot.Id));
        try
        {
            while (wanted.Count > 0)
            {
                var batch = new CopyBatch(_source, _target, _visited, _damage);
                while (wanted.Count > 0 && batch.Bytes < _request.BatchBytes) await batch.AddAsync(wanted.Dequeue(), _workers, cancellationToken);
                if (!_request.DryRun) await TransferAsync(batch, cancellationToken);
                await foreach (var copy in FinishAsync(batch, cancellationToken)) yield return copy;
            }
        }
        finally
        {
            // After a dry run, damage or a cut it holds claims that nothing was stored for.
            _target.UnloadIndex();
            _activity.Progress(new ActivityProgress(Title, "Done", Completed: true));
        }
    }

    private string Title => $"Copying backups to {_target.Location}";

    private bool IsNew(SnapshotTwins twins, SnapshotFile snapshot)
    {
        if (twins.Find(snapshot) is not { } twin) return true;
        _activity.Verbose($"Snapshot {snapshot.Id.ToShortString()} is in '{_target.Location}' already, as {twin.Id.ToShortString()}.");
        return false;
    }

    private async Task TransferAsync(CopyBatch batch, CancellationToken cancellationToken)
    {
        await using var writer = _target.BeginWriting(_request.Writing, cancellationToken);
        var ranges = new ConcurrentQueue<PackRange>(batch.Packs.SelectMany(pack => PackRange.Of(pack.Key, pack.Value)));
        long total = _bytesDone + batch.Bytes;
        // When one worker fails, the others need not go on.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, Math.Min(_workers, ranges.Count)).Select(_ => Task.Run(() => WorkAsync(writer, ranges, total, stop), CancellationToken.None)));
        await writer.FlushAsync(cancellationToken);
    }

    private async Task WorkAsync(BlobWriter writer, ConcurrentQueue<PackRange> ranges, long total, CancellationTokenSource stop)
    {
        try
        {
            using var transfer = new BlobTransfer(_source, writer, _damage, _request.Writing.Compression == BackupCompression.Auto && _target.Config.Compresses);
            while (ranges.TryDequeue(out var range))
            {
                await transfer.CopyAsync(range, stop.Token);
                long done = Interlocked.Add(ref _bytesDone, range.Blobs.Sum(blob => (long)blob.Length));
                _activity.Progress(new ActivityProgress(
                    Title, string.Create(CultureInfo.InvariantCulture, $"{ByteSize.Format(done)} of {ByteSize.Format(total)}"), total == 0 ? null : (double)done / total));
            }
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private async IAsyncEnumerable<BackupCopy> FinishAsync(CopyBatch batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var planned in batch.Snapshots)
        {
            if (_damage.Any && await _damage.FindAsync(planned.Snapshot, cancellationToken) is { } failure)
            {
                _activity.Error(failure);
                continue;
            }

            ObjectId? id = _request.DryRun ? null : await _target.WriteSnapshotAsync(SnapshotTwins.Copy(planned.Snapshot), cancellationToken);
            yield return planned.ToModel(id, _source.Location, _target.Location);
        }
    }
}
