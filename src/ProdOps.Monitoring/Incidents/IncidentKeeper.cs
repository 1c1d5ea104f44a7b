using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Incidents;

/// <summary>Puts problems together that have one cause. A problem belongs to one incident, from its beginning to its end.</summary>
internal sealed class IncidentKeeper(MonitorPlan plan, MonitorState state, Causes causes, Action<MonitorEvent> emit)
{
    /// <summary>After checks have changed, or time has gone by.</summary>
    public void Settle(IReadOnlyList<CheckKey> changed, DateTimeOffset now)
    {
        foreach (var key in changed)
        {
            var shown = state.Checks.TryGetValue(key, out var check) ? check.Shown : HealthState.OK;
            var member = state.IncidentOf.TryGetValue(key, out long known) ? state.Incidents[known] : null;
            if (member is not null && member.Members[key] != shown) emit(new IncidentMember(known, key, shown, IsFolded(member, key)));
            else if (member is null && shown != HealthState.OK) Join(key, shown, now);
        }

        if (changed.Count > 0) MergeByCause();
        foreach (var incident in state.Incidents.Values.Where(static incident => incident.Resolved is null).ToList())
        {
            if (incident.Members.Count == 0) Resolve(incident, now);
            else FindRoot(incident);
            if (incident is { Resolved: null, Acknowledgement: { } acknowledgement }) Review(incident, acknowledgement, now);
        }
    }

    /// <summary>What an action mended before anybody was told is no news, and still somebody should know that it had to: the next digest says so.</summary>
    private void Resolve(Incident incident, DateTimeOffset now)
    {
        if (incident.Told.Count == 0 && state.Actions.FindLast(run => run.Incident == incident.Id && !run.Diagnosis) is { } run)
        {
            string title = $"{Incident.WorstOf(incident.Peaks.Values)}: {incident.Root}: mended within {HealthThreshold.Format(Math.Max(0, (now - incident.Opened).TotalSeconds), "s")} by '{run.Action}'";
            foreach (var route in plan.Routes)
            {
                bool isHeld = state.Routes.TryGetValue(route.Name, out var memory) && memory.Held.Exists(held => held.Incident == incident.Id);
                if (route.DigestAt is not null && !isHeld && incident.Peaks.Keys.Any(member => plan.IsFor(route, member.Server))) emit(new NotificationHeld(route.Name, incident.Id, HoldReason.Mended, title));
            }
        }

        emit(new IncidentResolved(incident.Id));
    }

    private void Join(CheckKey key, HealthState shown, DateTimeOffset now)
    {
        var root = causes.RootOf(key);
        var incident = WithCause(root) ?? (root == key ? Akin(key, shown, now) : null);
        if (incident is null)
        {
            emit(new IncidentOpened(root));
            incident = state.Incidents[state.LastNumber];
        }

        emit(new IncidentMember(incident.Id, key, shown, IsFolded(incident, key)));
    }

    private static IEnumerable<Incident> Open(MonitorState state) => state.Incidents.Values.Where(static incident => incident.Resolved is null);

    private Incident? WithCause(CheckKey root) =>
        state.IncidentOf.TryGetValue(root, out long id) ? state.Incidents[id] : Open(state).FirstOrDefault(incident => incident.Root == root);

    /// <summary>
    /// What begins on one server, or by one rule, within minutes is likely one thing. Ten minutes for both: what one cause brings about becomes certain
    /// after times that differ by that much (a processor's load after ten, memory after one). But what is critical on another server does not wait
    /// for the next update of something that people know of, and what was announced is kept apart: nobody is told of it, nor of its end.
    /// </summary>
    private Incident? Akin(CheckKey key, HealthState shown, DateTimeOffset now)
    {
        var since = state.Steady(now) - plan.Settings.GroupWindow;
        bool announced = IsAnnounced(key, now);
        return Open(state).LastOrDefault(incident => incident.Joined >= since && incident.Members.Keys.Any(member =>
            (member.Server == key.Server || (member.Rule == key.Rule && (shown != HealthState.Critical || incident.Told.Count == 0))) && IsAnnounced(member, now) == announced));
    }

    private bool IsAnnounced(CheckKey key, DateTimeOffset now) => state.Downtimes.Count > 0 && (state.IsInDowntime(key, now) || state.IsInDowntime(causes.RootOf(key), now));

    private bool IsFolded(Incident incident, CheckKey key) => causes.RootOf(key) is var root && root != key && (root == incident.Root || incident.Members.ContainsKey(root));

    /// <summary>Incidents whose roots turn out to have one cause become one: the oldest, that somebody may know of already.</summary>
    private void MergeByCause()
    {
        var byCause = new Dictionary<CheckKey, Incident>();
        foreach (var incident in Open(state).ToList())
        {
            var cause = causes.RootOf(incident.Root);
            if (!state.Incidents.ContainsKey(incident.Id) || !IsCertain(cause, incident)) continue;
            var other = byCause.GetValueOrDefault(cause) ?? (state.IncidentOf.TryGetValue(cause, out long home) ? state.Incidents[home] : null);
            byCause[cause] = other is null || other == incident ? incident : Merge(other, incident);
        }
    }

    private Incident Merge(Incident one, Incident other)
    {
        var (older, younger) = one.Id < other.Id ? (one, other) : (other, one);
        emit(new IncidentMerged(younger.Id, older.Id));
        return older;
    }

    /// <summary>A suspicion is enough as long as nobody was told; after that, nothing less than a certain cause changes what is said.</summary>
    private bool IsCertain(CheckKey cause, Incident incident) => incident.Told.Count == 0 || state.LevelOf(cause) != HealthState.OK;

    /// <summary>A cause above the root takes its place, which is worth telling. A root that is well again, or never was a problem, gives way to the worst that is left.</summary>
    private void FindRoot(Incident incident)
    {
        var cause = causes.RootOf(incident.Root);
        if (cause != incident.Root)
        {
            if (IsCertain(cause, incident)) emit(new IncidentRooted(incident.Id, cause, News: true));
        }
        else if (!incident.Members.ContainsKey(cause) && !(state.Checks.TryGetValue(cause, out var check) && check.IsBad))
        {
            var worst = incident.Members.MaxBy(static member => Incident.Rank(member.Value)).Key;
            // That it goes on although its cause is gone is news, if it does so for a while.
            emit(new IncidentRooted(incident.Id, causes.RootOf(worst), News: true));
        }
    }

    private void Review(Incident incident, Acknowledgement acknowledgement, DateTimeOffset now)
    {
        if (acknowledgement.Until <= now) emit(new AcknowledgementEnded(incident.Id, "Its time is over."));
        else if (!acknowledgement.Sticky && Incident.Rank(incident.Severity) > Incident.Rank(acknowledgement.Severity)) emit(new AcknowledgementEnded(incident.Id, "It got worse."));
    }
}
