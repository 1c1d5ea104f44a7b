using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.History;

/// <summary>Which events are wanted. No patterns and no kinds: all.</summary>
internal sealed record EventFilter
{
    public IReadOnlyList<string> Servers { get; init; } = [];

    public IReadOnlyList<string> Checks { get; init; } = [];

    public IReadOnlyList<HealthEventKind> Kinds { get; init; } = [];

    /// <summary>Whether results that are not certain are wanted, which are most of all events.</summary>
    public bool IncludeResults { get; init; }

    public bool Fits(HealthEvent told) =>
        (Servers.Count == 0 || Servers.Any(pattern => NamePattern.IsMatch(pattern, told.Server)))
        && (Checks.Count == 0 || Checks.Any(pattern => NamePattern.IsMatch(pattern, told.Check)))
        && (Kinds.Count == 0 || Kinds.Contains(told.Kind));
}

/// <summary>
/// What happened, as people read it. An event that speaks of another one (a delivery of a message, the end of an action, the end of an incident) says what that one is about, whenever
/// it was.
/// </summary>
internal sealed class EventHistory(EventStore events, EventText text, IActivity activity)
{
    private const string ResultKind = "result";

    // Recoveries are told when the quiet hours are over, and channels are tried for a while.
    private static readonly TimeSpan Aftermath = TimeSpan.FromHours(24);

    private readonly EventReader _reader = new(events, activity);
    private readonly Dictionary<CheckKey, Membership> _members = [];

    /// <summary>The events of a time, in its order.</summary>
    public IEnumerable<HealthEvent> Read(EventFilter filter, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        foreach (var told in Fitting(filter, from, to, cancellationToken)) yield return told;
        _reader.TellUnknown();
    }

    /// <summary>The newest so many of a time, in its order.</summary>
    public IReadOnlyCollection<HealthEvent> ReadNewest(EventFilter filter, DateTimeOffset from, DateTimeOffset to, int most, CancellationToken cancellationToken)
    {
        // From the end backwards, in ever longer pieces: a store has years, and a filter may leave out most of them.
        for (long count = 2L * most; ; count *= 8)
        {
            var begin = events.BeginOfNewest(Query(filter, from, to), count) ?? from;
            var newest = new Queue<HealthEvent>();
            foreach (var told in Fitting(filter, begin, to, cancellationToken))
            {
                newest.Enqueue(told);
                if (newest.Count > most) newest.Dequeue();
            }

            if (newest.Count < most && begin > from) continue;
            _reader.TellUnknown();
            return newest;
        }
    }

    /// <summary>All that belongs to an incident, in the order in which it happened: checks, messages, their deliveries, actions, people.</summary>
    /// <exception cref="ProdOpsException">There never was such an incident.</exception>
    public IEnumerable<HealthEvent> ReadIncident(EventFilter filter, long incident, CancellationToken cancellationToken)
    {
        if (_reader.Find(incident) is not IncidentOpened opened) throw MonitoringErrors.IncidentUnknown(incident);
        // What opened it stands before it, at the same moment.
        var before = _reader.Read(new EventQuery { From = opened.Time, To = opened.Time.AddMilliseconds(1) }, stored => IsWanted(filter, stored.Kind), cancellationToken).Where(one => one.Number < incident).ToList();
        DateTimeOffset? end = null;
        foreach (var (told, happened) in Tell(before.Concat(_reader.Replay(incident - 1, stored => IsWanted(filter, stored.Kind), cancellationToken))))
        {
            if (told.Time > end + Aftermath) break;
            if (told.Incident != incident && !IsAbout(happened, incident)) continue;
            if (happened is IncidentResolved || (happened is IncidentMerged merged && merged.Incident == incident)) end = told.Time;
            if (filter.Fits(told)) yield return told with { Incident = incident };
        }

        _reader.TellUnknown();
    }

    /// <summary>What all events add up to; those that are not understood are passed over.</summary>
    public MonitorState State(MonitorRecord record, CancellationToken cancellationToken)
    {
        var state = record.LoadSaved();
        foreach (var happened in _reader.Replay(state.LastNumber, static _ => true, cancellationToken)) state.Apply(happened);
        _reader.TellUnknown();
        return state;
    }

    private IEnumerable<HealthEvent> Fitting(EventFilter filter, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        Tell(_reader.Read(Query(filter, from, to), stored => IsWanted(filter, stored.Kind), cancellationToken)).Select(static one => one.Told).Where(filter.Fits);

    private static EventQuery Query(EventFilter filter, DateTimeOffset from, DateTimeOffset to) => new() { From = from, To = to, Without = IsWanted(filter, ResultKind) ? null : ResultKind };

    private static bool IsWanted(EventFilter filter, string kind) => kind != ResultKind || filter.IncludeResults || filter.Kinds.Contains(HealthEventKind.Result);

    private IEnumerable<(HealthEvent Told, MonitorEvent? Happened)> Tell(IEnumerable<MonitorEvent> happened)
    {
        var pending = new Dictionary<long, MonitorEvent>();
        foreach (var told in text.Read(happened.Select(Note)))
        {
            if (pending.Remove(told.Number, out var source)) yield return (Complete(told, source), source);
            else yield return (told, null);
        }

        MonitorEvent Note(MonitorEvent one)
        {
            if (one is IncidentMember member) _members[member.Key] = new Membership(member.Incident, member.State == HealthState.OK ? member.Time : null);
            else pending[one.Number] = one;
            return one;
        }
    }

    private HealthEvent Complete(HealthEvent told, MonitorEvent happened) => happened switch
    {
        CheckChanged e when told.Incident == 0 => told with { Incident = IncidentOf(e.Key, e.Time) },
        CheckDropped e when told.Incident == 0 => told with { Incident = IncidentOf(e.Key, e.Time) },
        CheckResult e => told with { Incident = IncidentOf(e.Key, e.Time) },
        ServerChanged e => told with { Incident = IncidentOf(CheckKey.ReachabilityOf(e.Server), e.Time) },
        ActionHeld e => told with { Incident = IncidentOf(e.Key, e.Time) },
        ActionEnded e when _reader.Find(e.Begun) is ActionBegun begun => About(told, begun.Key) with { Incident = begun.Incident, By = begun.Action, State = begun.State },
        NotificationDecided { Incidents: [var only] } => About(told, only.Root),
        NotificationDelivered e => OfMessage(told, e.Notification),
        NotificationGivenUp e => OfMessage(told, e.Notification),
        DowntimeBegan e => OfDowntime(told, e.Downtime),
        DowntimeEnded e => OfDowntime(told, e.Downtime),
        _ when told.Incident != 0 && told.Server.Length == 0 && _reader.Find(told.Incident) is IncidentOpened opened => About(told, opened.Root),
        _ => told,
    };

    private HealthEvent OfMessage(HealthEvent told, long message)
    {
        if (_reader.Find(message) is not NotificationDecided decided) return told;
        told = told with { State = decided.Severity, By = told.By.Length > 0 ? $"{decided.Route}: {told.By}" : decided.Route };
        return decided.Incidents is [var only] ? About(told, only.Root) with { Incident = only.Incident } : told;
    }

    private HealthEvent OfDowntime(HealthEvent told, long downtime) =>
        _reader.Find(downtime) is DowntimeSet { Downtime: var set } ? told with { Server = set.Server, Check = set.Rule ?? "", Instance = set.Instance } : told;

    private static HealthEvent About(HealthEvent told, CheckKey key) => told with { Server = key.Server, Check = key.Rule, Instance = key.Instance };

    private bool IsAbout(MonitorEvent? happened, long incident) => happened switch
    {
        NotificationDecided e => e.Incidents.Any(notice => notice.Incident == incident),
        NotificationDelivered e => IsAbout(_reader.Find(e.Notification), incident),
        NotificationGivenUp e => IsAbout(_reader.Find(e.Notification), incident),
        IncidentMerged e => e.Incident == incident,
        _ => false,
    };

    /// <summary>The incident that a check was in at a moment, as far as was read.</summary>
    private long IncidentOf(CheckKey key, DateTimeOffset time) => _members.TryGetValue(key, out var member) && !(member.Left < time) ? member.Incident : 0;

    private readonly record struct Membership(long Incident, DateTimeOffset? Left);
}
