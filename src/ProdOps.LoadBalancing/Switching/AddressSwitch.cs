namespace ProdOps.LoadBalancing.Switching;

/// <summary>Moves an address, proves that it moved by asking it all the time, and moves it back if it did not arrive.</summary>
/// <param name="loadBalancer">The environment's entry.</param>
/// <param name="mover">What moves the address.</param>
/// <param name="time">The clock.</param>
/// <param name="activity">Where to report to.</param>
internal sealed class AddressSwitch(string loadBalancer, IAddressMover mover, TimeProvider time, IActivity activity)
{
    private const int ProofOfLife = 5, ProofOfArrival = 20;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200), PutBackLimit = TimeSpan.FromSeconds(60), FirstAnswer = TimeSpan.FromSeconds(5);

    /// <summary>How long the address may take to arrive.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Moves it.</summary>
    /// <param name="from">The balancer that has it.</param>
    /// <param name="to">The one that shall have it.</param>
    /// <param name="probe">Asks the address; <see langword="null"/> where this machine cannot reach it.</param>
    /// <param name="cancellationToken">Calls it off: then it is moved back.</param>
    /// <exception cref="ProdOpsException">It did not arrive; it is where it was, or the error says where it is.</exception>
    public async Task<LoadBalancerSwitch> RunAsync(string from, string to, AddressProbe? probe, CancellationToken cancellationToken)
    {
        await WaitForAnswersAsync(probe, cancellationToken).ConfigureAwait(false);
        probe?.Restart();
        var began = time.GetUtcNow();
        long start = time.GetTimestamp();
        try
        {
            activity.Verbose($"Moving {mover.Address} from {from} to {to} {mover.Method}.");
            await mover.MoveAsync(from, to, cancellationToken).ConfigureAwait(false);
            await WaitForArrivalAsync(to, probe, start, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            string outcome = await PutBackAsync(from, to).ConfigureAwait(false);
            if (error is ProdOpsException failure) throw LoadBalancingErrors.SwitchFailed(loadBalancer, mover.Address, from, to, failure.Message, outcome, failure);
            if (error is OperationCanceledException) activity.Warning($"Moving {mover.Address} was called off: {outcome}");
            throw;
        }

        var duration = time.GetElapsedTime(start);
        if (await mover.FinishAsync(from, to, cancellationToken).ConfigureAwait(false) is { } afterword) activity.Warning(afterword);
        var seen = probe?.Result;
        return new LoadBalancerSwitch
        {
            LoadBalancer = loadBalancer, Address = mover.Address, From = from, To = to, Time = began, Duration = duration,
            Requests = seen?.Requests ?? 0, Failed = seen?.Failed ?? 0, Gap = seen is null ? null : seen.Gap,
        };
    }

    /// <summary>An address that does not answer before it is moved would prove nothing.</summary>
    private async Task WaitForAnswersAsync(AddressProbe? probe, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (probe is not null && probe.Result.GoodInARow < ProofOfLife)
        {
            if (time.GetElapsedTime(start) > FirstAnswer) throw LoadBalancingErrors.SwitchAddressSilent(loadBalancer, mover.Address, probe.Result.LastFailure);
            await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WaitForArrivalAsync(string to, AddressProbe? probe, long start, CancellationToken cancellationToken)
    {
        bool arrived = false;
        while (true)
        {
            if (!arrived && await mover.ReadHoldersAsync(cancellationToken).ConfigureAwait(false) is [var holder] && holder.Equals(to, StringComparison.OrdinalIgnoreCase))
            {
                arrived = true;
                if (probe is null) return;
            }

            if (arrived && probe!.Result.GoodInARow >= ProofOfArrival) return;
            if (time.GetElapsedTime(start) > Limit)
                throw arrived ? LoadBalancingErrors.SwitchNotAnswered(mover.Address, to, probe!.Result.LastFailure, Limit) : LoadBalancingErrors.SwitchNotArrived(mover.Address, to, Limit);
            await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>Where the address is, in words.</returns>
    private async Task<string> PutBackAsync(string from, string to)
    {
        using var limit = new CancellationTokenSource(PutBackLimit, time);
        try
        {
            await mover.PutBackAsync(from, to, limit.Token).ConfigureAwait(false);
            while (await mover.ReadHoldersAsync(limit.Token).ConfigureAwait(false) is not [var holder] || !holder.Equals(from, StringComparison.OrdinalIgnoreCase))
                await Task.Delay(Look, time, limit.Token).ConfigureAwait(false);
            return $"it is on {from} again.";
        }
        catch (Exception error) when (error is ProdOpsException or OperationCanceledException)
        {
            return $"it could not be moved back to {from}{(error is ProdOpsException ? $" ({error.Message})" : $" within {PutBackLimit.TotalSeconds:0} s")}; Get-LoadBalancer shows where it is.";
        }
    }
}
