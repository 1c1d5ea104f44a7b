using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Incidents;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Tests.Store;

namespace ProdOps.Monitoring.Tests.History;

/// <summary>What is told of events that were kept.</summary>
public sealed class EventHistoryTests : IDisposable, IActivity
{
    private static readonly CheckKey Disk = new("db1", "disk.used", "/var"), Busy = new("web1", "cpu.busy");

    private readonly StoreCase _case = new();
    private readonly List<string> _warnings = [];

    private static DateTimeOffset Start => StoreCase.Start;

    public void Dispose() => _case.Dispose();

    [Fact]
    public void An_incident_is_told_from_beginning_to_end_with_messages_deliveries_and_actions()
    {
        long incident = KeepIncident();
        // What has nothing to do with it stands between.
        Keep(At(31), new CheckChanged(Busy, HealthState.OK, HealthState.Warning, HealthState.Warning, false, false, 97, null));
        var told = History().ReadIncident(new EventFilter(), incident, default).ToList();
        Assert.Equal(
            [
                HealthEventKind.Check, HealthEventKind.Incident, HealthEventKind.Action, HealthEventKind.Action, HealthEventKind.Notification, HealthEventKind.Delivery,
                HealthEventKind.Acknowledgement, HealthEventKind.Check, HealthEventKind.Resolved, HealthEventKind.Notification, HealthEventKind.Held,
            ],
            told.Select(one => one.Kind));
        Assert.All(told, one => Assert.Equal((incident, "db1", "disk.used", "/var"), (one.Incident, one.Server, one.Check, one.Instance)));
        Assert.Equal(told.OrderBy(one => one.Time).ThenBy(one => one.Number), told);
        Assert.Equal(("clean", "freed 1 GiB"), (told[3].By, told[3].Output));
        Assert.Equal("on-call: mail", told[5].By);
    }

    [Fact]
    public void Results_that_are_not_certain_are_told_only_when_they_are_asked_for()
    {
        KeepIncident();
        Assert.DoesNotContain(Read(new EventFilter()), one => one.Kind == HealthEventKind.Result);
        Assert.Single(Read(new EventFilter { IncludeResults = true }), one => one.Kind == HealthEventKind.Result);
        Assert.Equal(HealthEventKind.Result, Assert.Single(Read(new EventFilter { Kinds = [HealthEventKind.Result] })).Kind);
    }

    [Fact]
    public void Events_are_chosen_by_server_check_and_kind_also_those_that_only_speak_of_another_event()
    {
        KeepIncident();
        Keep(At(40), new CheckChanged(Busy, HealthState.OK, HealthState.Warning, HealthState.Warning, false, false, 97.2, null));
        Assert.Equal("97.2 %", Assert.Single(Read(new EventFilter { Servers = ["WEB*"] })).Message);
        Assert.Equal(11, Read(new EventFilter { Servers = ["db1"] }).Count);
        Assert.Equal(11, Read(new EventFilter { Checks = ["disk.*"] }).Count);
        Assert.Equal(["Message 8 was delivered."], Read(new EventFilter { Kinds = [HealthEventKind.Delivery] }).Select(one => one.Message));
    }

    [Fact]
    public void What_speaks_of_an_event_before_the_time_says_all_the_same_what_it_is_about()
    {
        long incident = KeepIncident();
        var told = Assert.Single(History().Read(new EventFilter(), At(31), At(40), default));
        Assert.Equal((HealthEventKind.Held, incident, "db1", "on-call", HealthState.OK), (told.Kind, told.Incident, told.Server, told.By, told.State));
    }

    [Fact]
    public void The_newest_are_found_however_long_ago_they_were_and_come_in_the_order_of_time()
    {
        for (int i = 0; i < 30; i++) Keep(Start.AddDays(i), new CheckChanged(Busy, HealthState.OK, HealthState.Warning, HealthState.Warning, false, false, i, null));
        var newest = History().ReadNewest(new EventFilter(), DateTimeOffset.UnixEpoch, Start.AddDays(60), 5, default);
        Assert.Equal([25, 26, 27, 28, 29], newest.Select(one => one.Value));
        Assert.Equal(30, History().ReadNewest(new EventFilter(), DateTimeOffset.UnixEpoch, Start.AddDays(60), 100, default).Count);
        Assert.Equal([3], History().ReadNewest(new EventFilter(), Start.AddDays(3), Start.AddDays(4), 100, default).Select(one => one.Value));
    }

    [Fact]
    public void The_newest_are_found_behind_many_others()
    {
        for (int i = 0; i < 3; i++) Keep(Start.AddDays(i), new CheckChanged(Busy, HealthState.OK, HealthState.Warning, HealthState.Warning, false, false, i, null));
        for (int i = 0; i < 100; i++) Keep(Start.AddDays(5).AddMinutes(i), new CheckChanged(Disk, HealthState.OK, HealthState.Warning, HealthState.Warning, false, false, 50, null));
        for (int i = 0; i < 100; i++) Keep(Start.AddDays(6).AddMinutes(i), new CheckResult(Busy, HealthState.OK, 77, null));
        Assert.Equal([1, 2], History().ReadNewest(new EventFilter { Checks = [Busy.Rule] }, DateTimeOffset.UnixEpoch, Start.AddDays(60), 2, default).Select(one => one.Value));
        Assert.Equal([77, 77], History().ReadNewest(new EventFilter { Checks = [Busy.Rule], IncludeResults = true }, DateTimeOffset.UnixEpoch, Start.AddDays(60), 2, default).Select(one => one.Value));
        Assert.Equal(100, History().ReadNewest(new EventFilter { Kinds = [HealthEventKind.Result] }, DateTimeOffset.UnixEpoch, Start.AddDays(60), 500, default).Count);
    }

    [Fact]
    public void What_a_later_version_has_written_is_left_out_and_told_once()
    {
        KeepIncident();
        long before = _case.Store.Events.Replay(0, default).Count();
        _case.Store.Events.Append([new StoredEvent(0, At(50), "db1", "teleported", $$"""{"type":"teleported","v":1,"number":{{before + 1}},"time":"2026-01-01T00:50:00Z"}""")]);
        _case.Store.Events.Append([new StoredEvent(0, At(51), "db1", "check", $$"""{"type":"check","v":9,"number":{{before + 2}},"time":"2026-01-01T00:51:00Z"}""")]);
        Assert.Equal(11, Read(new EventFilter()).Count);
        Assert.Contains("2 events", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Contains("check, teleported", _warnings[0], StringComparison.Ordinal);
        _warnings.Clear();
        Assert.Equal(before, History().State(_case.Store.Monitor, default).LastNumber);
        Assert.Single(_warnings);
    }

    [Fact]
    public void Open_incidents_are_told_the_worst_first_with_what_is_the_matter()
    {
        KeepIncident();
        foreach (var (key, state, minute) in new[] { (Busy, HealthState.Warning, 40), (CheckKey.ReachabilityOf("db2"), HealthState.Critical, 41) })
        {
            Keep(At(minute), new CheckChanged(key, HealthState.OK, state, state, false, false, key == Busy ? 97 : null, key == Busy ? null : "no answer"));
            long opened = Keep(At(minute), new IncidentOpened(key));
            Keep(At(minute), new IncidentMember(opened, key, state, false));
        }

        var open = OpenIncidents.Of(History().State(_case.Store.Monitor, default), _ => "%").ToList();
        Assert.Equal([("db2", "no answer", HealthState.Critical), ("web1", "97 %", HealthState.Warning)], open.Select(one => (one.Server, one.Message, one.State!.Value)));
        Assert.All(open, one => Assert.Equal(one.Incident, one.Number));
    }

    [Fact]
    public void What_is_announced_is_known_alike_whether_events_were_added_up_before_or_not()
    {
        KeepIncident();
        long first = Keep(At(41), new DowntimeSet(new Downtime { Server = "web3", From = At(0), Until = At(600), Reason = "disks" })), second = Keep(At(41), new DowntimeSet(new Downtime { Server = "web4", From = At(0), Until = At(600), Length = TimeSpan.FromHours(1) }));
        _case.Store.Monitor.Save(_case.Store.Monitor.Load(default));
        long third = Keep(At(42), new DowntimeSet(new Downtime { Server = "web5", From = At(0), Until = At(600) }));
        Keep(At(43), new CheckChanged(Busy, HealthState.OK, HealthState.Warning, HealthState.Warning, false, true, 97, null));
        Keep(At(43), new CheckDropped(Busy));
        Keep(At(44), new DowntimeBegan(second));
        Keep(At(45), new DowntimeEnded(first));
        var told = _case.Store.Monitor.LoadDowntimes(default);
        Assert.Equal([second, third], told.Keys);
        Assert.Equal(_case.Store.Monitor.Load(default).Downtimes, told);
        Assert.Equal(At(44), told[second].Began);
    }

    [Fact]
    public void There_is_no_timeline_of_what_never_was()
    {
        long incident = KeepIncident();
        foreach (long number in new[] { incident + 1, 999 })
            Assert.Equal("HealthIncidentNotFound", Assert.Throws<ProdOpsException>(() => History().ReadIncident(new EventFilter(), number, default).ToList()).ErrorId);
    }

    [Fact]
    public void Messages_are_told_with_what_became_of_them()
    {
        KeepIncident();
        Keep(At(50), new ChannelChanged("mail", "refused"));
        Keep(At(50), new ChannelChanged("pager", "no route"));
        Keep(At(51), new NotificationDecided("on-call", NotificationKind.Problem, HealthState.Warning, "waits", []));
        var sent = new NotificationHistory(_case.Store.Events, this).Read(Start, Start.AddDays(1), route => route == "on-call" ? ["mail", "sms"] : null, default).ToList();
        Assert.Equal([DeliveryStatus.Delivered, DeliveryStatus.GivenUp, DeliveryStatus.Pending], sent.Select(one => one.Status));
        Assert.Equal(("mail", At(0).AddSeconds(21), ""), (sent[0].Channel, sent[0].Delivered!.Value, sent[0].Error));
        Assert.Equal("No channel takes it.", sent[1].Error);
        Assert.Equal("mail: refused", sent[2].Error);
        Assert.Equal([sent[0].Incidents[0]], sent[1].Incidents);
        Assert.Equal([DeliveryStatus.GivenUp], new NotificationHistory(_case.Store.Events, this).Read(At(1), At(50), _ => null, default).Select(one => one.Status));
    }

    void IActivity.Verbose(string message)
    {
    }

    void IActivity.Warning(string message) => _warnings.Add(message);

    void IActivity.Error(ProdOpsException error) => _warnings.Add(error.Message);

    void IActivity.Progress(ActivityProgress progress)
    {
    }

    private static DateTimeOffset At(int minute) => Start.AddMinutes(minute);

    private EventHistory History() => new(_case.Store.Events, new EventText(_ => "%"), this);

    private List<HealthEvent> Read(EventFilter filter) => [.. History().Read(filter, Start.AddDays(-1), Start.AddDays(100), default)];

    private long Keep(DateTimeOffset time, MonitorEvent happened)
    {
        long number = _case.Store.Events.Replay(0, default).Count() + 1;
        _case.Store.Monitor.Append([happened with { Number = number, Time = time }]);
        return number;
    }

    private long KeepIncident()
    {
        Keep(At(0).AddSeconds(-30), new CheckResult(Disk, HealthState.Critical, 96.2, null));
        Keep(At(0), new CheckChanged(Disk, HealthState.OK, HealthState.Critical, HealthState.Critical, false, false, 96.2, null));
        long incident = Keep(At(0), new IncidentOpened(Disk));
        Keep(At(0), new IncidentMember(incident, Disk, HealthState.Critical, false));
        long begun = Keep(At(0), new ActionBegun("clean", Disk, HealthState.Critical, incident));
        Keep(At(0).AddSeconds(4), new ActionEnded(begun, 0, "freed 1 GiB"));
        Keep(At(0).AddSeconds(10), new IncidentMember(incident, Disk, HealthState.Critical, false));
        long message = Tell(At(0).AddSeconds(20), NotificationKind.Problem, HealthState.Critical);
        Keep(At(0).AddSeconds(21), new NotificationDelivered(message, "mail"));
        Keep(At(5), new IncidentAcknowledged(incident, new Acknowledgement("alice", "on it", null, false, HealthState.Critical)));
        Keep(At(30), new CheckChanged(Disk, HealthState.Critical, HealthState.OK, HealthState.OK, false, false, 71.5, null));
        Keep(At(30), new IncidentMember(incident, Disk, HealthState.OK, false));
        Keep(At(30), new IncidentResolved(incident));
        long over = Tell(At(30), NotificationKind.Recovery, HealthState.OK);
        Keep(At(31).AddSeconds(30), new NotificationGivenUp(over, "No channel takes it."));
        return incident;

        long Tell(DateTimeOffset time, NotificationKind kind, HealthState severity) =>
            Keep(time, new NotificationDecided("on-call", kind, severity, $"{severity}: {Disk}", [new Notice(incident, kind, severity, 1, false, Disk, $"{severity}: {Disk}")]));
    }
}
