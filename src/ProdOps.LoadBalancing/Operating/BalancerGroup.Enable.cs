using static System.FormattableString;

namespace ProdOps.LoadBalancing.Operating;

internal sealed partial class BalancerGroup
{
    private const int RampSteps = 9;

    /// <summary>
    /// Puts a server back on all balancers, after checks that are newer than the command: a balancer that takes a server out of maintenance believes it to be up at once.
    /// </summary>
    /// <exception cref="ProdOpsException">
    /// <c>BackendServerNotFound</c>; <c>BackendCheckFailed</c>: its checks do not pass in time; <c>BackendServerNotUp</c>; <c>BalancerMissing</c>. It is then what it was before.
    /// </exception>
    public async Task<BackendServerChange> EnableAsync(BackendMember member, EnableOptions options, IActivity activity, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        var all = await LookAsync(member, options, activity, cancellationToken).ConfigureAwait(false);
        var before = Having(all, member);
        if (before.All(sight => sight.Own!.AdminState == BackendServerState.Up))
        {
            var state = before.Max(sight => sight.Own!.State);
            string reason = before.First(sight => sight.Own!.State == state).Own!.Reason;
            return Report(before, before, all, state == BackendServerState.Up ? "already in service" : $"already enabled, and {Words(state)}{(reason.Length > 0 ? $": {reason}" : "")}", began)
                with { IsPersistent = await KeepAsync(before, activity, cancellationToken).ConfigureAwait(false) };
        }

        await OrPutBackAsync(before, activity, async () =>
        {
            var waiting = before.Where(sight => sight.Own!.AdminState != BackendServerState.Up).ToList();
            if (!options.Force) await CheckAnewAsync(waiting, options, activity, cancellationToken).ConfigureAwait(false);
            await RampAsync(before, options.Ramp, activity, async () =>
            {
                await OnAllAsync(waiting, balancer => balancer.SetStateAsync(member, BackendServerTarget.Ready, cancellationToken)).ConfigureAwait(false);
                if (!options.Force) await WaitForAsync(before, options, activity, $"Waiting for {member}", own => own.State == BackendServerState.Up, own => LoadBalancingErrors.ServerNotUp(member, own, options.Timeout), cancellationToken).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
            return true;
        }, PutStateBackAsync).ConfigureAwait(false);
        var after = await LookAgainAsync(before, cancellationToken).ConfigureAwait(false);
        return Report(before, after, all, "in service", began) with { IsPersistent = await KeepAsync(before, activity, cancellationToken).ConfigureAwait(false) };
    }

    /// <summary>Waits until every balancer has checked a server since now, and found it well. It gets no new clients meanwhile.</summary>
    private async Task CheckAnewAsync(IReadOnlyList<BackendSight> sights, BackendChangeOptions options, IActivity activity, CancellationToken cancellationToken)
    {
        if (sights.Count == 0) return;
        var member = sights[0].Member;
        var waits = await Task.WhenAll(sights.Select(sight => sight.Balancer.BeginCheckAsync(member, cancellationToken))).ConfigureAwait(false);
        var wait = waits.Max(value => value ?? TimeSpan.Zero);
        if (wait > TimeSpan.Zero) await Task.Delay(Smaller(wait, options.Timeout), time, cancellationToken).ConfigureAwait(false);
        // Another admin may put it back meanwhile, by checks of his own: then it is up, and that is well.
        var @checked = sights.Where((_, i) => waits[i] is not null).ToList();
        await WaitForAsync(@checked, options, activity, $"Checking {member}", own => own.State is BackendServerState.Drain or BackendServerState.Up && own.CheckStatus?.Contains("OK", StringComparison.Ordinal) != false,
            own => LoadBalancingErrors.CheckFailed(member, own, options.Timeout), cancellationToken).ConfigureAwait(false);
    }

    private async Task WaitForAsync(
        IReadOnlyList<BackendSight> sights, BackendChangeOptions options, IActivity activity, string title, Func<BackendServer, bool> isDone, Func<BackendServer, ProdOpsException> late, CancellationToken cancellationToken)
    {
        if (sights.Count == 0) return;
        long began = time.GetTimestamp();
        try
        {
            while (true)
            {
                var now = await GlanceAsync(sights, cancellationToken).ConfigureAwait(false);
                foreach (var (sight, seen) in now)
                    if (seen is null) throw sight.NotFound();
                if (now.Select(seen => seen.Own!).FirstOrDefault(seen => !isDone(seen)) is not { } open) return;
                var elapsed = time.GetElapsedTime(began);
                if (elapsed >= options.Timeout) throw late(open);
                activity.Progress(new ActivityProgress(title, $"{open.Balancer}: {Words(open.State)}{(open.Reason.Length > 0 ? $", {open.Reason}" : "")}"));
                await Task.Delay(Smaller(options.Interval, options.Timeout - elapsed), time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            activity.Progress(new ActivityProgress(title, "", Completed: true));
        }
    }

    /// <summary>Begins with a tenth of the weight and ends with the whole, however it ends.</summary>
    private async Task RampAsync(IReadOnlyList<BackendSight> sights, TimeSpan duration, IActivity activity, Func<Task> enable, CancellationToken cancellationToken)
    {
        // A server with a weight of 0 is kept from new clients on purpose.
        var ramped = duration > TimeSpan.Zero ? sights.Where(sight => sight.Own!.Weight > 1).ToList() : [];
        if (ramped.Count == 0)
        {
            await enable().ConfigureAwait(false);
            return;
        }

        string title = $"Raising the weight of {sights[0].Member}";
        try
        {
            await SetShareAsync(1, cancellationToken).ConfigureAwait(false);
            await enable().ConfigureAwait(false);
            for (int step = 1; step <= RampSteps; step++)
            {
                activity.Progress(new ActivityProgress(title, Invariant($"{step * 10} %"), step / 10.0, duration * (RampSteps + 1 - step) / RampSteps));
                await Task.Delay(duration / RampSteps, time, cancellationToken).ConfigureAwait(false);
                if (step < RampSteps) await SetShareAsync(step + 1, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            activity.Progress(new ActivityProgress(title, "", Completed: true));
            using var limit = new CancellationTokenSource(PutBackTime);
            await SetShareAsync(RampSteps + 1, limit.Token).ConfigureAwait(false);
        }

        Task SetShareAsync(int tenths, CancellationToken token) =>
            Task.WhenAll(ramped.Select(sight => sight.Balancer.SetWeightAsync(sight.Member, Math.Max(1, sight.Own!.Weight * tenths / 10), token)));
    }
}
