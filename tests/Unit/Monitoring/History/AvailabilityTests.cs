using ProdOps.Monitoring.History;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Tests.History;

/// <summary>What events say about availability.</summary>
public sealed class AvailabilityTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CheckKey Site = new("web1", "shop"), Disk = new("web1", "disk.used", "/");

    private readonly List<MonitorEvent> _events = [];

    [Fact]
    public void A_server_is_down_while_it_is_gone_or_a_check_that_counts_is_critical()
    {
        SeeAll();
        Change(60, Site, HealthState.Critical);
        Change(66, Disk, HealthState.Critical);
        Change(70, Site, HealthState.Warning);
        Server(100, "web1", HealthState.Critical);
        Server(104, "web1", HealthState.OK);
        var web = Of(1440, key => key.Rule == "shop")[0];
        Assert.Equal((Minutes(14), Minutes(1426), TimeSpan.Zero), (web.Down, web.Available, web.Unknown));
        Assert.Equal(1426.0 / 1440, web.Share!.Value, 9);
        Assert.Equal(1.44 - 14, web.BudgetLeft!.Value.TotalMinutes, 6);
    }

    [Fact]
    public void What_nobody_saw_and_what_was_announced_counts_for_nothing()
    {
        SeeAll();
        Server(60, "web1", HealthState.Critical);
        At(180, new MonitorBlind(Start.AddMinutes(120), BlindReason.Stopped));
        At(200, new DowntimeSet(new Downtime { Server = "web1", From = Start.AddMinutes(210), Until = Start.AddMinutes(240) }));
        At(300, new ObserverIsolated(2, 2));
        At(310, new ObserverReturned());
        var web = Of(400, alive: 390)[0];
        Assert.Equal((Minutes(60 + 30 + 10 + 10), Minutes(60)), (web.Unknown, web.Available));
        Assert.Equal(Minutes(400 - 110 - 60), web.Down);
    }

    [Fact]
    public void The_environment_is_down_while_a_role_has_nobody_left()
    {
        SeeAll();
        Server(10, "web1", HealthState.Critical);
        Server(20, "web2", HealthState.Critical);
        Server(25, "web1", HealthState.OK);
        Server(40, "db1", HealthState.Unreachable);
        Server(41, "db1", HealthState.OK);
        At(50, new IncidentOpened(Site));
        var all = Of(100);
        Assert.Equal([Minutes(15), Minutes(80), Minutes(1), Minutes(6)], all.Select(one => one.Down));
        Assert.Equal([1, 0, 0, 1], all.Select(one => one.Incidents));
    }

    [Fact]
    public void What_was_before_the_time_says_how_it_began_and_a_server_that_was_never_seen_is_unknown()
    {
        Server(-600, "web1", HealthState.Critical);
        At(-500, new IncidentOpened(Site));
        var all = Of(60);
        Assert.Equal((Minutes(60), 0), (all[0].Down, all[0].Incidents));
        Assert.Equal((Minutes(60), (double?)null), (all[1].Unknown, all[1].Share));
        Assert.Equal(Minutes(60), all[3].Unknown);
    }

    private static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);

    private IReadOnlyList<AvailabilityResult> Of(int minutes, Func<CheckKey, bool>? counts = null, int? alive = null) => Availability.Of(
        _events,
        [new Server { Name = "web1", Roles = ["App"] }, new Server { Name = "web2", Roles = ["App"] }, new Server { Name = "db1" }],
        Start, Start.AddMinutes(minutes), alive is { } last ? Start.AddMinutes(last) : null, 0.999, counts ?? (_ => true));

    private void SeeAll()
    {
        foreach (string server in new[] { "web1", "web2", "db1" }) Change(-10, CheckKey.ReachabilityOf(server), HealthState.OK);
    }

    private void Change(int minute, CheckKey key, HealthState state) => At(minute, new CheckChanged(key, HealthState.OK, state, state, false, false, null, null));

    private void Server(int minute, string server, HealthState state) => At(minute, new ServerChanged(server, HealthState.OK, state));

    private void At(int minute, MonitorEvent happened) => _events.Add(happened with { Number = _events.Count + 1, Time = Start.AddMinutes(minute) });
}
