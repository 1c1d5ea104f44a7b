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

    /// <summary>How a server is: as bad as the worst of its checks, unless it is worked on or gone. One of which nothing is known is unknown.</summary>
    public static HealthState OfServer(MonitorState state, string server, DateTimeOffset now)
    {
        if (state.Downtimes.Values.Any(downtime => downtime.CoversServer(server) && downtime.IsActive(now))) return HealthState.Maintenance;
        if (state.Servers.TryGetValue(server, out var gone)) return gone;
        return state.Checks.Keys.Where(key => key.Server == server).Select(key => OfCheck(state, key, now)).DefaultIfEmpty(HealthState.Unknown).Max();
    }
}
