using ProdOps.Monitoring.Incidents;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.History;

/// <summary>What is wrong at this moment, an event an incident.</summary>
internal static class OpenIncidents
{
    /// <summary>The worst first, then the older.</summary>
    public static IEnumerable<HealthEvent> Of(MonitorState state, Func<string, string> unitOf) =>
        state.Incidents.Values.Where(static incident => incident.Resolved is null).OrderByDescending(static incident => incident.Severity).ThenBy(static incident => incident.Id)
            .Select(incident => Of(incident, state, unitOf));

    private static HealthEvent Of(Incident incident, MonitorState state, Func<string, string> unitOf)
    {
        var root = incident.Root;
        var check = state.Checks.GetValueOrDefault(root);
        int others = incident.Members.Keys.Count(member => member != root);
        string message = check?.Message is { Length: > 0 } said ? said : check?.Value is { } value ? HealthThreshold.Format(value, unitOf(root.Rule)) : incident.Severity == HealthState.Unknown ? "Nothing is heard of it." : root.IsReachability ? "It cannot be reached." : "";
        return new HealthEvent
        {
            Number = incident.Id,
            Time = incident.Opened,
            Kind = HealthEventKind.Incident,
            Server = root.Server,
            Check = root.Rule,
            Instance = root.Instance,
            State = incident.Severity,
            Value = check?.Value,
            Unit = unitOf(root.Rule),
            Message = others > 0 ? $"{message} (+{others} more)".TrimStart() : message,
            Incident = incident.Id,
            By = incident.Acknowledgement?.By ?? "",
        };
    }
}
