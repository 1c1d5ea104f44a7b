using static System.FormattableString;

namespace ProdOps.LoadBalancing.Operating;

internal sealed partial class BalancerGroup
{
    /// <summary>Takes a server out on all balancers: it gets no new clients, finishes what it has, and is out.</summary>
    /// <exception cref="ProdOpsException">
    /// <c>BackendServerNotFound</c>; <c>BackendLastServer</c>: too few would be left; <c>BackendServerBusy</c>: it has not finished in time; <c>BackendChangedMeanwhile</c>:
    /// somebody else put it back; <c>BalancerMissing</c>. What was changed is put back, but for the second and the third.
    /// </exception>
    public async Task<BackendServerChange> DisableAsync(BackendMember member, DisableOptions options, IActivity activity, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        var all = await LookAsync(member, options, activity, cancellationToken).ConfigureAwait(false);
        var before = Having(all, member);
        var target = options.DrainOnly ? BackendServerState.Drain : BackendServerState.Maintenance;
        if (before.All(sight => sight.Own!.AdminState == target || sight.Own.AdminState == BackendServerState.Maintenance) && (!options.DrainOnly || !options.Wait || before.All(sight => sight.Busy == 0)))
            return Report(before, before, all, $"already {Words(before.Max(sight => sight.Own!.AdminState))}", began) with { IsPersistent = await KeepAsync(before, activity, cancellationToken).ConfigureAwait(false) };
        Guard(before, options);
        string action = await OrPutBackAsync(before, activity, async () =>
        {
            // Those that are out already stay so: to drain would have them checked again.
            var draining = before.Where(sight => sight.Own!.AdminState == BackendServerState.Up).ToList();
            await OnAllAsync(draining, balancer => balancer.SetStateAsync(member, BackendServerTarget.Drain, cancellationToken)).ConfigureAwait(false);
            // Another admin may have taken out another server since; each of the two sees it now, and neither leaves the pool empty.
            if (draining.Count > 0) Guard(await LookAgainAsync(before, cancellationToken).ConfigureAwait(false), options);
            long left = options.Wait ? await WaitUntilIdleAsync(before, options, activity, cancellationToken).ConfigureAwait(false) : 0;
            if (left > 0 && options.OnTimeout is DrainTimeoutAction.Fail or DrainTimeoutAction.PutBack)
            {
                // It goes on draining: a reload must not put it back either.
                if (options.OnTimeout == DrainTimeoutAction.Fail) await KeepAsync(before, activity, cancellationToken).ConfigureAwait(false);
                throw LoadBalancingErrors.ServerBusy(member, left, options.Timeout, options.OnTimeout == DrainTimeoutAction.PutBack);
            }

            if (left > 0 && options.OnTimeout == DrainTimeoutAction.Shutdown) await OnAllAsync(before, balancer => balancer.ShutdownSessionsAsync(member, cancellationToken)).ConfigureAwait(false);
            if (!options.DrainOnly) await OnAllAsync(before, balancer => balancer.SetStateAsync(member, BackendServerTarget.Maintenance, cancellationToken)).ConfigureAwait(false);
            return (options.DrainOnly ? "draining" : options.Wait && left == 0 ? "drained, in maintenance" : "in maintenance") + (left == 0 ? "" : options.OnTimeout == DrainTimeoutAction.Shutdown ? Invariant($", {left} ended") : Invariant($", {left} left"));
        }, PutStateBackAsync, exception => exception is ProdOpsException { ErrorId: LoadBalancingErrors.ChangedMeanwhileId } || (exception is ProdOpsException { ErrorId: LoadBalancingErrors.ServerBusyId } && options.OnTimeout == DrainTimeoutAction.Fail)).ConfigureAwait(false);
        var after = await LookAgainAsync(before, cancellationToken).ConfigureAwait(false);
        return Report(before, after, all, action, began) with { IsPersistent = await KeepAsync(before, activity, cancellationToken).ConfigureAwait(false) };
    }

    /// <summary>Refuses what would leave too few servers on a balancer. A server that takes no requests anyway can go.</summary>
    private static void Guard(IReadOnlyList<BackendSight> sights, BackendChangeOptions options)
    {
        if (options.Force) return;
        foreach (var sight in sights)
            if (sight.Others < options.MinimumHealthy && (sight.Own!.TakesRequests || sight.Own.State == BackendServerState.Drain)) throw LoadBalancingErrors.LastServer(sight.Balancer.Server, sight.Member, sight.Others, options.MinimumHealthy);
    }

    /// <summary>Waits until a server works on nothing, seen twice: a request that is just being handed over is in neither count.</summary>
    /// <returns>What was left when the time was over.</returns>
    private async Task<long> WaitUntilIdleAsync(IReadOnlyList<BackendSight> before, DisableOptions options, IActivity activity, CancellationToken cancellationToken)
    {
        var member = before[0].Member;
        string title = $"Draining {member}";
        long began = time.GetTimestamp(), first = -1;
        int idle = 0;
        try
        {
            while (true)
            {
                var now = await GlanceAsync(before, cancellationToken).ConfigureAwait(false);
                // Of a server that is down a glance does not tell whether it is drained, too.
                if (now.Any(seen => seen.Own is not { AdminState: not BackendServerState.Up })
                    && (await LookAgainAsync(before, cancellationToken).ConfigureAwait(false)).FirstOrDefault(sight => sight.Own is not { AdminState: not BackendServerState.Up }) is { } changed)
                    throw LoadBalancingErrors.ChangedMeanwhile(changed.Balancer.Server, member);
                long busy = now.Sum(seen => BusyOf(seen.Own));
                if (first < 0) first = busy;
                idle = busy == 0 ? idle + 1 : 0;
                if (idle == 2) return 0;
                var elapsed = time.GetElapsedTime(began);
                if (elapsed >= options.Timeout) return busy;
                activity.Progress(new ActivityProgress(title, Invariant($"{busy} left of {first} on {string.Join(", ", now.Select(seen => seen.Sight.Balancer.Server))}"), first > 0 ? Math.Clamp(1 - ((double)busy / first), 0, 1) : null));
                await Task.Delay(Smaller(options.Interval, options.Timeout - elapsed), time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            activity.Progress(new ActivityProgress(title, "", Completed: true));
        }
    }

    private static TimeSpan Smaller(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static string Words(BackendServerState state) => state switch
    {
        BackendServerState.Maintenance => "in maintenance",
        BackendServerState.Drain => "draining",
        BackendServerState.Up => "in service",
        BackendServerState.Down => "down",
        _ => "being checked",
    };
}
