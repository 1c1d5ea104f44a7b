using ProdOps.Backup.Repositories;
using ProdOps.Backup.Sets;

namespace ProdOps.Recovery.Execution;

/// <summary>Where a step's backup is read from: the set's repository, or one that it is copied to where that is gone with its host.</summary>
internal static class SnapshotSource
{
    // Steps side by side read the same repository.
    private static readonly SemaphoreSlim Loading = new(1, 1);

    public static async Task<(Repository Repository, SnapshotFile Snapshot)> FindAsync(StepContext context, BackupSet set, Server from, Func<SnapshotFile, bool> holds, CancellationToken cancellationToken)
    {
        ProdOpsException? first = null;
        foreach (string name in (string[])[set.Repository, .. set.CopyTo])
        {
            try
            {
                var repository = await context.Access.OpenRepositoryAsync(name, cancellationToken).ConfigureAwait(false);
                var filter = new SetSeries(set, from).Filter with { Before = context.Step.Before is { } before ? before.AddTicks(-1) : null };
                string wanted = context.Snapshot ?? context.Step.Snapshot;
                var snapshot = await repository.FindSnapshotAsync(wanted, context.Activity, file => filter.Matches(file) && holds(file), cancellationToken).ConfigureAwait(false);
                await LoadIndexAsync(repository, context.Activity, cancellationToken).ConfigureAwait(false);
                if (first is not null) context.Activity.Warning($"{set.Repository} was not of use ({first.Message}): '{context.Step.Name}' restores from {name}.");
                return (repository, snapshot);
            }
            catch (ProdOpsException error)
            {
                context.OnNotFound?.Invoke(name, error);
                first ??= error;
            }
        }

        throw first!;
    }

    private static async Task LoadIndexAsync(Repository repository, IActivity activity, CancellationToken cancellationToken)
    {
        await Loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!repository.IsIndexLoaded) await repository.LoadIndexAsync(activity, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Loading.Release();
        }
    }
}
