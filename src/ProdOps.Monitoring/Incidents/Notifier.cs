using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Incidents;

/// <summary>
/// Who is told what. There is no queue of messages: what a route knows of an incident is compared with how it is, each time anew. So nothing is
/// told twice, what is over before it was told is not told, and whoever knows of a problem learns of its end.
/// </summary>
/// <remarks>Of an incident with thousands of members none is looked at where nothing was announced: what is asked of all of them is counted as they come and go.</remarks>
internal sealed class Notifier(MonitorPlan plan, MonitorState state, Causes causes, IncidentIndex index, Action<MonitorEvent> emit)
{
    private readonly NotificationText _text = new(state, causes);
    private readonly HeardMembers _heard = new(state, causes);
    private DateTimeOffset _now, _steady;

    public void Decide(DateTimeOffset now)
    {
        (_now, _steady) = (now, state.Steady(now));
        _heard.Begin(now);
        foreach (var route in plan.Routes)
        {
            var memory = state.Routes.GetValueOrDefault(route.Name) ?? new RouteState();
            bool isPast = plan.RoutesPastSilences.Contains(route.Name);
            int left = route.MaxPerHour - memory.Sent.Count(sent => _steady - sent < TimeSpan.FromHours(1));
            var wanted = new List<Wanted>();
            foreach (var incident in state.Incidents.Values)
            {
                if ((left <= 0 && memory.IsHeld(incident.Id, HoldReason.Limit)) || Want(route, memory, incident, _heard.Of(incident, isPast)) is not { } one) continue;
                if (left > 0) wanted.Add(one);
                else emit(new NotificationHeld(route.Name, incident.Id, HoldReason.Limit, TitleOf(one)));
            }

            if (left > 0) Send(route, memory, wanted, left);
            SendDigest(route);
        }
    }

    /// <summary>What a route should be told of an incident now; <see langword="null"/> for nothing.</summary>
    private Wanted? Want(NotificationRoute route, RouteState memory, Incident incident, in Heard heard)
    {
        var told = incident.Told.GetValueOrDefault(route.Name);
        if (incident.Resolved is not null) return told is null ? null : new Wanted(incident, told.Root, NotificationKind.Recovery, told.Severity, heard with { IsFlapping = false });
        if (heard.Severity == HealthState.OK) return null;
        var kind = told is null ? WantFirst(route, incident, heard) : WantMore(route, incident, told, heard);
        if (kind is not { } why) return null;
        var wanted = new Wanted(incident, Named(incident, heard), why, heard.Severity, heard);
        if (WhyNot(route, heard.Severity) is not { } reason) return wanted;
        // It is held for a digest; where there is none, what is minor is left out, and what is quiet comes later if it is still so then.
        if (told is null && route.DigestAt is not null && !memory.IsHeld(incident.Id, reason)) emit(new NotificationHeld(route.Name, incident.Id, reason, TitleOf(wanted)));
        return null;
    }

    /// <summary>What is named as the cause: not what was announced, where something else is told beside it.</summary>
    private CheckKey Named(Incident incident, in Heard heard) => state.IsInDowntime(incident.Root, _now) ? causes.RootOf((heard.Members ?? incident.Members.Keys).First()) : incident.Root;

    private NotificationKind? WantFirst(NotificationRoute route, Incident incident, in Heard heard)
    {
        if (incident.Acknowledgement is not null || !index.Concerns(route, incident) || heard.Members?.Any(member => plan.IsFor(route, member.Server)) == false) return null;
        var age = _steady - incident.OpenedSteady;
        // A server that is gone explains itself; but what might have a cause above waits for that to be certain.
        bool clear = incident.Root.IsReachability && incident.Members.ContainsKey(incident.Root);
        if (age < (clear ? TimeSpan.Zero : plan.Settings.GroupWait) || (age < plan.Settings.CauseWait && causes.IsUndecided(incident.Root))) return null;
        if (!incident.Members.ContainsKey(incident.Root) && age < plan.Settings.CauseWait) return null;
        if (state.Actions.Exists(run => run.Incident == incident.Id && run is { Diagnosis: true, Ended: false } && _steady - run.Begun < plan.Settings.DiagnosisWait)) return null;
        if (route.After > TimeSpan.Zero) return age >= route.After ? NotificationKind.Escalation : null;
        return heard.IsFlapping ? NotificationKind.Flapping : NotificationKind.Problem;
    }

    private NotificationKind? WantMore(NotificationRoute route, Incident incident, Told told, in Heard heard)
    {
        if (incident.Acknowledgement is not null) return null;
        if (Incident.Rank(heard.Severity) > Incident.Rank(told.Severity)) return NotificationKind.Worse;
        if (heard.IsFlapping) return told.Flapping ? null : NotificationKind.Flapping;
        // That somebody else's key is there is not what people know of a server that is gone, nor is it that another server is: neither waits for long.
        if (incident.Revision > told.Revision)
        {
            bool isOther = incident.Root.IsReachability && incident.Root.Server != told.Root.Server && incident.Members.ContainsKey(incident.Root);
            var wait = isOther || NotificationText.Alarm(state, incident.Root) is not null ? plan.Settings.GroupWait : plan.Settings.UpdateInterval;
            if (_steady - incident.News >= wait && _steady - told.At >= wait) return NotificationKind.Update;
        }

        var repeat = heard.Severity == HealthState.Critical ? route.Repeat : route.RepeatWarning;
        return repeat > TimeSpan.Zero && _steady - told.At >= repeat ? NotificationKind.Reminder : null;
    }

    private HoldReason? WhyNot(NotificationRoute route, HealthState severity)
    {
        if (Incident.Rank(severity) < Incident.Rank(route.Severity)) return HoldReason.Minor;
        if (route.Quiet.Count == 0 || (severity == HealthState.Critical && !route.QuietForCritical)) return null;
        var local = Local(route);
        return route.Quiet.Any(hours => hours.Contains(local)) ? HoldReason.Quiet : null;
    }

    /// <summary>What the hour has room for. When the last one is due, it is a summary; and so is the first one after something was held back.</summary>
    private void Send(NotificationRoute route, RouteState memory, List<Wanted> wanted, int left)
    {
        if (wanted.Count == 0 && !memory.HasHeld(HoldReason.Limit)) return;
        var held = memory.Held.Where(static held => held.Reason == HoldReason.Limit).ToList();
        var notices = wanted.ConvertAll(Make);
        if (held.Count > 0 || notices.Count >= plan.Settings.Storm || notices.Count > left)
        {
            var severity = Incident.WorstOf(notices.Select(static notice => notice.Severity));
            emit(new NotificationDecided(route.Name, NotificationKind.Summary, severity, Last(NotificationText.Summary(notices, held), left), notices));
            return;
        }

        foreach (var notice in notices)
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
        // One a day, and setting the clock a little sends it twice no more; a day far ahead, or what was held then, is of a clock that was wrong.
        if (TimeOnly.FromDateTime(local) < at || (memory.Digest >= day && memory.Digest <= day.AddDays(1))) return;
        // What came after its hour is for tomorrow's.
        if (memory.Oldest is not { } oldest || (oldest <= _now && Local(route, oldest) >= day.ToDateTime(at))) return;
        var held = memory.Held.Where(static held => held.Reason != HoldReason.Limit).ToList();
        emit(new NotificationDecided(route.Name, NotificationKind.Digest, HealthState.Warning, _text.Digest(held), []) { Day = day });
    }

    private Notice Make(Wanted wanted) => new(wanted.Incident.Id, wanted.Kind, wanted.Severity, wanted.Incident.Revision, wanted.Heard.IsFlapping, wanted.Root, TitleOf(wanted)) { Opened = wanted.Incident.Opened };

    private string TitleOf(in Wanted wanted) => _text.Title(wanted.Incident, wanted.Root, wanted.Kind, wanted.Severity, wanted.Heard.Members ?? [.. wanted.Incident.Members.Keys]);

    private DateTime Local(NotificationRoute route, DateTimeOffset? time = null) =>
        TimeZoneInfo.ConvertTime(time ?? _now, route.TimeZone is null ? TimeZoneInfo.Local : TimeZoneInfo.FindSystemTimeZoneById(route.TimeZone)).DateTime;

    private readonly record struct Wanted(Incident Incident, CheckKey Root, NotificationKind Kind, HealthState Severity, Heard Heard);
}
