using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Incidents;

/// <summary>
/// Who is told what. There is no queue of messages: what a route knows of an incident is compared with how it is, each time anew. So nothing is
/// told twice, what is over before it was told is not told, and whoever knows of a problem learns of its end.
/// </summary>
internal sealed class Notifier(MonitorPlan plan, MonitorState state, Causes causes, Action<MonitorEvent> emit)
{
    private readonly NotificationText _text = new(state, causes);
    private DateTimeOffset _now, _steady;

    public void Decide(DateTimeOffset now)
    {
        (_now, _steady) = (now, state.Steady(now));
        var heard = state.Incidents.Values.ToDictionary(static incident => incident, incident => Audible(incident, pastSilences: false));
        var past = plan.RoutesPastSilences.Count == 0 ? heard : state.Incidents.Values.ToDictionary(static incident => incident, incident => Audible(incident, pastSilences: true));
        foreach (var route in plan.Routes)
        {
            var memory = state.Routes.GetValueOrDefault(route.Name) ?? new RouteState();
            Send(route, memory, [.. (plan.RoutesPastSilences.Contains(route.Name) ? past : heard).Select(incident => Want(route, memory, incident.Key, incident.Value)).OfType<Notice>()]);
            SendDigest(route);
        }
    }

    /// <summary>The members that may be told of: those that nobody announced, nor their cause.</summary>
    private List<KeyValuePair<CheckKey, HealthState>> Audible(Incident incident, bool pastSilences)
    {
        if (state.Downtimes.Count == 0) return [.. incident.Members];
        return [.. incident.Members.Where(member => !state.IsInDowntime(member.Key, _now, pastSilences) && !state.IsInDowntime(causes.RootOf(member.Key), _now, pastSilences))];
    }

    /// <summary>What a route should be told of an incident now; <see langword="null"/> for nothing.</summary>
    private Notice? Want(NotificationRoute route, RouteState memory, Incident incident, List<KeyValuePair<CheckKey, HealthState>> audible)
    {
        var told = incident.Told.GetValueOrDefault(route.Name);
        if (incident.Resolved is not null) return told is null ? null : Make(incident, told.Root, NotificationKind.Recovery, told.Severity, false, audible);
        var severity = Incident.WorstOf(audible.Select(static member => member.Value));
        if (severity == HealthState.OK) return null;
        bool flapping = audible.TrueForAll(member => state.Checks.TryGetValue(member.Key, out var check) && check.Flapping);
        var kind = told is null ? WantFirst(route, incident, audible, severity) : WantMore(route, incident, told, severity, flapping);
        if (kind is not { } why) return null;
        if (WhyNot(route, severity) is not { } reason) return Make(incident, Named(incident, audible), why, severity, flapping, audible);
        // It is held for a digest; where there is none, what is minor is left out, and what is quiet comes later if it is still so then.
        if (told is null && route.DigestAt is not null && !memory.IsHeld(incident.Id, reason))
            emit(new NotificationHeld(route.Name, incident.Id, reason, Make(incident, Named(incident, audible), why, severity, flapping, audible).Title));
        return null;
    }

    /// <summary>What is named as the cause: not what was announced, where something else is told beside it.</summary>
    private CheckKey Named(Incident incident, List<KeyValuePair<CheckKey, HealthState>> audible) => state.IsInDowntime(incident.Root, _now) ? causes.RootOf(audible[0].Key) : incident.Root;

    private NotificationKind? WantFirst(NotificationRoute route, Incident incident, List<KeyValuePair<CheckKey, HealthState>> audible, HealthState severity)
    {
        if (!audible.Exists(member => plan.IsFor(route, member.Key.Server)) || incident.Acknowledgement is not null) return null;
        var age = _steady - incident.OpenedSteady;
        // A server that is gone explains itself; but what might have a cause above waits for that to be certain.
        bool clear = incident.Root.IsReachability && incident.Members.ContainsKey(incident.Root);
        if (age < (clear ? TimeSpan.Zero : plan.Settings.GroupWait) || (causes.IsUndecided(incident.Root) && age < plan.Settings.CauseWait)) return null;
        if (!incident.Members.ContainsKey(incident.Root) && age < plan.Settings.CauseWait) return null;
        if (state.Actions.Exists(run => run.Incident == incident.Id && run is { Diagnosis: true, Ended: false } && _steady - run.Begun < plan.Settings.DiagnosisWait)) return null;
        if (route.After > TimeSpan.Zero) return age >= route.After ? NotificationKind.Escalation : null;
        return audible.TrueForAll(member => state.Checks[member.Key].Flapping) && severity != HealthState.OK ? NotificationKind.Flapping : NotificationKind.Problem;
    }

    private NotificationKind? WantMore(NotificationRoute route, Incident incident, Told told, HealthState severity, bool flapping)
    {
        if (incident.Acknowledgement is not null) return null;
        if (Incident.Rank(severity) > Incident.Rank(told.Severity)) return NotificationKind.Worse;
        if (flapping) return told.Flapping ? null : NotificationKind.Flapping;
        // That somebody else's key is there is not what people know of a server that is gone: it does not wait for long.
        var wait = NotificationText.Alarm(state, incident.Root) is null ? plan.Settings.UpdateInterval : plan.Settings.GroupWait;
        if (incident.Revision > told.Revision && _steady - incident.News >= wait && _steady - told.At >= wait) return NotificationKind.Update;
        var repeat = severity == HealthState.Critical ? route.Repeat : route.RepeatWarning;
        return repeat > TimeSpan.Zero && _steady - told.At >= repeat ? NotificationKind.Reminder : null;
    }

    private HoldReason? WhyNot(NotificationRoute route, HealthState severity)
    {
        if (Incident.Rank(severity) < Incident.Rank(route.Severity)) return HoldReason.Minor;
        if (route.Quiet.Count == 0 || (severity == HealthState.Critical && !route.QuietForCritical)) return null;
        var local = Local(route);
        return route.Quiet.Any(hours => hours.Contains(local)) ? HoldReason.Quiet : null;
    }

    /// <summary>At most so many an hour. When the last one is due, it is a summary; and so is the first one after something was held back.</summary>
    private void Send(NotificationRoute route, RouteState memory, List<Notice> wanted)
    {
        int left = route.MaxPerHour - memory.Sent.Count(sent => _steady - sent < TimeSpan.FromHours(1));
        var held = memory.Held.Where(static held => held.Reason == HoldReason.Limit).ToList();
        if (left <= 0)
        {
            foreach (var notice in wanted.Where(notice => !memory.IsHeld(notice.Incident, HoldReason.Limit))) emit(new NotificationHeld(route.Name, notice.Incident, HoldReason.Limit, notice.Title));
            return;
        }

        if (held.Count > 0 || wanted.Count >= plan.Settings.Storm || wanted.Count > left)
        {
            var severity = Incident.WorstOf(wanted.Select(static notice => notice.Severity));
            emit(new NotificationDecided(route.Name, NotificationKind.Summary, severity, Last(NotificationText.Summary(wanted, held), left), wanted));
            return;
        }

        foreach (var notice in wanted)
        {
            emit(new NotificationDecided(route.Name, notice.Kind, notice.Severity, Last(notice.Title, left--), [notice]));
        }
    }

    /// <summary>Whoever gets the last message of the hour should not take the silence after it for peace.</summary>
    private static string Last(string title, int left) => left == 1 ? $"{title} (the last message for now: more are held back until the hour is over)" : title;

    private void SendDigest(NotificationRoute route)
    {
        if (route.DigestAt is not { } at || !state.Routes.TryGetValue(route.Name, out var memory)) return;
        var local = Local(route);
        var day = DateOnly.FromDateTime(local);
        if (TimeOnly.FromDateTime(local) < at || memory.Digest >= day) return;
        // One a day, and no setting of the clock sends it twice. What came after its hour is for tomorrow's.
        var held = memory.Held.Where(static held => held.Reason != HoldReason.Limit).ToList();
        if (!held.Exists(held => Local(route, held.Time) is var time && (DateOnly.FromDateTime(time) < day || TimeOnly.FromDateTime(time) < at))) return;
        emit(new NotificationDecided(route.Name, NotificationKind.Digest, HealthState.Warning, _text.Digest(held), []) { Day = day });
    }

    private Notice Make(Incident incident, CheckKey root, NotificationKind kind, HealthState severity, bool flapping, List<KeyValuePair<CheckKey, HealthState>> audible) =>
        new(incident.Id, kind, severity, incident.Revision, flapping, root, _text.Title(incident, root, kind, severity, [.. audible.Select(static member => member.Key)])) { Opened = incident.Opened };

    private DateTime Local(NotificationRoute route, DateTimeOffset? time = null) =>
        TimeZoneInfo.ConvertTime(time ?? _now, route.TimeZone is null ? TimeZoneInfo.Local : TimeZoneInfo.FindSystemTimeZoneById(route.TimeZone)).DateTime;
}
