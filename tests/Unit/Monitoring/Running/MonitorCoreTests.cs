using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;
using static ProdOps.Monitoring.Tests.Running.CoreCase;

namespace ProdOps.Monitoring.Tests.Running;

public sealed class MonitorCoreTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private static MonitorSetup Setup { get; } = new()
    {
        Servers = [new Server { Name = "web1" }, new Server { Name = "db1", Services = ["postgresql"] }],
        Routes = [new NotificationRoute { Name = "admins", Channels = ["mail"] }],
    };

    [Fact]
    public void What_goes_wrong_is_kept_and_told_and_the_next_monitor_knows_of_it()
    {
        using var monitor = new CoreCase(Setup);
        monitor.Run(Long, Says("web1", Disk(50))).Run(Long, Says("web1", Disk(97)));
        var told = Assert.Single(monitor.Sent);
        Assert.Equal(("admins", NotificationKind.Problem, HealthState.Critical, "Critical: web1 disk.used /"), (told.Route, told.Kind, told.Severity, told.Title));
        monitor.Core.Save(1);
        monitor.Store.Time.Advance(TimeSpan.FromMinutes(20));
        monitor.Start();
        Assert.Equal(BlindReason.Stopped, Assert.Single(monitor.Events.OfType<MonitorBlind>()).Reason);
        monitor.Run(Long, Says("web1", Disk(97)));
        Assert.Single(monitor.Sent);
        monitor.Run(Long, Says("web1", Disk(50)));
        Assert.Equal(["Problem", "Recovery"], monitor.Sent.Select(sent => sent.Kind.ToString()));
        // What is on disk is what happened, and adds up to what is known.
        var kept = monitor.Store.Store.Events.Replay(0, default).Select(stored => EventJson.Read(stored.Json)).ToList();
        Assert.Equal(monitor.Events.Select(EventJson.Write), kept.Select(EventJson.Write));
        Assert.Equal(monitor.Core.State.ToJson(), MonitorState.Rebuild(kept).ToJson());
        Assert.Equal("97.0", monitor.Store.Sql("SELECT value FROM sample JOIN series ON series.id = series WHERE metric = 'disk.used' ORDER BY time DESC LIMIT 1 OFFSET 12")[0]);
    }

    [Fact]
    public void A_store_that_cannot_be_written_to_stops_nobody_from_being_told_and_is_caught_up_with()
    {
        using var monitor = new CoreCase(Setup);
        monitor.Run(Long, Says("web1", Disk(50)));
        monitor.Store.Sql("ALTER TABLE event RENAME TO hidden");
        monitor.Run(Long, Says("web1", Disk(97)));
        Assert.Equal(NotificationKind.Problem, Assert.Single(monitor.Sent).Kind);
        Assert.NotNull(monitor.Core.StoreFailure);
        Assert.Single(monitor.Store.Errors);
        monitor.Store.Sql("ALTER TABLE hidden RENAME TO event");
        monitor.Run(Long, Says("web1", Disk(50)));
        Assert.Null(monitor.Core.StoreFailure);
        Assert.Equal(monitor.Events.Select(EventJson.Write), monitor.Store.Store.Events.Replay(0, default).Select(stored => stored.Json));
    }

    [Fact]
    public void What_is_asked_while_nothing_can_be_written_is_done_once_said_to_be_in_danger_and_kept_later()
    {
        using var monitor = new CoreCase(Setup);
        var store = monitor.Store.Store;
        long asked = store.Requests.Add(monitor.Now, new DowntimeRequest(new Downtime { Server = "web1", From = monitor.Now, Until = monitor.Now.AddHours(1) }).ToJson());
        monitor.Store.Sql("ALTER TABLE event RENAME TO hidden");
        var followed = new List<Committed>();
        for (int tick = 0; tick < 3; tick++) monitor.Core.AnswerRequests(followed.Add);
        Assert.False(Assert.Single(followed).Kept);
        Assert.Equal("MonitorRequestNotKept", Assert.Throws<ProdOpsException>(() => RequestAnswer.Read(store.Requests.AnswerOf(asked)!)).ErrorId);
        Assert.Single(monitor.Core.State.Downtimes);

        // Not even the answer can be written: it is not done again for that.
        monitor.Store.Sql("CREATE TRIGGER full BEFORE UPDATE ON request BEGIN SELECT RAISE(ABORT, 'full'); END");
        long other = store.Requests.Add(monitor.Now, new DowntimeRequest(new Downtime { Server = "db1", From = monitor.Now, Until = monitor.Now.AddHours(1) }).ToJson());
        for (int tick = 0; tick < 3; tick++) monitor.Core.AnswerRequests(followed.Add);
        Assert.Equal(2, followed.Count);
        Assert.Null(store.Requests.AnswerOf(other));

        monitor.Store.Sql("DROP TRIGGER full; ALTER TABLE hidden RENAME TO event");
        monitor.Events.AddRange(monitor.Core.Advance().Events);
        Assert.Equal(followed[1].Events[0].Number, RequestAnswer.Read(store.Requests.AnswerOf(other)!));
        Assert.Equal(2, store.Events.Query(new EventQuery { Kind = "downtime" }, default).Count());
        monitor.Core.AnswerRequests(followed.Add);
        Assert.Equal(2, followed.Count);
    }

    [Fact]
    public async Task A_check_is_forgotten_by_the_monitor_that_runs_or_else_by_whoever_asks()
    {
        using var monitor = new CoreCase(Setup);
        var store = monitor.Store.Store;
        var other = new Measurement("disk.used", "/mnt", 50);
        monitor.Run(Long, Says("web1", Disk(50), other), Says("db1", Disk(50), other)).Run(TimeSpan.FromMinutes(10), Says("web1", Disk(50)), Says("db1", Disk(50)));
        CheckKey here = new("web1", "disk.used", "/mnt"), there = here with { Server = "db1" };
        Assert.Equal([HealthState.Unknown, HealthState.Unknown], new[] { here, there }.Select(key => monitor.Core.State.Checks[key].Shown));
        Assert.Equal(NotificationKind.Problem, Assert.Single(monitor.Sent).Kind);

        long asked = store.Requests.Add(monitor.Now, new ForgetRequest(here, "ann", "it was taken out", Force: false).ToJson());
        long again = store.Requests.Add(monitor.Now, new ForgetRequest(here, "bob", null, Force: false).ToJson());
        monitor.Core.AnswerRequests(done => monitor.Events.AddRange(done.Events));
        Assert.Equal("dropped", store.Events.Find(RequestAnswer.Read(store.Requests.AnswerOf(asked)!))!.Kind);
        Assert.Equal("HealthCheckNotMonitored", Assert.Throws<ProdOpsException>(() => RequestAnswer.Read(store.Requests.AnswerOf(again)!)).ErrorId);
        Assert.Equal([there], Assert.Single(monitor.Core.State.Incidents.Values).Members.Keys);

        // The monitor is gone, and the next one finds it done.
        var desk = new RequestDesk(new MonitoringFolder(Path.GetDirectoryName(store.Path)!), monitor.Store.Time, SilentActivity.Instance);
        Assert.Equal("dropped", store.Events.Find(await desk.AskAsync(new ForgetRequest(there, "ann", "it was taken out", Force: false), default))!.Kind);
        Assert.Equal("HealthCheckMeasured", (await Assert.ThrowsAsync<ProdOpsException>(() => desk.AskAsync(new ForgetRequest(here with { Instance = "/" }, "ann", null, Force: false), default))).ErrorId);
        monitor.Start();
        monitor.Run(Long, Says("web1", Disk(50)), Says("db1", Disk(50)));
        Assert.Equal(["Problem", "Recovery"], monitor.Sent.Select(sent => sent.Kind.ToString()));
        Assert.Equal(monitor.Core.State.ToJson(), MonitorState.Rebuild(store.Events.Replay(0, default).Select(stored => EventJson.Read(stored.Json))).ToJson());
    }

    [Fact]
    public async Task What_cannot_be_answered_has_not_happened()
    {
        using var monitor = new CoreCase(Setup);
        monitor.Store.Sql("CREATE TRIGGER full BEFORE UPDATE ON request BEGIN SELECT RAISE(ABORT, 'full'); END");
        var desk = new RequestDesk(new MonitoringFolder(Path.GetDirectoryName(monitor.Store.Store.Path)!), monitor.Store.Time, SilentActivity.Instance);
        var request = new DowntimeRequest(new Downtime { Server = "web1", From = monitor.Now, Until = monitor.Now.AddHours(1) });
        await Assert.ThrowsAsync<ProdOpsException>(() => desk.AskAsync(request, default));
        Assert.Empty(monitor.Store.Store.Events.Query(new EventQuery { Kind = "downtime" }, default));
        monitor.Store.Sql("DROP TRIGGER full");
        Assert.Equal(monitor.Core.State.LastNumber + 1, await desk.AskAsync(request, default));
        Assert.Single(monitor.Store.Store.Events.Query(new EventQuery { Kind = "downtime" }, default));
    }

    [Fact]
    public async Task Work_by_the_clock_of_a_zone_that_there_is_not_is_refused_and_keeps_no_monitor_from_looking()
    {
        using var monitor = new CoreCase(Setup);
        var desk = new RequestDesk(new MonitoringFolder(Path.GetDirectoryName(monitor.Store.Store.Path)!), monitor.Store.Time, SilentActivity.Instance);
        var work = new Downtime { Server = "web1", From = monitor.Now, Length = TimeSpan.FromHours(1), Recurrence = "0 3 * * *", TimeZone = "Europe/Nowhere" };
        Assert.Equal("DowntimeInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => desk.AskAsync(new DowntimeRequest(work), default))).ErrorId);
        Assert.Empty(monitor.Store.Store.Events.Query(new EventQuery { Kind = "downtime" }, default));
        await desk.AskAsync(new DowntimeRequest(work with { TimeZone = "Europe/Berlin" }), default);
        Assert.Single(monitor.Store.Store.Events.Query(new EventQuery { Kind = "downtime" }, default));
        monitor.Start();
        monitor.Run(TimeSpan.FromMinutes(10), Says("web1", Disk(50)), Says("db1", Disk(50)));
    }

    [Fact]
    public async Task What_somebody_writes_while_no_monitor_runs_does_not_make_the_time_before_it_one_in_which_somebody_looked()
    {
        using var monitor = new CoreCase(Setup);
        var begun = monitor.Now;
        monitor.Run(TimeSpan.FromHours(1), Says("web1", Disk(50)), Says("db1"));
        var desk = new RequestDesk(new MonitoringFolder(Path.GetDirectoryName(monitor.Store.Store.Path)!), monitor.Store.Time, SilentActivity.Instance);
        // Two hours later work of tomorrow is announced, twice, and an hour after that the monitor is there again.
        monitor.Store.Time.Advance(TimeSpan.FromHours(2));
        foreach (string server in new[] { "web1", "db1" })
        {
            var tomorrow = monitor.Now.AddDays(1);
            long number = await desk.AskAsync(new DowntimeRequest(new Downtime { Server = server, From = tomorrow, Until = tomorrow.AddHours(1) }), default);
            Assert.Equal("downtime", monitor.Store.Store.Events.Find(number)!.Kind);
        }

        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromHours(2)), Seen());
        monitor.Store.Time.Advance(TimeSpan.FromHours(1));
        monitor.Start();
        monitor.Run(TimeSpan.FromHours(1), Says("web1", Disk(50)), Says("db1"));
        Assert.Equal((TimeSpan.FromHours(2), TimeSpan.FromHours(3)), Seen());
        Assert.Equal([TimeSpan.FromHours(2), TimeSpan.FromHours(1)], monitor.Store.Store.Events.Query(new EventQuery { Kind = "blind" }, default).Select(stored => (MonitorBlind)EventJson.Read(stored.Json)).Select(blind => blind.Time - blind.From));

        // Of the time since the first round, to the interval.
        (TimeSpan Seen, TimeSpan Unseen) Seen()
        {
            var all = new AvailabilityRequest(Setup.Servers, begun, monitor.Now, static _ => true).Read(monitor.Store.Store, SilentActivity.Instance, default)[^1];
            return (Rounded(all.Available), Rounded(all.Unknown));
        }

        static TimeSpan Rounded(TimeSpan time) => TimeSpan.FromMinutes(Math.Round(time.TotalMinutes / 5) * 5);
    }

    [Fact]
    public void Two_monitors_at_one_store_do_not_go_on()
    {
        using var monitor = new CoreCase(Setup);
        monitor.Run(Long, Says("web1", Disk(50)));
        monitor.Store.Store.Monitor.Append([new MonitorBlind(monitor.Now, BlindReason.Gap) { Number = monitor.Core.State.LastNumber + 1, Time = monitor.Now }]);
        Assert.Equal("MonitorEventsForeign", Assert.Throws<ProdOpsException>(() => monitor.Run(Long, Says("web1", Disk(97)))).ErrorId);
    }

    [Fact]
    public void What_is_asked_for_more_seldom_than_others_is_not_missed()
    {
        using var monitor = new CoreCase(Setup with { Pace = new MonitorPace(TimeSpan.FromMinutes(5)) });
        monitor.Run(TimeSpan.FromHours(2), Says("web1", Disk(50), new Measurement("unit.failed", null, 0), new Measurement("memory.available", null, 50)));
        Assert.DoesNotContain(monitor.Events, happened => happened is CheckChanged { Missing: true, Key.Server: "web1" });
    }

    [Fact]
    public void A_monitor_that_asks_few_of_its_servers_in_time_says_so_of_itself()
    {
        Server[] servers = [.. Enumerable.Range(1, 20).Select(static number => new Server { Name = $"web{number}" })];
        using var monitor = new CoreCase(Setup with { Servers = servers });
        var all = servers.Select(static server => Says(server.Name, Disk(50))).ToArray();
        Assert.Null(monitor.Run(Long, all).Core.Lateness);
        // Two whose answers take long, one that says nothing, and is asked: no more than that.
        Assert.Null(monitor.Run(Long, [.. all[3..], time => new Observation("web3", time) { Reachability = HealthState.Critical, Message = "Gone." }]).Core.Lateness);
        Assert.Equal("15 of 20 servers were not asked for so long that nothing is known of them.", monitor.Run(Long, all[..5]).Core.Lateness);
        Assert.Null(monitor.Run(Long, all).Core.Lateness);
    }

    [Fact]
    public void Rules_that_look_back_go_on_with_what_was_measured_before()
    {
        using var monitor = new CoreCase(Setup);
        // 1 % in 3 minutes: from 72 % it takes 84 minutes.
        double used = 40;
        monitor.Run(TimeSpan.FromHours(6), time => Says("web1", Disk(used += 1.0 / 12))(time));
        // What the rule said while it was certain is not what is looked at here.
        monitor.Start();
        int before = monitor.Events.Count;
        monitor.Run(TimeSpan.FromMinutes(1), time => Says("web1", Disk(used += 1.0 / 12))(time));
        Assert.True(monitor.Core.State.Checks.ContainsKey(new CheckKey("web1", "disk.full", "/")), string.Join('\n', monitor.Events.Skip(before)));
    }

    [Fact]
    public void A_disk_that_does_not_grow_is_never_full_and_that_is_kept_as_well()
    {
        using var monitor = new CoreCase(Setup);
        monitor.Run(TimeSpan.FromHours(6), Says("web1", Disk(50)));
        var key = new CheckKey("web1", "disk.full", "/");
        Assert.Equal((HealthState.OK, null), (monitor.Core.State.Checks[key].Shown, monitor.Core.State.Checks[key].Value));
        Assert.Equal(monitor.Core.State.ToJson(), MonitorState.Rebuild(monitor.Store.Store.Events.Replay(0, default).Select(stored => EventJson.Read(stored.Json))).ToJson());
    }

    [Fact]
    public void A_service_that_is_gone_is_told_under_its_name_and_what_was_done_is_kept()
    {
        var action = new HealthAction { Name = "start", Rules = ["service"], Command = "systemctl start postgresql" };
        using var monitor = new CoreCase(Setup with { Actions = [action] });
        Func<DateTimeOffset, Observation> down = time => new Observation("db1", time)
        {
            Reachability = HealthState.OK, Results = [new HealthCheckResult { Check = "service", Instance = "postgresql", State = HealthState.Critical, Message = "failed (oom-kill)" }],
        };
        monitor.Run(Long, down);
        Assert.Equal("Critical: db1 service postgresql", Assert.Single(monitor.Sent).Title);
        var begun = Assert.Single(monitor.Events.OfType<ActionBegun>());
        Assert.Equal(("start", new CheckKey("db1", "service", "postgresql")), (begun.Action, begun.Key));
        // It was under way when the monitor ended: that is said, and it is not done again.
        monitor.Start();
        monitor.Run(Long, down);
        Assert.Equal(begun.Number, Assert.Single(monitor.Events.OfType<ActionEnded>()).Begun);
        Assert.Single(monitor.Events.OfType<ActionBegun>());
    }

    [Fact]
    public void Rules_about_rules_take_what_the_round_says_and_what_was_known()
    {
        var both = new HealthRule { Name = "both", All = ["disk.used", "memory.available"], For = TimeSpan.Zero, Attempts = 1 };
        using var monitor = new CoreCase(Setup with { Rules = [.. DefaultRules.All, both] });
        monitor.Run(Long, Says("web1", Disk(97), new Measurement("memory.available", null, 50)));
        Assert.Equal(HealthState.OK, monitor.Core.State.LevelOf(new CheckKey("web1", "both")));
        monitor.Run(Long, Says("web1", Disk(97), new Measurement("memory.available", null, 2)));
        Assert.Equal(HealthState.Critical, monitor.Core.State.LevelOf(new CheckKey("web1", "both")));
    }
}
