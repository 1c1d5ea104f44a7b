using ProdOps.Monitoring.States;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>How many servers are how.</summary>
internal sealed record HealthCounts(int Servers, int Incidents, IReadOnlyList<(HealthState State, int Count)> States)
{
    public static HealthCounts Of(IReadOnlyList<Server> servers, MonitorState state, DateTimeOffset now) => new(servers.Count, state.Incidents.Values.Count(static incident => incident.Resolved is null),
    [
        .. servers.GroupBy(server => HealthView.OfServer(state, server.Name, now)).OrderByDescending(static group => group.Key).Select(static group => (group.Key, group.Count())),
    ]);

    public override string ToString() => $"{Servers} servers: {string.Join(", ", States.Select(static one => $"{one.Count} {one.State}"))}; {Incidents} open incidents";
}
