using ProdOps.Monitoring.States;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>How many servers are how.</summary>
internal sealed record HealthCounts(int Servers, int Incidents, IReadOnlyList<(HealthState State, int Count)> States)
{
    public static HealthCounts Of(IReadOnlyList<Server> servers, MonitorState state, DateTimeOffset now) =>
        new(servers.Count, state.Incidents.Values.Count(static incident => incident.Resolved is null), HealthView.Count(state, servers.Select(static server => server.Name), now));

    public override string ToString() => $"{Servers} servers: {string.Join(", ", States.Select(static one => $"{one.Count} {one.State}"))}; {Incidents} open incidents";
}
