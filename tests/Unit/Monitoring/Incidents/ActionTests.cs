using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Tests.States;

namespace ProdOps.Monitoring.Tests.Incidents;

public sealed class ActionTests
{
    private static readonly HealthAction Restart = new() { Name = "restart", Rules = ["http"], Command = "true" };

    private readonly MonitorPlan _plan;
    private readonly HealthMonitor _monitor;
    private readonly List<MonitorEvent> _events = [];
    private DateTimeOffset _now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    public ActionTests()
    {
        _plan = new MonitorPlan([Simulation.Server("web1", "db1"), Simulation.Server("db1")], new RuleSet(Simulation.Rules)) { Actions = [Restart] };
        _monitor = new HealthMonitor(_plan, new MonitorState());
        _monitor.Start(_now);
    }

    [Fact]
    public void An_action_is_done_once_for_each_problem()
    {
        Minutes(3, ("web1 http", HealthState.Critical));
        var begun = Assert.Single(_events.OfType<ActionBegun>());
        _events.AddRange(_monitor.EndAction(_now, begun.Number, 0, "done"));
        Assert.Empty(_monitor.EndAction(_now, begun.Number, 0, "done"));
        Minutes(30, ("web1 http", HealthState.Critical));
        Assert.Single(_events.OfType<ActionBegun>());
        Minutes(5, ("web1 http", HealthState.OK));
        Minutes(3, ("web1 http", HealthState.Critical));
        Assert.Equal(2, _events.OfType<ActionBegun>().Count());
    }

    [Fact]
    public void So_many_an_hour_and_no_more_which_is_said()
    {
        for (int time = 0; time < 5; time++)
        {
            Minutes(4, ("web1 http", HealthState.Critical));
            Minutes(4, ("web1 http", HealthState.OK));
        }

        Assert.Equal(3, _events.OfType<ActionBegun>().Count());
        var held = _events.OfType<ActionHeld>().ToList();
        // The rest of the time it comes and goes, and is left alone for that.
        Assert.All(held, one => Assert.Equal("It was done 3 times within the hour already.", one.Reason));
        Minutes(90, ("web1 http", HealthState.OK));
        Minutes(4, ("web1 http", HealthState.Critical));
        Assert.Equal(4, _events.OfType<ActionBegun>().Count());
    }

    [Fact]
    public void What_comes_from_elsewhere_is_left_alone()
    {
        Minutes(3, ("web1 http", HealthState.Critical), ("db1 reachability", HealthState.Critical));
        Assert.Empty(_events.OfType<ActionBegun>());
        Assert.Equal("It comes from db1 reachability.", Assert.Single(_events.OfType<ActionHeld>()).Reason);
    }

    [Fact]
    public void What_was_announced_is_left_alone()
    {
        _events.AddRange(_monitor.SetDowntime(_now, new Downtime { Server = "web1", From = _now, Until = _now.AddHours(1) }));
        Minutes(3, ("web1 http", HealthState.Critical));
        Assert.Empty(_events.OfType<ActionBegun>());
    }

    [Fact]
    public void Messages_and_channels_add_up_to_the_same_state_after_a_restart()
    {
        var plan = new MonitorPlan(_plan.Servers, new RuleSet(Simulation.Rules), [new NotificationRoute { Name = "admins" }]) { Actions = [Restart] };
        var monitor = new HealthMonitor(plan, new MonitorState());
        var events = new List<MonitorEvent>(monitor.Start(_now));
        for (int round = 0; round < 30; round++)
        {
            _now += TimeSpan.FromSeconds(10);
            events.AddRange(monitor.Observe(new Round(_now, [new Reading(Simulation.Key("web1 http"), HealthState.Critical)])));
        }

        var waiting = Assert.Single(monitor.State.Outbox.Values);
        events.AddRange(monitor.ChangeChannel(_now, "mail", "It is dead."));
        Assert.Empty(monitor.ChangeChannel(_now, "mail", "It is still dead."));
        AssertSame();
        events.AddRange(monitor.Delivered(_now, waiting.Number, "chat"));
        Assert.Empty(monitor.Delivered(_now, waiting.Number, "chat"));
        events.AddRange(monitor.ChangeChannel(_now, "mail", null));
        Assert.Empty(monitor.State.Outbox);
        Assert.Empty(monitor.State.DeadChannels);
        AssertSame();

        void AssertSame()
        {
            var rebuilt = MonitorState.Rebuild(events.Select(happened => EventJson.Read(EventJson.Write(happened))));
            Assert.Equal(monitor.State.ToJson(), rebuilt.ToJson());
            Assert.Equal(monitor.State.ToJson(), Simulation.ReadState(monitor.State.ToJson())!.ToJson());
        }
    }

    [Fact]
    public void A_message_by_a_route_that_is_gone_is_given_up_at_the_next_start()
    {
        var state = new MonitorState();
        state.Apply(new NotificationDecided("old", NotificationKind.Problem, HealthState.Critical, "x", []) { Number = 1, Time = _now });
        var monitor = new HealthMonitor(_plan, state);
        Assert.Contains(monitor.Start(_now), happened => happened is NotificationGivenUp { Notification: 1 });
    }

    private void Minutes(double minutes, params (string Key, HealthState State)[] world)
    {
        for (var end = _now.AddMinutes(minutes); _now < end;)
        {
            _now += TimeSpan.FromSeconds(10);
            var readings = world.Select(one => new Reading(Simulation.Key(one.Key), one.State)).ToList();
            foreach (string server in (string[])["web1", "db1"])
                if (!world.Any(one => one.Key == $"{server} reachability")) readings.Add(new Reading(CheckKey.ReachabilityOf(server), HealthState.OK));
            _events.AddRange(_monitor.Observe(new Round(_now, readings)));
        }
    }
}
