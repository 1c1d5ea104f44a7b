using static System.FormattableString;

namespace ProdOps.LoadBalancing.Operating;

internal sealed partial class BalancerGroup
{
    /// <summary>Changes a server's weight or address on all balancers.</summary>
    /// <param name="member">The server.</param>
    /// <param name="weight">Its new weight; <see langword="null"/> to leave it.</param>
    /// <param name="endpoint">Its new address and port; <see langword="null"/> to leave it.</param>
    /// <param name="options">How.</param>
    /// <param name="activity">Hears of what is left out.</param>
    /// <param name="cancellationToken">Stops, and puts back.</param>
    /// <exception cref="ProdOpsException">
    /// <c>BackendServerNotFound</c>; <c>BackendServerInUse</c>: it takes requests, which would go to an address that nothing has checked; <c>BackendLastServer</c>: weight 0 is
    /// to take it out; <c>BalancerMissing</c>. It is then what it was before.
    /// </exception>
    public async Task<BackendServerChange> SetAsync(BackendMember member, int? weight, BackendEndpoint? endpoint, BackendChangeOptions options, IActivity activity, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        var all = await LookAsync(member, options, activity, cancellationToken).ConfigureAwait(false);
        var before = Having(all, member);
        bool sameWeight = weight is null || before.All(sight => sight.Own!.Weight == weight);
        bool sameAddress = endpoint is not { } wanted || before.All(sight => sight.Own!.Address == wanted.ToString());
        if (sameWeight && sameAddress) return Report(before, before, all, "already so", began) with { IsPersistent = await KeepAsync(before, activity, cancellationToken).ConfigureAwait(false) };
        if (weight == 0 && !sameWeight) Guard(before, options);
        if (!sameAddress && !options.Force && before.FirstOrDefault(sight => sight.Own!.AdminState == BackendServerState.Up) is { } used) throw LoadBalancingErrors.ServerInUse(used.Balancer.Server, member);
        await OrPutBackAsync(before, activity, async () =>
        {
            if (!sameAddress) await OnAllAsync(before, balancer => balancer.SetAddressAsync(member, endpoint!.Value.Address, endpoint.Value.Port, cancellationToken)).ConfigureAwait(false);
            if (!sameWeight) await OnAllAsync(before, balancer => balancer.SetWeightAsync(member, weight!.Value, cancellationToken)).ConfigureAwait(false);
            return true;
        }, async (sight, token) =>
        {
            if (!sameWeight) await sight.Balancer.SetWeightAsync(member, sight.Own!.Weight, token).ConfigureAwait(false);
            if (!sameAddress && BackendEndpoint.TryParse(sight.Own!.Address, out var former)) await sight.Balancer.SetAddressAsync(member, former.Address, former.Port, token).ConfigureAwait(false);
        }).ConfigureAwait(false);
        var after = await LookAgainAsync(before, cancellationToken).ConfigureAwait(false);
        string[] actions =
        [
            .. sameWeight ? [] : (string[])[Invariant($"weight {before[0].Own!.Weight} -> {weight}")],
            .. sameAddress ? [] : (string[])[$"address {before[0].Own!.Address} -> {endpoint}"],
        ];
        return Report(before, after, all, string.Join(", ", actions), began) with { IsPersistent = await KeepAsync(before, activity, cancellationToken).ConfigureAwait(false) };
    }

    /// <summary>Adds a server on all balancers, in maintenance. A reload forgets it unless the configuration has it too.</summary>
    /// <exception cref="ProdOpsException"><c>BackendServerExists</c>, <c>BackendServerNeedsCookie</c>, <c>BackendPoolNotFound</c>, <c>BalancerMissing</c>. It is then on no balancer.</exception>
    public async Task<BackendServerChange> AddAsync(BackendMember member, BackendEndpoint endpoint, int weight, BackendChangeOptions options, IActivity activity, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        var all = await LookAsync(member, options, activity, cancellationToken).ConfigureAwait(false);
        if (all.FirstOrDefault(sight => sight.Own is not null) is { } has) throw LoadBalancingErrors.ServerExists(has.Balancer.Server, member);
        var added = new System.Collections.Concurrent.ConcurrentDictionary<IBalancer, bool>();
        await OrPutBackAsync(all, activity, async () =>
        {
            await OnAllAsync(all, async balancer =>
            {
                await balancer.AddAsync(member, endpoint.Address, endpoint.Port, weight, cancellationToken).ConfigureAwait(false);
                added[balancer] = true;
            }).ConfigureAwait(false);
            return true;
        }, (sight, token) => added.ContainsKey(sight.Balancer) ? sight.Balancer.RemoveAsync(member, token) : Task.CompletedTask).ConfigureAwait(false);
        return Report(all, await LookAgainAsync(all, cancellationToken).ConfigureAwait(false), all, "added, until the next reload", began);
    }

    /// <summary>Removes a server from all balancers. A reload brings it back unless the configuration has it no more.</summary>
    /// <exception cref="ProdOpsException"><c>BackendServerNotFound</c>; <c>BackendServerInUse</c>: it is not in maintenance; <c>BackendServerBusy</c>; <c>BalancerMissing</c>.</exception>
    public async Task<BackendServerChange> RemoveAsync(BackendMember member, BackendChangeOptions options, IActivity activity, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        var all = await LookAsync(member, options, activity, cancellationToken).ConfigureAwait(false);
        var before = Having(all, member);
        if (before.FirstOrDefault(sight => sight.Own!.AdminState != BackendServerState.Maintenance) is { } used) throw LoadBalancingErrors.ServerInUse(used.Balancer.Server, member);
        await WaitForAsync(before, options, activity, $"Removing {member}", own => own.Sessions + own.Queue == 0, own => LoadBalancingErrors.ServerBusy(member, own.Sessions + own.Queue, options.Timeout, isPutBack: false), cancellationToken).ConfigureAwait(false);
        await OnAllAsync(before, balancer => balancer.RemoveAsync(member, cancellationToken)).ConfigureAwait(false);
        var after = await LookAgainAsync(before, cancellationToken).ConfigureAwait(false);
        return Report(before, after, all, "removed, until the next reload", began);
    }
}
