using ProdOps.Monitoring.Incidents;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Running;

/// <summary>Events as people read them.</summary>
/// <param name="unitOf">The unit of what a rule compares, by the rule's name.</param>
internal sealed class EventText(Func<string, string> unitOf)
{
    /// <summary>
    /// Events of the monitor in their order, as they came. Those of one moment are looked at together: that tells which incident a change belongs to. What only says which checks
    /// an incident has is not among them.
    /// </summary>
    public IEnumerable<HealthEvent> Read(IEnumerable<MonitorEvent> events)
    {
        var moment = new List<MonitorEvent>();
        foreach (var happened in events)
        {
            if (moment.Count > 0 && moment[0].Time != happened.Time)
            {
                foreach (var one in ReadMoment(moment)) yield return one;
                moment.Clear();
            }

            moment.Add(happened);
        }

        foreach (var one in ReadMoment(moment)) yield return one;
    }

    private IEnumerable<HealthEvent> ReadMoment(List<MonitorEvent> moment)
    {
        var incidentOf = moment.OfType<IncidentMember>().GroupBy(static member => member.Key).ToDictionary(static key => key.Key, static key => key.Last().Incident);
        foreach (var happened in moment)
        {
            if (Of(happened) is { } told) yield return KeyOf(happened) is { } key && incidentOf.TryGetValue(key, out long incident) ? told with { Incident = incident } : told;
        }
    }

    /// <summary>The check that an event changes, where it does not say in which incident.</summary>
    private static CheckKey? KeyOf(MonitorEvent happened) => happened switch { CheckChanged e => e.Key, CheckDropped e => e.Key, _ => null };

    private HealthEvent? Of(MonitorEvent happened)
    {
        var told = new HealthEvent { Number = happened.Number, Time = happened.Time };
        return happened switch
        {
            CheckResult e => About(told, e.Key) with { Kind = HealthEventKind.Result, State = e.State, Value = e.Value, Message = e.Message ?? Value(e.Key, e.Value) },
            CheckChanged e => About(told, e.Key) with { Kind = HealthEventKind.Check, From = e.From, State = e.To, Value = e.Value, Message = Change(e) },
            CheckDropped e => About(told, e.Key) with { Kind = HealthEventKind.Check, By = e.By ?? "", Message = Dropped(e) },
            ServerChanged e => told with { Kind = HealthEventKind.Server, Server = e.Server, From = e.From, State = e.To, Message = Server(e) },
            IncidentOpened e => About(told, e.Root) with { Kind = HealthEventKind.Incident, Incident = e.Number, Message = $"An incident begins: {e.Root}." },
            IncidentRooted e => About(told, e.Root) with { Kind = HealthEventKind.Incident, Incident = e.Incident, Message = $"The cause is {e.Root}." },
            IncidentMerged e => told with { Kind = HealthEventKind.Incident, Incident = e.Into, Message = $"Incident {e.Incident} has the same cause as {e.Into}, and is part of it." },
            IncidentResolved e => told with { Kind = HealthEventKind.Resolved, State = HealthState.OK, Incident = e.Incident, Message = $"Incident {e.Incident} is over." },
            IncidentAcknowledged e => told with { Kind = HealthEventKind.Acknowledgement, Incident = e.Incident, By = e.Acknowledgement.By, Message = Acknowledgement(e.Acknowledgement) },
            AcknowledgementEnded e => told with { Kind = HealthEventKind.Acknowledgement, Incident = e.Incident, Message = $"Nobody works on it any more: {e.Reason}" },
            DowntimeSet e => told with { Kind = HealthEventKind.Downtime, Server = e.Downtime.Server, Check = e.Downtime.Rule ?? "", Instance = e.Downtime.Instance, State = HealthState.Maintenance, By = e.Downtime.By, Message = Downtime(e.Downtime) },
            DowntimeBegan e => told with { Kind = HealthEventKind.Downtime, Message = $"Downtime {e.Downtime} begins." },
            DowntimeEnded e => told with { Kind = HealthEventKind.Downtime, By = e.By ?? "", Message = e.By is { } by ? $"Downtime {e.Downtime} was ended by {by}." : $"Downtime {e.Downtime} is over." },
            NotificationDecided e => told with { Kind = HealthEventKind.Notification, State = e.Severity, By = e.Route, Incident = e.Incidents.Count == 1 ? e.Incidents[0].Incident : 0, Message = e.Title },
            NotificationHeld e => told with { Kind = HealthEventKind.Held, By = e.Route, Incident = e.Incident, Message = $"{Held(e.Reason)}: {e.Title}" },
            NotificationDelivered e => told with { Kind = HealthEventKind.Delivery, By = e.Channel, Message = $"Message {e.Notification} was delivered." },
            NotificationGivenUp e => told with { Kind = HealthEventKind.Held, Message = $"Message {e.Notification} is given up. {e.Reason}" },
            ChannelChanged e => told with { Kind = HealthEventKind.Channel, By = e.Channel, State = e.Error is null ? HealthState.OK : HealthState.Critical, Message = e.Error ?? "It takes messages again." },
            // What comes of it is told, and that soon.
            ActionBegun { Diagnosis: true } => null,
            ActionBegun e => About(told, e.Key) with { Kind = HealthEventKind.Action, State = e.State, By = e.Action, Incident = e.Incident, Message = "It is done." },
            ActionEnded { Looked: { } look } e => About(told, look.Key) with { Kind = HealthEventKind.Diagnosis, By = look.Action, Incident = look.Incident, Message = Seen(look, e), Output = e.Output },
            ActionEnded e => told with { Kind = HealthEventKind.Action, Message = e.ExitCode is { } code ? $"What {e.Begun} began ended with {code}." : $"What {e.Begun} began was not finished.", Output = e.Output },
            ActionHeld e => About(told, e.Key) with { Kind = HealthEventKind.Action, By = e.Action, Message = $"It is not done. {e.Reason}" },
            MonitorBlind e => told with { Kind = HealthEventKind.Monitor, Message = Blind(e) },
            ObserverIsolated e => told with { Kind = HealthEventKind.Monitor, State = HealthState.Unknown, Message = $"{e.Failing} of {e.Servers} servers are gone, and so is what has nothing to do with them: this machine is cut off. Nothing is believed until it is back." },
            ObserverReturned => told with { Kind = HealthEventKind.Monitor, State = HealthState.OK, Message = "This machine sees the network again." },
            _ => null,
        };
    }

    private HealthEvent About(HealthEvent told, CheckKey key) => told with { Server = key.Server, Check = key.Rule, Instance = key.Instance, Unit = unitOf(key.Rule) };

    private string Change(CheckChanged e)
    {
        string what = e.Message is { Length: > 0 } message ? message : Value(e.Key, e.Value);
        return e.Flapping ? $"It comes and goes. {what}".TrimEnd() : what;
    }

    private static string Dropped(CheckDropped e) => e.By is { } by ? $"{by} forgot {e.Key}{(e.Reason is { Length: > 0 } reason ? $": {reason}" : ".")}" : "It is not checked any more.";

    private static string Seen(Look look, ActionEnded e) => e.ExitCode is null
        ? $"Nobody could look at {look.Key.Server}{(e.Output.Length > 0 ? $": {e.Output}" : ".")}"
        : $"What was seen on {look.Key.Server} at that moment: {e.Output.Count(static c => c == '\n') + 1} lines.";

    private string Value(CheckKey key, double? value) => value is { } number ? HealthThreshold.Format(number, unitOf(key.Rule)) : "";

    private static string Server(ServerChanged e) => e.To switch
    {
        HealthState.OK => "It can be reached.",
        HealthState.Unreachable => "It cannot be asked, since what is in front of it is down.",
        _ => "It cannot be reached.",
    };

    private static string Acknowledgement(Acknowledgement taken) => $"{taken.By} works on it{(taken.Comment.Length > 0 ? $": {taken.Comment}" : ".")}";

    private static string Downtime(Downtime downtime) => $"{downtime.Server}{(downtime.Rule is { } rule ? $" {rule}" : "")} is worked on{(downtime.Reason.Length > 0 ? $": {downtime.Reason}" : ".")}";

    private static string Held(HoldReason reason) => reason switch
    {
        HoldReason.Limit => "Held back, since there were too many messages within the hour",
        HoldReason.Quiet => "Held back until the quiet hours are over",
        HoldReason.Mended => "It was mended before anybody was told, and is left to the digest",
        _ => "Not bad enough for a message",
    };

    private static string Blind(MonitorBlind e) => e.Reason switch
    {
        BlindReason.Stopped => $"Nobody looked for {Length(e)}: the monitor was not running.",
        BlindReason.Gap => $"Nobody looked for {Length(e)}: the monitor was held up, or its clock was set.",
        _ => "The clock was set back.",
    };

    private static string Length(MonitorBlind e) => HealthThreshold.Format(Math.Max(0, (e.Time - e.From).TotalSeconds), "s");
}
