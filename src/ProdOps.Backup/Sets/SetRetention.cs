using System.Collections;
using ProdOps.Backup.Pruning;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Retention;

namespace ProdOps.Backup.Sets;

/// <summary>Removes those of a set's snapshots of one server that its rules do not keep. No other snapshot is looked at.</summary>
internal sealed class SetRetention(BackupSet set, Server server, ISetAccess access, SetActivity activity)
{
    /// <summary>Applies rules; what goes wrong is a problem of the set.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="rules">The rules, as <c>Remove-Backup -Keep</c> takes them.</param>
    /// <param name="prune">Whether to prune if anything was removed.</param>
    /// <param name="host">The host that the snapshots record.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What was removed.</returns>
    public async Task<IReadOnlyList<BackupSnapshot>> ApplyAsync(string name, IReadOnlyDictionary<string, object> rules, bool prune, string host, CancellationToken cancellationToken)
    {
        try
        {
            var opened = await access.OpenRepositoryAsync(name, cancellationToken);
            await using var repository = opened.OpenBeside();
            return await ApplyAsync(repository, rules, prune, host, cancellationToken);
        }
        catch (ProdOpsException error) when (error.Kind == ErrorKind.ResourceBusy)
        {
            // Somebody backs up for longer than the set waits: the next run removes what this one leaves.
            activity.Warning($"No snapshot was removed from '{name}' this time: {error.Message}");
            return [];
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            activity.Add($"No snapshot was removed from '{name}': {exception.Message}");
            return [];
        }
    }

    /// <summary>What the rules decide, on the set's snapshots of this server and host only. The host is its one group: paths may change over time.</summary>
    public static RetentionRequest CreateRequest(BackupSet set, Server server, IReadOnlyDictionary<string, object> rules, string host) => new()
    {
        Policy = RetentionPolicy.Parse(new Hashtable(rules.ToDictionary())),
        Grouping = new SnapshotGrouping(Host: true, Paths: false, Tags: false),
        Filter = new SetSeries(set, server).Filter with { Hosts = [host] },
    };

    private async Task<IReadOnlyList<BackupSnapshot>> ApplyAsync(Repository repository, IReadOnlyDictionary<string, object> rules, bool prune, string host, CancellationToken cancellationToken)
    {
        var request = CreateRequest(set, server, rules, host);
        // Looking needs no lock: where nothing is to go, nobody is kept waiting.
        var planned = await PlanAsync(cancellationToken);
        var ids = planned.Where(decision => decision.Action == RetentionAction.Remove).Select(decision => decision.Id).ToHashSet(StringComparer.Ordinal);
        if (ids.Count == 0) return [];
        var result = await new SnapshotRemoval(repository, prune ? new PruneOptions() : null, set.RetryLock, activity).RunAsync(PlanAsync, ids, cancellationToken);
        return [.. result.Decisions.Where(decision => decision.Removed).Select(decision => decision.Snapshot)];

        async Task<IReadOnlyList<RetentionDecision>> PlanAsync(CancellationToken token) =>
            [.. (await new RetentionRun(repository, request, activity).PlanAsync(token)).Select(decision => decision.ToModel(repository.Location))];
    }
}
