using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Retention;

/// <summary>What a policy is applied to, and how.</summary>
internal sealed record RetentionRequest
{
    public required RetentionPolicy Policy { get; init; }

    public SnapshotGrouping Grouping { get; init; } = SnapshotGrouping.Default;

    public RetentionGuard Guards { get; init; } = RetentionGuard.All;

    /// <summary>Snapshots that are looked at; the others are neither counted nor removed.</summary>
    public SnapshotFilter Filter { get; init; } = SnapshotFilter.All;
}

/// <summary>Applies a policy to the snapshots of a repository. Nothing is changed.</summary>
internal sealed class RetentionRun(Repository repository, RetentionRequest request, IActivity activity)
{
    public async Task<IReadOnlyList<PlannedRetention>> PlanAsync(CancellationToken cancellationToken)
    {
        var planner = new RetentionPlanner(request.Policy, request.Grouping, request.Guards, repository.TimeProvider.GetUtcNow(), repository.TimeProvider.LocalTimeZone);
        var candidates = await ReadAsync(cancellationToken);
        while (true)
        {
            var plan = planner.Plan(candidates);
            // Only what is kept can push others out, so only that is looked into.
            var unknown = plan.Where(decision => decision.Keep && decision.Candidate is { Snapshot.Summary: null, IsEmpty: null }).Select(decision => decision.Candidate).ToHashSet();
            if (!request.Guards.HasFlag(RetentionGuard.Empty) || unknown.Count == 0) return plan;
            candidates = await LookIntoAsync(candidates, unknown, cancellationToken);
        }
    }

    private async Task<List<RetentionCandidate>> ReadAsync(CancellationToken cancellationToken)
    {
        var stored = await repository.ListStoredSnapshotsAsync(activity, cancellationToken);
        return [.. stored.Where(candidate => request.Filter.Matches(candidate.Snapshot)).Select(candidate => new RetentionCandidate(candidate.Snapshot, candidate.File.Written))];
    }

    /// <summary>restic before 0.17 does not record how much a snapshot holds; whether it holds anything takes a few folders to find out.</summary>
    private async Task<List<RetentionCandidate>> LookIntoAsync(List<RetentionCandidate> candidates, HashSet<RetentionCandidate> unknown, CancellationToken cancellationToken)
    {
        if (!repository.IsIndexLoaded) await repository.LoadIndexAsync(activity, cancellationToken, onDamaged: error => activity.Verbose(error.Message));
        var found = new List<RetentionCandidate>(candidates.Count);
        foreach (var candidate in candidates)
            found.Add(unknown.Contains(candidate) ? candidate with { IsEmpty = await HoldsNoFileAsync(candidate.Snapshot.Tree, cancellationToken) } : candidate);
        return found;
    }

    /// <summary>Goes down until a file is met. What is not known after so many folders is not taken for empty.</summary>
    private async Task<bool> HoldsNoFileAsync(ObjectId root, CancellationToken cancellationToken)
    {
        const int MaxFolders = 100;
        var open = new Stack<ObjectId>([root]);
        for (int read = 0; open.TryPop(out var tree); read++)
        {
            if (read == MaxFolders) return false;
            try
            {
                foreach (var node in await repository.ReadTreeAsync(tree, cancellationToken))
                {
                    if (node.Subtree is { } subtree) open.Push(subtree);
                    else return false;
                }
            }
            catch (ProdOpsException error)
            {
                activity.Verbose($"It cannot be told whether a backup is empty: {error.Message}");
                return false;
            }
        }

        return true;
    }
}
