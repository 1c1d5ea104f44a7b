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
        Assert.Equal(1426.0 / 1440, web.Availability!.Value, 9);
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
        Server(40, "db1", HealthState.Critical);
        Server(41, "db1", HealthState.OK);
        var all = Of(100);
        Assert.Equal([Minutes(15), Minutes(80), Minutes(1), Minutes(6)], all.Select(one => one.Down));
        Assert.Equal([1, 1, 1, 2], all.Select(one => one.Outages));
        Assert.Equal((Minutes(5), Start.AddMinutes(20)), (all[3].LongestOutage, all[3].LongestOutageStart));
    }

    [Fact]
    public void What_is_behind_something_that_is_down_is_not_known_and_what_is_in_front_decides()
    {
        SeeAll();
        Change(5, Site, HealthState.Critical);
        Server(10, "web1", HealthState.Unreachable);
        Server(30, "web1", HealthState.OK);
        Change(35, Site, HealthState.OK);
        var web = Of(60)[0];
        Assert.Equal((Minutes(10), Minutes(20), Minutes(30), 1), (web.Down, web.Unknown, web.Available, web.Outages));
        Assert.Equal((Minutes(10), Minutes(30)), (web.MeanTimeToRepair, web.MeanTimeBetweenFailures));
    }

    [Fact]
    public void Repair_and_failure_follow_from_what_was_seen_and_an_outage_ends_when_it_is_seen_to_be_over()
    {
        SeeAll();
        Server(100, "web1", HealthState.Critical);
        // Nobody looks for an hour; it is still down afterwards: the same outage.
        At(170, new MonitorBlind(Start.AddMinutes(110), BlindReason.Gap));
        Server(180, "web1", HealthState.OK);
        Server(300, "web1", HealthState.Critical);
        Server(310, "web1", HealthState.OK);
        var web = Of(400)[0];
        Assert.Equal((2, Minutes(30), Minutes(60)), (web.Outages, web.Down, web.Unknown));
        Assert.Equal((Minutes(20), Start.AddMinutes(100)), (web.LongestOutage, web.LongestOutageStart));
        Assert.Equal((Minutes(15), Minutes(155)), (web.MeanTimeToRepair, web.MeanTimeBetweenFailures));
        Assert.Equal(web.Availability!.Value, web.MeanTimeBetweenFailures!.Value / (web.MeanTimeBetweenFailures.Value + web.MeanTimeToRepair!.Value), 9);
    }

    [Fact]
    public void Announced_work_counts_for_nothing_each_time_it_recurs_and_for_one_check_only_that_one()
    {
        SeeAll();
        Server(0, "web1", HealthState.Critical);
        Change(0, new CheckKey("db1", "shop"), HealthState.Critical);
        Change(0, new CheckKey("web2", "shop"), HealthState.Critical);
        Change(0, new CheckKey("web2", "port"), HealthState.Critical);
        // For years, three hours each night; the day is cut at both ends.
        At(-1_000_000, new DowntimeSet(new Downtime { Server = "web1", From = Start.AddYears(-3), Length = Minutes(180), Recurrence = "0 23 * * *", TimeZone = "UTC" }));
        At(-5, new DowntimeSet(new Downtime { Server = "*", Rule = "shop", From = Start, Until = Start.AddMinutes(60) }));
        int flexible = At(-5, new DowntimeSet(new Downtime { Server = "web2", From = Start, Until = Start.AddMinutes(1440), Length = Minutes(30) }));
        At(600, new DowntimeBegan(flexible));
        var all = Of(1440);
        Assert.Equal(Minutes(120 + 60), all[0].Unknown);
        Assert.Equal(Minutes(30), all[1].Unknown);
        Assert.Equal((Minutes(60), Minutes(1380)), (all[2].Unknown, all[2].Down));
    }

    [Fact]
    public void An_incident_is_counted_once_where_its_cause_is()
    {
        SeeAll();
        At(-1, new IncidentOpened(Site));
        int first = At(50, new IncidentOpened(Site)), second = At(51, new IncidentOpened(new CheckKey("web2", "shop")));
        At(52, new IncidentMerged(second, first));
        At(53, new IncidentRooted(first, CheckKey.ReachabilityOf("db1"), true));
        At(54, new IncidentOpened(Disk));
        At(55, new IncidentOpened(new CheckKey("(monitor)", "store")));
        Assert.Equal([1, 0, 1, 2], Of(100).Select(one => one.Incidents));
    }

    [Fact]
    public void What_is_no_server_is_known_while_it_has_checks()
    {
        At(-10, new CheckResult(Site, HealthState.OK, null, null));
        At(20, new CheckDropped(Site));
        Change(-10, CheckKey.ReachabilityOf("db1"), HealthState.OK);
        At(30, new CheckDropped(CheckKey.ReachabilityOf("db1")));
        Assert.Equal([Minutes(20), TimeSpan.Zero, Minutes(30), Minutes(20)], Of(100).Select(one => one.Available));
    }

    [Fact]
    public void Whatever_happens_every_moment_is_counted_once()
    {
        for (int seed = 1; seed <= 300; seed++)
        {
            _events.Clear();
            Happen(new Random(seed));
            foreach (var one in Of(400, alive: seed * 2 - 50))
            {
                Assert.Equal(Minutes(400), one.Available + one.Down + one.Unknown);
                Assert.True(one.LongestOutage <= one.Down && (one.Outages == 0) == (one.Down == TimeSpan.Zero) && (one.LongestOutageStart is null) == (one.Outages == 0), $"seed {seed}: {one}");
                Assert.InRange(one.Availability ?? 1, 0, 1);
            }
        }
    }

    private void Happen(Random random)
    {
        CheckKey[] keys = [Site, Disk, new("web2", "shop"), new("db1", "shop"), CheckKey.ReachabilityOf("web1"), CheckKey.ReachabilityOf("db1")];
        string[] servers = ["web1", "web2", "db1", "other"];
        var states = Enum.GetValues<HealthState>();
        int last = 0;
        for (int minute = -200; minute < 500; minute += random.Next(0, 20))
        {
            var (key, state) = (keys[random.Next(keys.Length)], states[random.Next(states.Length)]);
            last = random.Next(9) switch
            {
                0 => At(minute, new MonitorBlind(Start.AddMinutes(minute - random.Next(-30, 30)), BlindReason.Gap)),
                1 => At(minute, new ObserverIsolated(2, 2)),
                2 => At(minute, new ObserverReturned()),
                3 => At(minute, new DowntimeSet(new Downtime { Server = servers[random.Next(4)], Rule = random.Next(2) == 0 ? null : key.Rule, From = Start.AddMinutes(minute + random.Next(-50, 50)), Until = Start.AddMinutes(minute + 60), Length = random.Next(2) == 0 ? null : Minutes(7), Recurrence = random.Next(2) == 0 ? null : "*/10 * * * *" })),
                4 => At(minute, random.Next(2) == 0 ? new DowntimeBegan(last) : new DowntimeEnded(last)),
                5 => At(minute, new ServerChanged(servers[random.Next(4)], HealthState.OK, states[random.Next(3) switch { 0 => 0, 1 => 4, _ => 5 }])),
                6 => At(minute, new CheckDropped(key)),
                7 => At(minute, new CheckResult(key, HealthState.OK, null, null)),
                _ => At(minute, new CheckChanged(key, HealthState.OK, state, state, random.Next(5) == 0, false, null, null)),
            };
        }
    }

    private static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);

    private IReadOnlyList<HealthAvailability> Of(int minutes, Func<CheckKey, bool>? counts = null, int? alive = null)
    {
        var availability = new Availability(new AvailabilityRequest(
            [new Server { Name = "web1", Roles = ["App"] }, new Server { Name = "web2", Roles = ["App"] }, new Server { Name = "db1" }], Start, Start.AddMinutes(minutes), counts ?? (_ => true)) { Objective = 0.999 });
        foreach (var happened in _events.OrderBy(one => one.Time).TakeWhile(one => one.Time < Start.AddMinutes(minutes))) availability.Take(happened);
        return availability.Finish(alive is { } last ? Start.AddMinutes(last) : null);
    }

    private void SeeAll()
    {
        foreach (string server in new[] { "web1", "web2", "db1" }) Change(-10, CheckKey.ReachabilityOf(server), HealthState.OK);
    }

    private void Change(int minute, CheckKey key, HealthState state) => At(minute, new CheckChanged(key, HealthState.OK, state, state, false, false, null, null));

    private void Server(int minute, string server, HealthState state) => At(minute, new ServerChanged(server, HealthState.OK, state));

    private int At(int minute, MonitorEvent happened)
    {
        _events.Add(happened with { Number = _events.Count + 1, Time = Start.AddMinutes(minute) });
        return _events.Count;
    }
}
