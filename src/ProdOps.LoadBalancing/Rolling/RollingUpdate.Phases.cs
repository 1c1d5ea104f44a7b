namespace ProdOps.LoadBalancing.Rolling;

/// <content>What is done in each phase.</content>
internal sealed partial class RollingUpdate
{
    private async Task<Outcome> DrainAsync(ServerRun run, CancellationToken cancellationToken)
    {
        if (run.StaysOut) return new Outcome(RollingUpdateStatus.Skipped, $"is {run.Before!.Value.Words()} already");
        var change = await pool.DisableAsync(run.Server, _header.Options.DrainTimeout, _header.Options.EndSessions, cancellationToken).ConfigureAwait(false);
        if (run is { LeftOut: { IsUntouched: true } left, WasIn: false }) return new Outcome(RollingUpdateStatus.Done, $"was left out by {left.Update}");
        return new Outcome(RollingUpdateStatus.Done, change.SessionsLeft > 0 ? $"{change.Action}; {change.SessionsLeft} sessions were ended" : change.Action);
    }

    private async Task<Outcome> ScriptAsync(ServerRun run, CancellationToken cancellationToken)
    {
        bool again = run.Progress.IsUncertain;
        if (again) activity.Warning($"On {run.Server} the script had begun when the update was cut off, and nobody knows how far it came: it runs again.");
        var result = await work.RunAsync(run.Server, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return result.Error is { } error
            ? new Outcome(RollingUpdateStatus.Failed, "", error) { Output = result.Output }
            : new Outcome(RollingUpdateStatus.Done, again ? "ran again" : "") { Output = result.Output };
    }

    private async Task<Outcome> CheckAsync(ServerRun run, CancellationToken cancellationToken)
    {
        if (work.CheckDescription is null) return new Outcome(RollingUpdateStatus.Skipped, "nothing to ask it");
        long begun = time.GetTimestamp();
        while (true)
        {
            string? error;
            try
            {
                var result = await work.CheckAsync(run.Server, cancellationToken).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (result.Error is null) return new Outcome(RollingUpdateStatus.Done, result.Output.LastOrDefault() ?? "well");
                error = result.Error;
            }
            catch (ProdOpsException failure) when (!cancellationToken.IsCancellationRequested)
            {
                error = failure.Message;
            }

            if (time.GetElapsedTime(begun) + Look > _header.Options.CheckTimeout) return new Outcome(RollingUpdateStatus.Failed, "", error);
            await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Outcome> EnableAsync(ServerRun run, CancellationToken cancellationToken)
    {
        if (run.StaysOut)
        {
            string state = run.Before!.Value.Words();
            // Nobody may know any more why it is out.
            activity.Warning($"{run.Server} is updated and stays {state}: {(run.LeftOut is { } left ? $"the update {left.Update} left it out, and it may have been taken out anew since" : "somebody had taken it out before")}. Enable-BackendServer {run.Server} puts it back.");
            return new Outcome(RollingUpdateStatus.Skipped, $"stays {state}, as it was");
        }

        try
        {
            var change = await pool.EnableAsync(run.Server, _header.Options.EnableTimeout, cancellationToken).ConfigureAwait(false);
            return new Outcome(RollingUpdateStatus.Done, change.Action);
        }
        catch (ProdOpsException error) when (!cancellationToken.IsCancellationRequested)
        {
            return await TakeOutAsync(run, error.Message, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Outcome> SettleAsync(ServerRun run, CancellationToken cancellationToken)
    {
        if (run.StaysOut || _header.Options.SettleTime == TimeSpan.Zero) return new Outcome(RollingUpdateStatus.Skipped, "nothing to watch");
        var judge = new SettleJudge(_header.FormerShare);
        long begun = time.GetTimestamp();
        long? before = await CountAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var servers = await pool.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (judge.Look([.. servers.Where(server => server.Name == run.Server)]) is { } wrong) return await TakeOutAsync(run, wrong, cancellationToken).ConfigureAwait(false);
            var left = _header.Options.SettleTime - time.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero)
                return new Outcome(RollingUpdateStatus.Done, pool.CountsByServer ? judge.Requests == 0 ? "no request came" : $"{judge.Requests} requests, {judge.Failures} failed" : Uncounted(before, await CountAsync(cancellationToken).ConfigureAwait(false)));
            await Task.Delay(left < Look ? left : Look, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Requests so far, where servers are not counted by themselves. That they cannot be counted is no failure.</summary>
    private async Task<long?> CountAsync(CancellationToken cancellationToken)
    {
        try
        {
            return pool.CountsByServer ? null : await pool.CountRequestsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>What is said where the balancers do not count what each server gets.</summary>
    private static string Uncounted(long? before, long? after) => after is { } now && before is { } then && now >= then
        ? $"{now - then} requests to all servers together; failures are not counted by server"
        : "requests are not counted by server";

    /// <summary>Takes a server out again that is not as it was.</summary>
    private async Task<Outcome> TakeOutAsync(ServerRun run, string error, CancellationToken cancellationToken)
    {
        try
        {
            await pool.DisableAsync(run.Server, _header.Options.DrainTimeout, endSessions: true, cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException failure) when (!cancellationToken.IsCancellationRequested)
        {
            error = $"{error} It could not be taken out again: {failure.Message}";
        }

        return new Outcome(RollingUpdateStatus.Failed, "", error);
    }

    /// <summary>After it was called off: what has not been touched goes back into service.</summary>
    private async Task PutBackAsync(ServerRun run, CancellationToken cancellationToken)
    {
        if (run.Failed || run.Phase is null || run.StaysOut) return;
        bool inService = run.Phase == RollingUpdatePhase.Settle || run.Completed is RollingUpdatePhase.Enable or RollingUpdatePhase.Settle;
        run.IsBack = inService;
        if (inService) return;
        if (run.Phase != RollingUpdatePhase.Drain || (run.Progress.IsTouched && !run.WasIn))
        {
            activity.Warning($"{run.Server} stays out of service: the update was called off while {PhaseWords(run.Phase.Value)}. Invoke-RollingUpdate -{(_undo ? "Undo" : "Resume")} {_header.Update} goes on.");
            return;
        }

        try
        {
            await pool.EnableAsync(run.Server, PutBackLimit, cancellationToken).ConfigureAwait(false);
            run.IsBack = true;
            journal.Add(new RollingRecord { Server = run.Server, Phase = RollingUpdatePhase.Drain, Mark = RollingMark.PutBack });
        }
        catch (Exception error) when (error is ProdOpsException or OperationCanceledException)
        {
            activity.Warning($"{run.Server} could not be put back into service: {error.Message} Enable-BackendServer does it.");
        }
    }

    private static string PhaseWords(RollingUpdatePhase phase) => phase switch
    {
        RollingUpdatePhase.Update or RollingUpdatePhase.Undo => "the script ran",
        RollingUpdatePhase.Check => "it was checked",
        _ => "it was put back",
    };
}
