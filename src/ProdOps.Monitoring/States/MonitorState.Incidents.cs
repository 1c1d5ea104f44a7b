using ProdOps.Monitoring.Incidents;

namespace ProdOps.Monitoring.States;

internal sealed partial class MonitorState
{
    private void ApplyToIncidents(MonitorEvent happened)
    {
        switch (happened)
        {
            case IncidentOpened e:
                var steady = Steady(e.Time);
                Incidents[e.Number] = new Incident { Id = e.Number, Root = e.Root, Opened = e.Time, OpenedSteady = steady, Joined = steady };
                break;
            case IncidentMember e: if (Incidents.TryGetValue(e.Incident, out var joined)) Change(joined, e); break;
            case IncidentRooted e: if (Incidents.TryGetValue(e.Incident, out var rooted)) Change(rooted, e); break;
            case IncidentMerged e: Merge(e); break;
            case IncidentResolved e: if (Incidents.TryGetValue(e.Incident, out var resolved)) resolved.Resolved = e.Time; Forget(e.Incident); break;
            case IncidentAcknowledged e: if (Incidents.TryGetValue(e.Incident, out var known)) known.Acknowledgement = e.Acknowledgement; break;
            case AcknowledgementEnded e: if (Incidents.TryGetValue(e.Incident, out var unheeded)) unheeded.Acknowledgement = null; break;
            case NotificationDecided e: Tell(e); break;
            case NotificationHeld e: RouteOf(e.Route).Hold(new Held(e.Time, e.Incident, e.Reason, e.Title)); break;
        }
    }

    private RouteState RouteOf(string route)
    {
        if (!Routes.TryGetValue(route, out var state)) Routes[route] = state = new RouteState();
        return state;
    }

    private void Change(Incident incident, IncidentMember e)
    {
        if (e.State == HealthState.OK)
        {
            if (incident.Release(e.Key) && IsFlapping(e.Key)) incident.Flapping--;
            IncidentOf.Remove(e.Key);
            return;
        }

        if (Join(incident, e.Key, e.State)) incident.Joined = Steady(e.Time);
        int now = Incident.Rank(e.State), worst = Incident.Rank(incident.WorstPeak);
        var peak = incident.Peaks.GetValueOrDefault(e.Key);
        if (now <= Incident.Rank(peak)) return;
        incident.Reach(e.Key, e.State);
        // What follows from another member is no news, unless all of it is worse for that.
        if (!e.Folded || now > worst) Note(incident, e.Time);
    }

    private bool Join(Incident incident, CheckKey key, HealthState state)
    {
        bool isNew = incident.Take(key, state);
        if (isNew && IsFlapping(key)) incident.Flapping++;
        IncidentOf[key] = incident.Id;
        return isNew;
    }

    /// <summary>Incidents know how many of their members come and go.</summary>
    private void CountFlapping(CheckKey key, bool before, bool now)
    {
        if (before != now && IncidentOf.TryGetValue(key, out long id) && Incidents.TryGetValue(id, out var incident)) incident.Flapping += now ? 1 : -1;
    }

    private bool IsFlapping(CheckKey key) => Checks.TryGetValue(key, out var check) && check.Flapping;

    private void Change(Incident incident, IncidentRooted e)
    {
        incident.Root = e.Root;
        if (e.News) Note(incident, e.Time);
    }

    private void Note(Incident incident, DateTimeOffset time)
    {
        incident.Revision++;
        incident.News = Steady(time);
    }

    private void Merge(IncidentMerged e)
    {
        if (!Incidents.Remove(e.Incident, out var from) || !Incidents.TryGetValue(e.Into, out var into)) return;
        foreach (var (key, state) in from.Members) Join(into, key, state);
        foreach (var (key, peak) in from.Peaks) into.Reach(key, Incident.WorstOf([peak, into.Peaks.GetValueOrDefault(key)]));
        // Whoever knows of one knows of the other, and is owed its end.
        foreach (var (route, told) in from.Told) into.Told.TryAdd(route, told with { Revision = Math.Min(told.Revision, into.Revision) });
    }

    private void Tell(NotificationDecided e)
    {
        var steady = Steady(e.Time);
        var route = RouteOf(e.Route);
        route.Sent.RemoveAll(sent => steady - sent >= TimeSpan.FromHours(1));
        route.Sent.Add(steady);
        if (e.Kind == NotificationKind.Summary) route.Release(held => held.Reason == HoldReason.Limit);
        if (e.Kind == NotificationKind.Digest) route.Release(held => held.Reason != HoldReason.Limit);
        if (e.Day is { } day) route.Digest = day;
        var quiet = e.Incidents.Select(static notice => notice.Incident).Where(incident => route.IsHeld(incident, HoldReason.Quiet)).ToHashSet();
        if (quiet.Count > 0) route.Release(held => held.Reason == HoldReason.Quiet && quiet.Contains(held.Incident));
        foreach (var notice in e.Incidents)
        {
            if (!Incidents.TryGetValue(notice.Incident, out var incident)) continue;
            if (notice.Kind == NotificationKind.Recovery) incident.Told.Remove(e.Route);
            else incident.Told[e.Route] = new Told(steady, Incident.WorstOf([notice.Severity, incident.Told.GetValueOrDefault(e.Route)?.Severity ?? HealthState.OK]), notice.Revision, notice.Flapping, notice.Root);
            Forget(incident.Id);
        }
    }

    /// <summary>An incident is kept until the last of those who know of it knows of its end.</summary>
    private void Forget(long id)
    {
        if (Incidents.TryGetValue(id, out var incident) && incident is { Resolved: not null, Told.Count: 0 }) Incidents.Remove(id);
    }
}
