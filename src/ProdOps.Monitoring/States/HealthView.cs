namespace ProdOps.Monitoring.States;

/// <summary>What is shown to people: the hard states, under what explains them.</summary>
internal static class HealthView
{
    /// <summary>How a check is. Where work was announced that is all there is to say; and what is behind a server that is gone cannot be asked.</summary>
    public static HealthState OfCheck(MonitorState state, CheckKey key, DateTimeOffset now)
    {
        if (state.IsInDowntime(key, now)) return HealthState.Maintenance;
        if (state.Servers.TryGetValue(key.Server, out var server) && (!key.IsReachability || server == HealthState.Unreachable)) return HealthState.Unreachable;
        return state.Checks.TryGetValue(key, out var check) ? check.Shown : HealthState.Unknown;
    }

    /// <summary>How many servers are how, the worst first. Looks at each check once, however many servers there are.</summary>
    public static IReadOnlyList<(HealthState State, int Count)> Count(MonitorState state, IEnumerable<string> servers, DateTimeOffset now)
    {
        var worst = new Dictionary<string, HealthState>(StringComparer.Ordinal);
        foreach (var key in state.Checks.Keys)
        {
            var shown = OfCheck(state, key, now);
            if (!worst.TryGetValue(key.Server, out var other) || shown > other) worst[key.Server] = shown;
        }

        return [.. servers.GroupBy(server => OfServer(state, server, worst.TryGetValue(server, out var found) ? found : HealthState.Unknown, now)).OrderByDescending(static group => group.Key).Select(static group => (group.Key, group.Count()))];
    }

    /// <summary>How a server is: as bad as the worst of its checks, unless it is worked on or gone. One of which nothing is known is unknown.</summary>
    public static HealthState OfServer(MonitorState state, string server, DateTimeOffset now) =>
        OfServer(state, server, state.Checks.Keys.Where(key => key.Server == server).Select(key => OfCheck(state, key, now)).DefaultIfEmpty(HealthState.Unknown).Max(), now);

    /// <summary>The same where somebody knows the worst of its checks.</summary>
    public static HealthState OfServer(MonitorState state, string server, HealthState worst, DateTimeOffset now)
    {
        if (state.Downtimes.Values.Any(downtime => downtime.CoversServer(server) && downtime.IsActive(now))) return HealthState.Maintenance;
        return state.Servers.TryGetValue(server, out var gone) ? gone : worst;
    }
}
