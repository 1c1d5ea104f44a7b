using System.Collections.Concurrent;
using ProdOps.Backup.Pruning;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Retention;

/// <summary>What was removed.</summary>
/// <param name="Decisions">What became of each snapshot.</param>
/// <param name="Prune">The prune that followed, if one was asked for and anything was removed.</param>
internal sealed record RemovalResult(IReadOnlyList<RetentionDecision> Decisions, BackupPrunePlan? Prune);

/// <summary>Removes snapshots and, if asked for, what only they used, under one exclusive lock, as restic's forget does.</summary>
internal sealed class SnapshotRemoval(Repository repository, PruneOptions? prune, TimeSpan retryLock, IActivity activity)
{
    /// <summary>Removes what is decided upon under the lock and was confirmed before: while somebody thinks about the question, nobody is locked out.</summary>
    /// <param name="decide">Decides.</param>
    /// <param name="confirmed">The ids that may be removed.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<RemovalResult> RunAsync(
        Func<CancellationToken, Task<IReadOnlyList<RetentionDecision>>> decide, IReadOnlySet<string> confirmed, CancellationToken cancellationToken) =>
        LockedWork.RunAsync(repository, exclusive: true, retryLock, activity, async (held, token) =>
        {
            var decisions = await decide(token);
            string[] wanted = [.. decisions.Where(decision => decision.Action == RetentionAction.Remove && confirmed.Contains(decision.Id)).Select(decision => decision.Id)];
            var removed = await RemoveAsync(wanted, token);
            RetentionDecision[] told = [.. decisions.Where(decision => decision.Action == RetentionAction.Keep || confirmed.Contains(decision.Id)).Select(decision => WithRemoved(decision, removed))];
            if (prune is null) return new RemovalResult(told, null);
            if (removed.Count == 0 || removed.Count < wanted.Length)
            {
                activity.Verbose(removed.Count == 0 ? "No backup was removed, so nothing is pruned." : "Nothing is pruned, since not all backups could be removed.");
                return new RemovalResult(told, null);
            }

            var plan = await PlannedPrune.PlanAsync(repository, prune, new HashSet<ObjectId>(), activity, token);
            return new RemovalResult(told, await plan.ApplyAsync(held, token));
        }, cancellationToken);

    /// <summary>What a prune would do after that. A shared lock keeps others from pruning meanwhile and nobody from backing up.</summary>
    public Task<BackupPrunePlan> PreviewPruneAsync(IEnumerable<RetentionDecision> decisions, CancellationToken cancellationToken) =>
        LockedWork.RunAsync(repository, exclusive: false, retryLock, activity, async (_, token) =>
        {
            var without = decisions.Where(decision => decision.Action == RetentionAction.Remove).Select(decision => ObjectId.Parse(decision.Id)).ToHashSet();
            return (await PlannedPrune.PlanAsync(repository, prune!, without, activity, token)).ToModel();
        }, cancellationToken);

    private async Task<ConcurrentDictionary<string, bool>> RemoveAsync(string[] ids, CancellationToken cancellationToken)
    {
        var deletion = new StorageDeletion(repository.Storage, activity);
        var removed = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        // The first one alone: a place that refuses to delete refuses it, and nothing was changed.
        foreach (string id in ids.Take(1)) await RemoveAsync(id, cancellationToken);
        var options = new ParallelOptions { MaxDegreeOfParallelism = repository.Storage.Connections, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(ids.Skip(1), options, RemoveAsync);
        return removed;

        async ValueTask RemoveAsync(string id, CancellationToken token)
        {
            try
            {
                await deletion.DeleteAsync(new FileHandle(FileKind.Snapshot, ObjectId.Parse(id)), token);
                removed[id] = true;
                activity.Verbose($"Removed the backup {id[..8]}.");
            }
            catch (ProdOpsException error) when (error.ErrorId != "RepositoryAppendOnly")
            {
                activity.Error(error);
            }
        }
    }

    private static RetentionDecision WithRemoved(RetentionDecision decision, ConcurrentDictionary<string, bool> removed) => new()
    {
        Snapshot = decision.Snapshot, Action = decision.Action, Reasons = decision.Reasons, Remarks = decision.Remarks, Group = decision.Group,
        Repository = decision.Repository, Removed = removed.ContainsKey(decision.Id),
    };
}
