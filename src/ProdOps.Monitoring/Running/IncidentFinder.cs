using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Running;

/// <summary>Finds the open incident that a number speaks of: its own, or that of any event which belongs to it.</summary>
internal static class IncidentFinder
{
    /// <exception cref="ProdOpsException">There is no such event, or its incident is over.</exception>
    public static long Find(MetricStore store, MonitorState state, long number, CancellationToken cancellationToken)
    {
        if (state.Incidents.ContainsKey(number)) return number;
        var stored = store.Events.Find(number) ?? throw MonitoringErrors.EventNotFound(number);
        long incident = EventJson.Read(stored.Json) switch
        {
            IncidentOpened => number,
            IncidentMember e => e.Incident,
            IncidentRooted e => e.Incident,
            IncidentMerged e => e.Into,
            IncidentResolved e => e.Incident,
            IncidentAcknowledged e => e.Incident,
            AcknowledgementEnded e => e.Incident,
            NotificationHeld e => e.Incident,
            NotificationDecided { Incidents: [var only] } => only.Incident,
            ActionBegun e => e.Incident,
            CheckResult e => state.IncidentOf.GetValueOrDefault(e.Key),
            CheckChanged e => state.IncidentOf.GetValueOrDefault(e.Key),
            ServerChanged e => state.IncidentOf.GetValueOrDefault(CheckKey.ReachabilityOf(e.Server)),
            _ => 0,
        };
        if (incident == 0) throw MonitoringErrors.EventNotFound(number);
        return state.Incidents.ContainsKey(incident) ? incident : Merged(store, state, incident, cancellationToken);
    }

    /// <summary>An incident that became part of another, which may have become part of a third.</summary>
    private static long Merged(MetricStore store, MonitorState state, long incident, CancellationToken cancellationToken)
    {
        foreach (var stored in store.Events.Query(new EventQuery { Kind = "merged" }, cancellationToken))
        {
            if (EventJson.Read(stored.Json) is IncidentMerged merged && merged.Incident == incident) incident = merged.Into;
        }

        return state.Incidents.ContainsKey(incident) ? incident : throw MonitoringErrors.IncidentNotFound(incident);
    }
}
