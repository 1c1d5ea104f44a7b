using ProdOps.Monitoring.Incidents;

namespace ProdOps.Monitoring.States;

/// <summary>What the events so far add up to. <see cref="Apply"/> is the only thing that changes it.</summary>
internal sealed partial class MonitorState
{
    public static MonitorState Rebuild(IEnumerable<MonitorEvent> events)
    {
        var state = new MonitorState();
        foreach (var happened in events) state.Apply(happened);
        return state;
    }

    /// <summary>The number of the last event.</summary>
    public long LastNumber { get; private set; }

    /// <summary>The time of the last event.</summary>
    public DateTimeOffset LastTime { get; private set; }

    /// <summary>How much of the clock's time counts for nothing: nobody looked, or the clock was set.</summary>
    public TimeSpan Skipped { get; private set; }

    /// <summary>Since when this machine is cut off from what it watches.</summary>
    public DateTimeOffset? Isolated { get; private set; }

    public Dictionary<CheckKey, CheckState> Checks { get; } = [];

    /// <summary>Servers that are Critical or Unreachable. All others can be reached.</summary>
    public SortedDictionary<string, HealthState> Servers { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<long, Downtime> Downtimes { get; } = [];

    /// <summary>Incidents that are open, or whose end somebody must still be told of.</summary>
    public SortedDictionary<long, Incident> Incidents { get; } = [];

    /// <summary>The open incident that a check belongs to.</summary>
    public Dictionary<CheckKey, long> IncidentOf { get; } = [];

    public SortedDictionary<string, RouteState> Routes { get; } = new(StringComparer.Ordinal);

    /// <summary>Steady time: the clock's, without what counts for nothing. It never goes back and never jumps.</summary>
    public DateTimeOffset Steady(DateTimeOffset time) => time - Skipped;

    public HealthState LevelOf(CheckKey key) => Checks.TryGetValue(key, out var check) ? check.Level : HealthState.OK;

    /// <summary>Whether somebody announced it.</summary>
    /// <param name="key">The check.</param>
    /// <param name="now">The time.</param>
    /// <param name="pastSilences">Whether an Alertmanager's silences do not count.</param>
    public bool IsInDowntime(CheckKey key, DateTimeOffset now, bool pastSilences = false)
    {
        foreach (var downtime in Downtimes.Values)
        {
            if ((!pastSilences || downtime.Source is null) && downtime.Covers(key, IncidentOf.GetValueOrDefault(key), LevelOf(key)) && downtime.IsActive(now)) return true;
        }

        return false;
    }

    /// <summary>Takes in an event. One that was taken in before changes nothing.</summary>
    public void Apply(MonitorEvent happened)
    {
        if (happened.Number <= LastNumber) return;
        (LastNumber, LastTime) = (happened.Number, happened.Time);
        switch (happened)
        {
            case MonitorBlind e: Skipped += e.Time - e.From; break;
            case ObserverIsolated e: Isolated = e.Time; break;
            case ObserverReturned e: Return(e); break;
            case CheckResult e: Checks[e.Key] = CheckMachine.After(Checks.GetValueOrDefault(e.Key) ?? new CheckState { Since = e.Time }, e.State, Steady(e.Time)) with { Value = e.Value, Message = e.Message }; break;
            case CheckChanged e: Change(e); break;
            case CheckDropped e: if (Checks.Remove(e.Key, out var dropped)) CountFlapping(e.Key, dropped.Flapping, false); break;
            case ServerChanged e: Change(e); break;
            case DowntimeSet e: Downtimes[e.Number] = e.Downtime with { Id = e.Number }; break;
            case DowntimeBegan e: if (Downtimes.TryGetValue(e.Downtime, out var begun)) Downtimes[e.Downtime] = begun with { Began = e.Time }; break;
            case DowntimeEnded e: End(e); break;
            default:
                ApplyToIncidents(happened);
                ApplyToOutcomes(happened);
                break;
        }
    }

    private void End(DowntimeEnded e)
    {
        if (!Downtimes.Remove(e.Downtime, out var over)) return;
        // What was silent in an incident that others are told of is news now.
        foreach (var incident in Incidents.Values.Where(incident => incident.Told.Count > 0 && incident.Members.Keys.Any(key => over.Covers(key)))) Note(incident, e.Time);
    }

    private void Return(ObserverReturned e)
    {
        if (Isolated is { } since) Skipped += e.Time - since;
        Isolated = null;
    }

    private void Change(CheckChanged e)
    {
        if (!Checks.TryGetValue(e.Key, out var check)) check = new CheckState { Since = e.Time };
        CountFlapping(e.Key, check.Flapping, e.Flapping);
        // Before a gap nothing was seen that goes on behind it.
        if (e.Missing && !check.Missing) check = check with { Warning = default, Critical = default, Unknown = check.Unknown.Beyond ? check.Unknown : new Side(true, 1, Steady(e.Time)) };
        Checks[e.Key] = check with { Level = e.Level, Missing = e.Missing, Flapping = e.Flapping, Value = e.Value ?? check.Value, Message = e.Message ?? check.Message, Since = e.From == e.To ? check.Since : e.Time };
    }

    private void Change(ServerChanged e)
    {
        if (e.To == HealthState.OK) Servers.Remove(e.Server);
        else Servers[e.Server] = e.To;
    }
}
