using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>
/// Restores a snapshot: first the plan, then the deed. What <c>-WhatIf</c> shows is the plan that <see cref="ApplyAsync"/> takes.
/// Whoever calls holds a shared lock on the repository from before the snapshot was looked up.
/// </summary>
internal static class Restorer
{
    private const int ManyItems = 50_000;

    /// <summary>Plans and, unless it is a trial run, applies.</summary>
    public static async Task<RestorePlan> RunAsync(
        Repository repository, SnapshotFile snapshot, RestoreRequest request, IActivity activity, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        var plan = await PlanAsync(repository, snapshot, request, activity, cancellationToken);
        return request.DryRun
            ? plan.ToModel(applied: false, plan.Errors, verified: 0, time.GetElapsedTime(start))
            : await ApplyAsync(repository, plan, request, activity, time, cancellationToken, start);
    }

    /// <summary>Finds out what is to be done; nothing is changed.</summary>
    public static async Task<PlannedRestore> PlanAsync(
        Repository repository, SnapshotFile snapshot, RestoreRequest request, IActivity activity, CancellationToken cancellationToken)
    {
        if (!repository.IsIndexLoaded) await repository.LoadIndexAsync(activity, cancellationToken);
        activity.Verbose($"Planning the restore of snapshot {snapshot.Id.ToShortString()} to '{request.Destination}'.");
        var plan = await RestorePlanner.PlanAsync(repository, snapshot, request, SourceFileSystem.Local, activity, cancellationToken);
        // The walk leaves several times the plan's size behind as garbage. Given back now, it does not add to what writing takes.
        if (plan.Items.Count >= ManyItems) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return plan;
    }

    /// <summary>
    /// Does what the plan says. One item's failure is told to <paramref name="activity"/> and the others go on; a full disk and a cancellation end it.
    /// A plan is good for one use.
    /// </summary>
    /// <param name="repository">Where the content is.</param>
    /// <param name="plan">What <see cref="PlanAsync"/> found out.</param>
    /// <param name="request">The request the plan was made for.</param>
    /// <param name="activity">Hears of progress and failures.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops; files that are not whole are removed.</param>
    /// <param name="start">When the work began, if that was before this call.</param>
    public static async Task<RestorePlan> ApplyAsync(
        Repository repository, PlannedRestore plan, RestoreRequest request, IActivity activity, TimeProvider time, CancellationToken cancellationToken,
        long? start = null)
    {
        long began = start ?? time.GetTimestamp();
        var work = RestoreWork.Of(plan);
        var counters = CountersOf(plan);
        using var reporting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reports = counters.ReportAsync(activity, $"Restoring to {plan.DisplayPathOf(0)}", time, reporting.Token);
        long verified = 0;
        try
        {
            using var maker = new ItemMaker(plan, request, activity, counters);
            await Task.Run(() => maker.MakeFolders(cancellationToken), cancellationToken);
            await WriteContentAsync(repository, plan, request, work, maker, counters, cancellationToken);
            await Task.Run(() => maker.Finish(cancellationToken), cancellationToken);
            if (request.Verify) verified = await Task.Run(() => Verify(plan, request, maker, cancellationToken), cancellationToken);
        }
        finally
        {
            await reporting.CancelAsync();
            await reports;
        }
        return plan.ToModel(applied: true, plan.Errors + counters.Errors, verified, time.GetElapsedTime(began));
    }

    private static RestoreCounters CountersOf(PlannedRestore plan)
    {
        long bytes = 0, files = 0;
        for (int i = 1; i < plan.Items.Count; i++)
        {
            ref var item = ref plan.Items[i];
            if (!item.WritesContent) continue;
            bytes += plan.BytesToWrite(item);
            files++;
        }
        return new RestoreCounters(bytes, files);
    }

    private static async Task WriteContentAsync(
        Repository repository, PlannedRestore plan, RestoreRequest request, RestoreWork work, ItemMaker maker, RestoreCounters counters,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var writer = new ContentWriter(plan, maker, counters);
        int workers = Math.Min(request.EffectiveWorkers, Math.Max(1, work.Units.Count));
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync, CancellationToken.None)));

        async Task WorkAsync()
        {
            try
            {
                using var reader = new ContentReader(repository, plan, work, writer);
                while (work.Take() is { } unit)
                {
                    stop.Token.ThrowIfCancellationRequested();
                    if (unit.IsContent) await reader.RestoreAsync(unit, stop.Token);
                    else maker.MakeLeaves(work, unit, stop.Token);
                }
            }
            catch
            {
                // The others need not go on; what they are doing is cleared away with the writer.
                await stop.CancelAsync();
                throw;
            }
        }
    }

    /// <summary>Reads back every file that was written. The answer is how many are as they should be.</summary>
    private static long Verify(PlannedRestore plan, RestoreRequest request, ItemMaker maker, CancellationToken cancellationToken)
    {
        long verified = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = request.EffectiveWorkers, CancellationToken = cancellationToken };
        Parallel.For(1, plan.Items.Count, options, index =>
        {
            ref var item = ref plan.Items[index];
            if (!item.WritesContent || item.Is(ItemFlags.Failed)) return;
            if (ContentCheck.FindDifference(SourceFileSystem.Local, plan, index, cancellationToken) is not { } difference) Interlocked.Increment(ref verified);
            else maker.Report(BackupErrors.RestoreVerifyFailed(plan.DisplayPathOf(index), difference));
        });
        return verified;
    }
}
