using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using static ProdOps.Monitoring.Tests.States.Simulation;

namespace ProdOps.Monitoring.Tests.States;

/// <summary>Checks whose thing is gone for good, forgotten by somebody.</summary>
public sealed class ForgottenCheckTests
{
    private const string Disk = "web1 disk.used /mnt";

    [Theory]
    [InlineData(HealthState.OK)]
    [InlineData(HealthState.Critical)]
    public void What_is_gone_is_forgotten_with_what_was_open_of_it_and_those_who_know_of_it_are_told(HealthState before)
    {
        var simulation = new Simulation([new("web1")]).Set(Disk, before).Minutes(10).Set(Disk, null).Minutes(10);
        Assert.Equal(["Problem"], simulation.SentKinds);
        Assert.EndsWith(" If it is gone for good, Remove-HealthCheck forgets it.", simulation.Check(Disk).Message, StringComparison.Ordinal);
        long incident = Assert.Single(simulation.State.Incidents).Key;
        simulation.Keep(Forget(simulation, Disk));
        Assert.Equal(HealthState.OK, HealthView.OfServer(simulation.State, "web1", simulation.Now));
        simulation.Minutes(5).Restart(TimeSpan.FromMinutes(1)).Minutes(5);
        Assert.Equal(["Problem", "Recovery"], simulation.SentKinds);
        Assert.StartsWith("OK: web1 disk.used /mnt: checked no longer, over after ", simulation.Sent.Last().Title, StringComparison.Ordinal);
        Assert.Empty(simulation.State.Incidents);
        Assert.DoesNotContain(Key(Disk), simulation.State.Checks.Keys);

        var told = new EventText(static _ => "").Read(simulation.Events).ToList();
        var forgotten = Assert.Single(told, one => one.By == "ann");
        Assert.Equal((HealthEventKind.Check, incident, "web1", "disk.used", "/mnt", "ann forgot web1 disk.used /mnt: it was taken out"),
            (forgotten.Kind, forgotten.Incident, forgotten.Server, forgotten.Check, forgotten.Instance, forgotten.Message));
        Assert.Equal(forgotten.Time, Assert.Single(told, one => one.Kind == HealthEventKind.Resolved && one.Incident == incident).Time);
    }

    [Fact]
    public void What_its_rule_was_switched_off_for_is_gone_with_the_next_start_and_nothing_else()
    {
        var simulation = new Simulation([new("web1")]).Set(Disk, HealthState.Critical).Set("web1 disk.used /", HealthState.Critical).Minutes(10);
        var rules = new RuleSet([.. Simulation.Rules, Simulation.Rules[^1] with { Instances = ["/mnt"], Enabled = false }]);
        var started = new HealthMonitor(new MonitorPlan([new("web1")], rules), simulation.State).Start(simulation.Now, simulation.Now);
        Assert.Equal([Key(Disk)], started.OfType<CheckDropped>().Select(dropped => dropped.Key));
        Assert.Equal(HealthState.Critical, simulation.Check("web1 disk.used /").Shown);
    }

    [Fact]
    public void What_appears_again_is_a_new_check()
    {
        var simulation = new Simulation([new("web1")]).Set(Disk, HealthState.Critical).Minutes(10).Set(Disk, null).Minutes(10);
        simulation.Keep(Forget(simulation, Disk));
        simulation.Minutes(60).Set(Disk, HealthState.OK).Minutes(10);
        Assert.Equal((HealthState.OK, HealthState.OK, false), (simulation.Check(Disk).Shown, simulation.Check(Disk).Last, simulation.Check(Disk).Missing));
        Assert.Equal(["Problem", "Recovery"], simulation.SentKinds);
        Assert.Equal(["Problem", "Recovery", "Problem"], simulation.Set(Disk, HealthState.Critical).Minutes(10).SentKinds);
    }

    [Fact]
    public void What_is_measured_answers_or_is_out_of_reach_is_forgotten_only_by_force()
    {
        var simulation = new Simulation([new("web1"), new("db1")]).Set(Disk, HealthState.Critical).Set("web1 service nginx", HealthState.Unknown).Set("db1 disk.used /", HealthState.OK).Minutes(10).Down("db1").Minutes(10);
        Assert.Equal(HealthState.Unknown, simulation.Check("web1 service nginx").Shown);
        string before = simulation.State.ToJson();
        Assert.Equal("'web1 disk.used /mnt' is measured: what is forgotten now would be there again with the next round.", Refused(Disk, "HealthCheckMeasured"));
        Assert.Contains("since that is what it answers", Refused("web1 service nginx", "HealthCheckMeasured"), StringComparison.Ordinal);
        Assert.Contains("its server cannot be reached", Refused("db1 disk.used /", "HealthCheckMeasured"), StringComparison.Ordinal);
        Assert.Contains("is measured", Refused("web1 reachability", "HealthCheckMeasured"), StringComparison.Ordinal);
        Assert.Contains("knows no check", Refused("web1 disk.used /none", "HealthCheckNotMonitored"), StringComparison.Ordinal);
        Assert.Contains("knows no check", Refused("web1 disk.used", "HealthCheckNotMonitored"), StringComparison.Ordinal);
        Assert.Equal(before, simulation.State.ToJson());

        simulation.Keep(Forget(simulation, Disk, force: true));
        Assert.DoesNotContain(Key(Disk), simulation.State.Checks.Keys);
        Assert.Equal((HealthState.OK, HealthState.Critical), (simulation.Run(simulation.Step).Check(Disk).Level, simulation.Check(Disk).Last));
        Assert.Equal(HealthState.Critical, simulation.Minutes(10).Check(Disk).Level);

        string Refused(string key, string error)
        {
            var refusal = Assert.Throws<ProdOpsException>(() => Forget(simulation, key));
            Assert.Equal(error, refusal.ErrorId);
            return refusal.Message;
        }
    }

    [Fact]
    public void A_monitor_that_has_just_begun_has_heard_of_nothing_and_forgets_what_was_not_known_before_it()
    {
        var simulation = new Simulation([new("web1")]).Set(Disk, HealthState.OK).Minutes(10).Set(Disk, null).Minutes(10).Restart(TimeSpan.FromMinutes(5));
        simulation.Keep(Forget(simulation, Disk));
        Assert.DoesNotContain(simulation.Run(simulation.Step).State.Incidents.Values, incident => incident.Resolved is null);
    }

    [Fact]
    public void An_incident_of_which_the_cause_is_forgotten_goes_on_for_what_is_left()
    {
        var simulation = new Simulation([new("web1")]).Set(Disk, HealthState.Critical).Set("web1 http", HealthState.OK).Minutes(10).Set("web1 http", HealthState.Critical).Set(Disk, null).Minutes(9);
        var incident = Assert.Single(simulation.State.Incidents).Value;
        Assert.Equal((2, Key(Disk)), (incident.Members.Count, incident.Root));
        simulation.Keep(Forget(simulation, Disk));
        Assert.Equal((Key("web1 http"), null), (incident.Root, incident.Resolved));
        simulation.Minutes(20);
        Assert.DoesNotContain("Recovery", simulation.SentKinds);
        Assert.Equal("Recovery", simulation.Set("web1 http", HealthState.OK).Minutes(10).SentKinds[^1]);
        Assert.StartsWith("OK: web1 http: over after ", simulation.Sent.Last().Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_of_which_nobody_asks_any_more_whether_it_is_there_is_not_gone_and_breaks_nothing_that_depends_on_it()
    {
        var simulation = new Simulation([new("web1") { Parents = ["router"] }, new("router")]).Minutes(3).Down("router").Down("web1").Minutes(5);
        Assert.Equal((HealthState.Critical, HealthState.Unreachable), (simulation.State.Servers["router"], simulation.State.Servers["web1"]));
        simulation.Set("router reachability", null).Minutes(10);
        simulation.Keep(Forget(simulation, "router reachability"));
        Assert.Equal([("web1", HealthState.Critical)], simulation.State.Servers.Select(static server => (server.Key, server.Value)));
        Assert.Equal(CheckKey.ReachabilityOf("web1"), Assert.Single(simulation.State.Incidents.Values, one => one.Resolved is null).Root);
        Assert.Empty(simulation.Up("web1").Minutes(10).Restart(TimeSpan.Zero).State.Servers);
    }

    [Fact]
    public void Without_a_plan_a_cause_that_is_suspected_is_not_known_and_no_incident_gets_another_for_that()
    {
        int steps = 1;
        while (Recovering().Run(TimeSpan.FromSeconds(10 * steps)).Check("web1 service a").Level != HealthState.OK) steps++;
        // The database may be gone, which is not certain, at the moment in which the service is well again: that the rest goes on by itself is not said yet.
        var simulation = Recovering().Run(TimeSpan.FromSeconds(10 * (steps - 1))).Down("db1").Run(TimeSpan.FromSeconds(10));
        var incident = Assert.Single(simulation.State.Incidents.Values, one => one.Root.Server == "web1");
        Assert.Equal((Key("web1 service a"), Key("web1 http")), (incident.Root, Assert.Single(incident.Members).Key));
        Assert.Equal((HealthState.OK, HealthState.Critical), (simulation.Check("db1 reachability").Level, simulation.Check("db1 reachability").Last));

        var state = MonitorState.Rebuild(simulation.Events);
        var events = new HealthMonitor(new MonitorPlan([], new RuleSet([])), state).Forget(simulation.Now, Key("web2 disk.used /mnt"), "ann");
        Assert.Equal([typeof(CheckDropped), typeof(IncidentMember), typeof(IncidentResolved)], events.Select(one => one.GetType()));
        Assert.Equal(incident.Root, state.Incidents[incident.Id].Root);

        static Simulation Recovering() => new Simulation([Server("web1", "db1"), new("db1"), new("web2")]).Set("web2 disk.used /mnt", HealthState.OK).Minutes(5).Set("web2 disk.used /mnt", null).Minutes(20)
            .Set("web1 service a", HealthState.Critical).Minutes(2).Set("web1 http", HealthState.Critical).Minutes(10).Set("web1 service a", HealthState.OK);
    }

    [Fact]
    public void Whoever_forgets_a_check_while_no_monitor_runs_changes_nothing_of_any_other()
    {
        var random = new Random(5);
        string[] servers = ["db1", "web1", "web2"], rules = ["service a", "http", "disk.used /mnt"];
        HealthState?[] states = [HealthState.OK, HealthState.OK, HealthState.Critical, HealthState.Warning, HealthState.Unknown, null];
        int forgotten = 0, others = 0;
        for (int world = 0; world < 12; world++)
        {
            var simulation = new Simulation([Server("web1", "db1"), Server("web2", "db1"), new("db1")]).Minutes(2);
            for (int turn = 0; turn < 12; turn++)
            {
                for (int change = random.Next(1, 4); change > 0; change--)
                {
                    string server = servers[random.Next(servers.Length)];
                    if (random.Next(5) == 0) simulation.Set($"{server} reachability", random.Next(2) == 0 ? HealthState.Critical : HealthState.OK);
                    else simulation.Set($"{server} {rules[random.Next(rules.Length)]}", states[random.Next(states.Length)]);
                }

                simulation.Run(TimeSpan.FromSeconds(10 * random.Next(1, 40)));
                foreach (var key in simulation.State.Checks.Where(check => check.Value.Missing).Select(check => check.Key).ToList())
                {
                    // What is on disk is all there is, and no plan.
                    var state = MonitorState.Rebuild(simulation.Events);
                    var alone = new HealthMonitor(new MonitorPlan([], new RuleSet([])), state);
                    long own = state.IncidentOf.GetValueOrDefault(key);
                    var before = Others(state, key, own);
                    var events = alone.Forget(simulation.Now, key, "ann");
                    Assert.IsType<CheckDropped>(events[0]);
                    Assert.Equal(before, Others(state, key, own));
                    Assert.All(state.Incidents.Values, incident => Assert.DoesNotContain(key, incident.Members.Keys));
                    Assert.All(state.Incidents.Values.Where(incident => incident.Resolved is null && incident.Id == own), incident => Assert.NotEmpty(incident.Members));
                    // What the one who is alone wrote is what events add up to, and the next monitor goes on with it.
                    Assert.Equal(state.ToJson(), MonitorState.Rebuild([.. simulation.Events, .. events]).ToJson());
                    if (random.Next(3) == 0)
                    {
                        simulation.Keep(events);
                        simulation.Resume(state);
                    }

                    forgotten++;
                    others += before.Length;
                }
            }
        }

        Assert.True(forgotten > 50 && others > 50, $"{forgotten} forgotten, {others} incidents beside them");

        static string[] Others(MonitorState state, CheckKey key, long own) =>
        [
            .. state.Incidents.Values.Where(incident => incident.Id != own && incident.Root != key)
                .Select(incident => $"{incident.Id} {incident.Root} {incident.Revision} {incident.Resolved} {string.Join(',', incident.Members)} {incident.Acknowledgement} {string.Join(',', incident.Told)}"),
        ];
    }

    private static IReadOnlyList<MonitorEvent> Forget(Simulation simulation, string key, bool force = false) => simulation.Monitor.Forget(simulation.Now, Key(key), "ann", "it was taken out", force);
}
