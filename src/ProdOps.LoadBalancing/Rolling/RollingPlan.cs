namespace ProdOps.LoadBalancing.Rolling;

/// <summary>Who is updated together with whom, in order.</summary>
/// <param name="Batches">Names in the pool.</param>
internal sealed record RollingPlan(IReadOnlyList<IReadOnlyList<string>> Batches)
{
    /// <summary>Makes the plan for servers in the order given.</summary>
    /// <param name="loadBalancer">The environment's entry, for messages.</param>
    /// <param name="servers">Those to be updated: names in the pool, each once.</param>
    /// <param name="healthy">All servers of the pool that get requests now.</param>
    /// <param name="options">How to go about it.</param>
    /// <exception cref="ProdOpsException">There is nothing to do, or too few servers would be left at some time.</exception>
    public static RollingPlan Make(string loadBalancer, IReadOnlyList<string> servers, IReadOnlyCollection<string> healthy, RollingOptions options)
    {
        if (servers.Count == 0) throw LoadBalancingErrors.RollingNothingToDo(loadBalancer);
        int canary = Math.Min(options.Canary, servers.Count);
        var batches = new List<IReadOnlyList<string>>();
        if (canary > 0) batches.Add([.. servers.Take(canary)]);
        batches.AddRange(servers.Skip(canary).Chunk(options.BatchSize));
        foreach (var batch in batches)
        {
            int left = healthy.Except(batch, StringComparer.Ordinal).Count();
            // A batch of servers that get no requests anyway takes none away.
            if (left < options.MinimumHealthy && batch.Any(server => healthy.Contains(server))) throw LoadBalancingErrors.RollingTooFewLeft(loadBalancer, batch, left, options.MinimumHealthy);
        }

        return new RollingPlan(batches);
    }

    /// <summary>What would be done, step by step.</summary>
    /// <param name="update">The update's name.</param>
    /// <param name="loadBalancer">The environment's entry.</param>
    /// <param name="states">What each server is now.</param>
    /// <param name="leftOut">Servers that updates of before have left out.</param>
    /// <param name="options">How to go about it.</param>
    /// <param name="work">What is to be done on a server.</param>
    /// <param name="time">Now.</param>
    public IEnumerable<RollingUpdateStep> Show(string update, string loadBalancer, IReadOnlyDictionary<string, BackendServerState> states, IReadOnlyDictionary<string, RollingLeftOut> leftOut, RollingOptions options, IRollingWork work, DateTimeOffset time)
    {
        for (int i = 0; i < Batches.Count; i++)
        {
            foreach (var phase in (RollingUpdatePhase[])[RollingUpdatePhase.Drain, RollingUpdatePhase.Update, RollingUpdatePhase.Check, RollingUpdatePhase.Enable, RollingUpdatePhase.Settle])
            {
                foreach (string server in Batches[i])
                {
                    yield return new RollingUpdateStep
                    {
                        Update = update, LoadBalancer = loadBalancer, Server = server, Batch = i + 1, Phase = phase, Status = RollingUpdateStatus.Planned, Time = time,
                        Message = Describe(phase, states.GetValueOrDefault(server), leftOut.GetValueOrDefault(server), options, work),
                    };
                }
            }
        }
    }

    private static string Describe(RollingUpdatePhase phase, BackendServerState state, RollingLeftOut? leftOut, RollingOptions options, IRollingWork work)
    {
        bool stays = state.IsOutByHand() && leftOut is not { IsUntouched: true };
        return phase switch
        {
            RollingUpdatePhase.Drain => leftOut is not null && !stays ? $"was left out by {leftOut.Update}" : stays ? $"is {state.Words()} already" : $"may take {Seconds(options.DrainTimeout)} to finish its requests",
            RollingUpdatePhase.Update => work.Description,
            RollingUpdatePhase.Check => work.CheckDescription ?? "nothing to ask it",
            RollingUpdatePhase.Enable => stays ? $"stays {state.Words()}, as it was" : "back into service, seen up by every balancer",
            _ => stays || options.SettleTime == TimeSpan.Zero ? "nothing to watch" : $"its answers are watched for {Seconds(options.SettleTime)}",
        };
    }

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.#} s";
}

/// <summary>What a state of a server means for a rolling update.</summary>
internal static class RollingStates
{
    /// <summary>True for a server that somebody took out, and that is left as it is.</summary>
    public static bool IsOutByHand(this BackendServerState state) => state is BackendServerState.Drain or BackendServerState.Maintenance;

    public static string Words(this BackendServerState state) => state switch
    {
        BackendServerState.Drain => "drained",
        BackendServerState.Maintenance => "in maintenance",
        BackendServerState.Up => "up",
        BackendServerState.Down => "down",
        _ => "being checked",
    };
}
