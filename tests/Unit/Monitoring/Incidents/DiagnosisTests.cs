using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Tests.States;

namespace ProdOps.Monitoring.Tests.Incidents;

public sealed class DiagnosisTests
{
    private static readonly HealthAction Du = new() { Name = "du", Rules = ["disk.used"], Command = "true", On = [HealthState.Warning, HealthState.Critical], IsDiagnosis = true, MaxPerHour = 60 };

    [Fact]
    public void A_problem_is_told_with_what_was_seen_which_is_waited_for_but_not_for_long()
    {
        var simulation = One().Set("web1 disk.used /", HealthState.Critical).Minutes(2);
        var begun = Assert.Single(simulation.Events.OfType<ActionBegun>());
        Assert.True(begun is { Diagnosis: true, Action: "du", Key.Instance: "/" });
        simulation.Keep(simulation.Monitor.EndAction(simulation.Now, begun.Number, 0, "9 GB /var/log"));
        Assert.Equal("du", Assert.Single(simulation.Events.OfType<ActionEnded>()).Looked!.Action);
        simulation.Minutes(3);
        var item = Assert.Single(Written(simulation, Assert.Single(simulation.Sent)).Incidents);
        Assert.Equal("9 GB /var/log", item.Diagnosis);
        Assert.Equal(simulation.State.ToJson(), MonitorState.Rebuild(simulation.Events.Select(happened => EventJson.Read(EventJson.Write(happened)))).ToJson());
        Assert.Equal(simulation.State.ToJson(), Simulation.ReadState(simulation.State.ToJson())!.ToJson());
        // Hours later that is not how it is any more.
        simulation.Step = TimeSpan.FromSeconds(30);
        Assert.Equal("", Written(simulation, simulation.Run(TimeSpan.FromHours(5)).Sent.Last(sent => sent.Kind == NotificationKind.Reminder)).Incidents[0].Diagnosis);
    }

    [Fact]
    public void A_message_waits_for_what_is_seen_but_not_for_long()
    {
        var settings = new MonitorSettings { GroupWait = TimeSpan.Zero, DiagnosisWait = TimeSpan.FromMinutes(1) };
        var quick = One(settings).Set("web1 disk.used /", HealthState.Critical).Minutes(1.5);
        var begun = Assert.Single(quick.Events.OfType<ActionBegun>());
        Assert.Empty(quick.Sent);
        quick.Keep(quick.Monitor.EndAction(quick.Now, begun.Number, 0, "seen"));
        quick.Run(quick.Step);
        Assert.Equal("seen", Written(quick, Assert.Single(quick.Sent)).Incidents[0].Diagnosis);

        var slow = One(settings).Set("web1 disk.used /", HealthState.Critical).Minutes(5);
        Assert.Equal("", Written(slow, Assert.Single(slow.Sent)).Incidents[0].Diagnosis);
        var looked = Assert.Single(slow.Events.OfType<ActionBegun>());
        Assert.InRange(slow.Sent.Single().Time - looked.Time, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1) + slow.Step);
    }

    [Fact]
    public void It_is_looked_once_for_each_incident_and_instance_and_of_many_instances_at_a_few()
    {
        var simulation = One().Set("web1 disk.used /", HealthState.Warning).Minutes(3);
        simulation.Set("web1 disk.used /", HealthState.Critical).Minutes(3);
        Assert.Single(simulation.Events.OfType<ActionBegun>());
        for (int i = 0; i < 9; i++) simulation.Set($"web1 disk.used /{i}", HealthState.Critical);
        simulation.Minutes(10);
        Assert.Equal(3, simulation.Events.OfType<ActionBegun>().Count());
        Assert.Empty(simulation.Events.OfType<ActionHeld>());
        foreach (var key in simulation.State.Checks.Keys.ToList()) if (!key.IsReachability) simulation.Set(key.ToString(), HealthState.OK);
        simulation.Minutes(30).Set("web1 disk.used /", HealthState.Critical).Minutes(3);
        Assert.Equal(4, simulation.Events.OfType<ActionBegun>().Count());
    }

    [Fact]
    public void A_server_that_is_gone_or_may_be_is_not_looked_at()
    {
        var simulation = One(rules: [.. Simulation.Rules.Take(1), Simulation.Rules[3] with { For = TimeSpan.Zero, Attempts = 1 }]).Set("web1 disk.used /", HealthState.OK).Minutes(3);
        // Both in one round: whether it is gone is not certain yet.
        simulation.Keep(simulation.Monitor.Observe(new Round(simulation.Now += simulation.Step,
            [new Reading(Simulation.Key("web1 reachability"), HealthState.Critical), new Reading(Simulation.Key("web1 disk.used /"), HealthState.Critical)])));
        Assert.Contains(simulation.Events, happened => happened is CheckChanged { Key.Rule: "disk.used" });
        Assert.Empty(simulation.Events.OfType<ActionBegun>());
    }

    [Fact]
    public void A_rule_of_another_name_is_looked_at_by_what_it_compares_and_default_ones_give_way_to_those_of_their_name()
    {
        var rule = Simulation.Rules[3] with { Name = "root is full" };
        var simulation = One(rules: [.. Simulation.Rules.Take(3), rule]);
        for (int round = 0; round < 20; round++)
            simulation.Keep(simulation.Monitor.Observe(new Round(simulation.Now += simulation.Step, [new Reading(CheckKey.ReachabilityOf("web1"), HealthState.OK), new Reading(new CheckKey("web1", rule.Name, "/"), HealthState.Critical)])));
        Assert.Single(simulation.Events.OfType<ActionBegun>());

        Assert.Equal(DefaultDiagnoses.All.Count - 1, DefaultDiagnoses.Beside([new HealthAction { Name = "Look at CPU", Command = "true", Rules = ["cpu.busy"] }]).Count());
        Assert.Equal(DefaultDiagnoses.All.Count, DefaultDiagnoses.All.Select(one => one.Name).Distinct().Count());
        Assert.All(DefaultDiagnoses.All, one => Assert.True(one.IsDiagnosis && !one.AsRoot && one.RunOn.Length == 0));
    }

    private static Simulation One(MonitorSettings? settings = null, IReadOnlyList<HealthRule>? rules = null) =>
        new Simulation([new("web1")], rules: rules, settings: settings ?? new MonitorSettings { GroupWait = TimeSpan.FromMinutes(2) }, actions: [Du]).Minutes(3);

    private static NotificationMessage Written(Simulation simulation, NotificationDecided decided) => MessageWriter.Write(decided, simulation.State, simulation.Plan, "");
}
