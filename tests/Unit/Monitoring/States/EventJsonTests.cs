using ProdOps.Monitoring.Incidents;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.States;

public sealed class EventJsonTests
{
    private static readonly CheckKey Key = new("web1", "disk.used", "/var");

    private static readonly MonitorEvent[] All =
    [
        new MonitorBlind(DateTimeOffset.UnixEpoch, BlindReason.ClockSetBack), new ObserverIsolated(3, 4), new ObserverReturned(),
        new CheckResult(Key, HealthState.Warning, 86.5, null), new CheckChanged(Key, HealthState.OK, HealthState.Warning, HealthState.Warning, false, true, 86.5, "full \"soon\""),
        new CheckDropped(Key), new CheckDropped(Key, "ann", "it was taken out"), new ServerChanged("web1", HealthState.OK, HealthState.Unreachable),
        new DowntimeSet(new Downtime { Server = "web*", From = DateTimeOffset.UnixEpoch, Length = TimeSpan.FromHours(1), Recurrence = "0 3 * * 0", Reason = "patches" }),
        new DowntimeBegan(3), new DowntimeEnded(3), new DowntimeEnded(3, "anna"), new IncidentOpened(Key), new IncidentMember(4, Key, HealthState.Critical, true), new IncidentRooted(4, Key, true),
        new IncidentMerged(4, 5), new IncidentResolved(4), new IncidentAcknowledged(4, new Acknowledgement("ann", "on it", DateTimeOffset.UnixEpoch, true, HealthState.Critical)),
        new AcknowledgementEnded(4, "It got worse."),
        new NotificationHeld("admins", 4, HoldReason.Quiet, "Warning: x"),
        new NotificationDecided("admins", NotificationKind.Digest, HealthState.Warning, "x", []) { Day = new DateOnly(2026, 3, 2) },
        new NotificationDelivered(9, "mail"), new NotificationGivenUp(9, "It is too old."), new ChannelChanged("mail", "It is dead."),
        new ActionBegun("restart", Key, HealthState.Critical, 4), new ActionEnded(11, 1, "failed\n"), new ActionHeld("restart", Key, "It comes from db1."),
    ];

    [Fact]
    public void Every_kind_of_event_is_read_as_it_was_written()
    {
        long number = 0;
        foreach (var one in All)
        {
            var happened = one with { Number = ++number, Time = DateTimeOffset.UnixEpoch.AddSeconds(number) };
            string json = EventJson.Write(happened);
            Assert.Equal(json, EventJson.Write(EventJson.Read(json)));
            Assert.Equal(happened.GetType(), EventJson.Read(json).GetType());
            Assert.Contains("\"v\":1", json);
        }

        Assert.Equal(typeof(MonitorEvent).Assembly.GetTypes().Count(type => type.IsSubclassOf(typeof(MonitorEvent))), All.Select(one => one.GetType()).Distinct().Count());
        var sent = new NotificationDecided("admins", NotificationKind.Problem, HealthState.Critical, "x", [new Notice(4, NotificationKind.Problem, HealthState.Critical, 2, false, Key, "x")]) { Number = 9 };
        Assert.Equal(sent.Incidents, ((NotificationDecided)EventJson.Read(EventJson.Write(sent))).Incidents);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"type\":\"later\",\"v\":1,\"number\":1}")]
    [InlineData("{\"type\":\"returned\",\"v\":2,\"number\":1}")]
    [InlineData("{\"type\":\"dropped\",\"v\":1,\"number\":1}")]
    [InlineData("{\"type\":\"returned\",\"v\":1")]
    public void What_is_no_event_of_this_version_is_refused(string json) =>
        Assert.Equal("MonitorEventNotUnderstood", Assert.Throws<ProdOpsException>(() => EventJson.Read(json)).ErrorId);

    [Fact]
    public void Damaged_events_are_read_or_refused_and_never_break_the_state() =>
        ParserFuzz.Run("event", json => MonitorState.Rebuild([EventJson.Read(json)]).ToJson(), [.. All.Select((one, i) => EventJson.Write(one with { Number = i + 1, Time = DateTimeOffset.UnixEpoch }))]);
}
