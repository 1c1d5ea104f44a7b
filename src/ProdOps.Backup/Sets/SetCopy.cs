using ProdOps.Backup.Copying;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Sets;

/// <summary>Copies a set's new snapshot to another repository, and those before it that a copy missed since the last one that went well.</summary>
internal sealed class SetCopy(BackupSet set, Server server, ISetAccess access, SetActivity activity, TimeProvider time)
{
    /// <summary>Copies; what goes wrong is a problem of the set, whose snapshot is good all the same.</summary>
    /// <returns>Whether the snapshot is there.</returns>
    public async Task<bool> RunAsync(Repository repository, BackupSnapshot snapshot, string name, CancellationToken cancellationToken)
    {
        try
        {
            var opened = await access.OpenRepositoryAsync(name, cancellationToken);
            await using var source = repository.OpenBeside();
            await using var target = opened.OpenBeside();
            return await LockedWork.RunAsync(source, exclusive: false, set.RetryLock, activity, (_, token) => CopyAsync(source, target, snapshot, token), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            activity.Add($"It was not copied to '{name}': {exception.Message}");
            return false;
        }
    }

    private async Task<bool> CopyAsync(Repository source, Repository target, BackupSnapshot snapshot, CancellationToken cancellationToken)
    {
        var (series, now) = (new SetSeries(set, server), time.GetUtcNow());
        var newest = series.Of(await target.ListSnapshotsAsync(activity, cancellationToken), now).LastOrDefault();
        var here = await source.ListSnapshotsAsync(activity, cancellationToken);
        var id = ObjectId.Parse(snapshot.Id);
        var missed = newest is null ? [] : series.Of(here, now).Where(other => other.Time.CompareTo(newest.Time) > 0);
        SnapshotFile[] wanted = [.. missed.Concat(here.Where(other => other.Id == id)).DistinctBy(other => other.Id)];
        await source.LoadIndexAsync(activity, cancellationToken);
        var request = new CopyRequest { Snapshots = wanted, RetryLock = set.RetryLock };
        bool copied = false;
        await foreach (var copy in CopyRun.RunAsync(source, target, request with { Writing = request.Writing with { Compression = set.Compression } }, activity, cancellationToken))
            copied |= copy.SourceId == snapshot.Id;
        return copied;
    }
}
