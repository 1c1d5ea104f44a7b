using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Incidents;

/// <summary>Puts problems together that have one cause. A problem belongs to one incident, from its beginning to its end.</summary>
internal sealed class IncidentKeeper(MonitorPlan plan, MonitorState state, Causes causes, IncidentIndex index, Action<MonitorEvent> emit)
{
    private readonly List<Incident> _open = [];

    // The last event that all followed from which there was to follow.
    private long _settled = -1;

    /// <summary>After checks have changed, or time has gone by.</summary>
    public void Settle(IReadOnlyList<CheckKey> changed, DateTimeOffset now)
    {
        long begun = state.LastNumber;
        // What begins is taken in before what ends is let go: a server that comes back may not have all its services yet.
        foreach (var key in changed) if (ShownOf(key) is var shown and not HealthState.OK) Take(key, shown, now);
        foreach (var key in changed) if (ShownOf(key) == HealthState.OK) Take(key, HealthState.OK, now);

        // Where nothing has happened since, only time has gone by: it ends acknowledgements.
        bool isQuiet = begun == _settled && changed.Count == 0;
        if (changed.Count > 0) MergeByCause();
        foreach (var incident in Open(isAcknowledged: isQuiet))
        {
            if (incident.Members.Count > 0) FindRoot(incident);
            else if (!IsComingBack(incident)) Resolve(incident, now);
            if (incident is { Resolved: null, Acknowledgement: { } acknowledgement }) Review(incident, acknowledgement, now);
        }

        _settled = state.LastNumber == begun ? begun : -1;
    }

    /// <summary>A check is forgotten: what was open of it ends, and what came from it has another cause. No other incident is looked at.</summary>
    public void Forget(CheckKey key)
    {
        if (state.IncidentOf.TryGetValue(key, out long id))
        {
            var incident = state.Incidents[id];
            emit(new IncidentMember(id, key, HealthState.OK, IsFolded(incident, key)));
            if (incident.Members.Count == 0 && !IsComingBack(incident)) emit(new IncidentResolved(id));
        }

        foreach (long rooted in index.WithRoot(key).ToList()) if (state.Incidents[rooted].Members.Count > 0) FindRoot(state.Incidents[rooted]);
    }

    private HealthState ShownOf(CheckKey key) => state.Checks.TryGetValue(key, out var check) ? check.Shown : HealthState.OK;

    private void Take(CheckKey key, HealthState shown, DateTimeOffset now)
    {
        var member = state.IncidentOf.TryGetValue(key, out long known) ? state.Incidents[known] : null;
        if (member is not null && member.Members[key] != shown) emit(new IncidentMember(known, key, shown, IsFolded(member, key)));
        else if (member is null && shown != HealthState.OK) Join(key, shown, now);
    }

    /// <summary>A server that was gone answers, and something on it does not work yet, or not any more: that it is over would be said too early, and the rest told as something new.</summary>
    private bool IsComingBack(Incident incident) => incident.Root.IsReachability && causes.MayBreak(incident.Root.Server);

    /// <summary>What an action mended before anybody was told is no news, and still somebody should know that it had to: the next digest says so.</summary>
    private void Resolve(Incident incident, DateTimeOffset now)
    {
        if (incident.Told.Count == 0 && state.Actions.FindLast(run => run.Incident == incident.Id && !run.Diagnosis) is { } run)
        {
            string title = $"{incident.WorstPeak}: {incident.Root}: mended within {HealthThreshold.Format(Math.Max(0, (now - incident.Opened).TotalSeconds), "s")} by '{run.Action}'";
            foreach (var route in plan.Routes)
            {
                bool isHeld = state.Routes.TryGetValue(route.Name, out var memory) && memory.IsHeld(incident.Id);
                if (route.DigestAt is not null && !isHeld && incident.Peaks.Keys.Any(member => plan.IsFor(route, member.Server))) emit(new NotificationHeld(route.Name, incident.Id, HoldReason.Mended, title));
            }
        }

        emit(new IncidentResolved(incident.Id));
    }

    private void Join(CheckKey key, HealthState shown, DateTimeOffset now)
    {
        var root = causes.RootOf(key);
        var incident = WithCause(root) ?? (root == key ? WithCause(CheckKey.ReachabilityOf(key.Server)) ?? Akin(key, shown, now) : null);
        if (incident is null)
        {
            emit(new IncidentOpened(root));
            incident = state.Incidents[state.LastNumber];
        }

        emit(new IncidentMember(incident.Id, key, shown, IsFolded(incident, key)));
    }

    private List<Incident> Open(bool isAcknowledged = false)
    {
        _open.Clear();
        foreach (var incident in state.Incidents.Values) if (incident.Resolved is null && (!isAcknowledged || incident.Acknowledgement is not null)) _open.Add(incident);
        return _open;
    }

    private Incident? WithCause(CheckKey root) =>
        state.IncidentOf.TryGetValue(root, out long id) || (id = index.WithRoot(root).Min) != 0 ? state.Incidents[id] : null;

    /// <summary>
    /// What begins on one server, or by one rule, within minutes is likely one thing. Ten minutes for both: what one cause brings about becomes certain
    /// after times that differ by that much (a processor's load after ten, memory after one). But what is critical on another server does not wait
    /// for the next update of something that people know of, and what was announced is kept apart: nobody is told of it, nor of its end.
    /// </summary>
    private Incident? Akin(CheckKey key, HealthState shown, DateTimeOffset now)
    {
        var since = state.Steady(now) - plan.Settings.GroupWindow;
        bool isAnnounced = IsAnnounced(key, now);
        var byRule = index.ByRule(key.Rule);
        var here = Newest(index.OnServer(key.Server), member => member.Server == key.Server);
        var like = Newest(shown == HealthState.Critical ? index.Untold : byRule, member => member.Rule == key.Rule);
        return like is null || here?.Id > like.Id ? here : like;

        Incident? Newest(SortedSet<long> incidents, Func<CheckKey, bool> isLike)
        {
            foreach (long id in incidents.Reverse())
            {
                var incident = state.Incidents[id];
                if (incident.Joined < since || (incidents == index.Untold && !byRule.Contains(id))) continue;
                if (state.Downtimes.Count == 0 || incident.Members.Keys.Any(member => isLike(member) && IsAnnounced(member, now) == isAnnounced)) return incident;
            }

            return null;
        }
    }

    private bool IsAnnounced(CheckKey key, DateTimeOffset now) => state.Downtimes.Count > 0 && (state.IsInDowntime(key, now) || state.IsInDowntime(causes.RootOf(key), now));

    private bool IsFolded(Incident incident, CheckKey key) => causes.RootOf(key) is var root && root != key && (root == incident.Root || incident.Members.ContainsKey(root));

    /// <summary>Incidents whose roots turn out to have one cause become one: the oldest, that somebody may know of already.</summary>
    private void MergeByCause()
    {
        var byCause = new Dictionary<CheckKey, Incident>();
        foreach (var incident in Open())
        {
            var cause = causes.RootOf(incident.Root);
            var home = state.IncidentOf.TryGetValue(cause, out long id) ? state.Incidents[id] : null;
            // Of most nobody else has the cause.
            if (cause == incident.Root && index.WithRoot(cause).Count == 1 && (home is null || home == incident)) continue;
            if (!state.Incidents.ContainsKey(incident.Id) || !IsCertain(cause, incident)) continue;
            var other = byCause.GetValueOrDefault(cause) ?? home ?? index.WithRoot(cause).Select(known => state.Incidents[known]).FirstOrDefault(known => IsCertain(cause, known));
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
            int severity = Incident.Rank(incident.Severity);
            var worst = incident.Members.First(member => Incident.Rank(member.Value) == severity).Key;
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
