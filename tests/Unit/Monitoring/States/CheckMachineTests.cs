using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Tests.States;

public sealed class CheckMachineTests
{
    private static Simulation One(HealthRule? rule = null) =>
        new Simulation([Simulation.Server("web1")], rules: [Simulation.Rules[0], rule ?? Simulation.Rules[3]]) { Step = TimeSpan.FromSeconds(30) }.Set("web1 disk.used", HealthState.OK).Minutes(5);

    [Fact]
    public void A_problem_is_certain_after_its_attempts_and_its_time()
    {
        var simulation = One().Set("web1 disk.used", HealthState.Warning);
        simulation.Run(TimeSpan.FromSeconds(60));
        Assert.Equal((HealthState.OK, HealthState.Warning, true), (simulation.Check("web1 disk.used").Shown, simulation.Check("web1 disk.used").Last, simulation.Check("web1 disk.used").IsSoft));
        simulation.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(HealthState.Warning, simulation.Check("web1 disk.used").Shown);
        Assert.Equal(simulation.Now, simulation.Check("web1 disk.used").Since);
    }

    [Fact]
    public void A_blip_changes_nothing_for_certain()
    {
        var simulation = One();
        for (int i = 0; i < 20; i++) simulation.Set("web1 disk.used", HealthState.Critical).Run(TimeSpan.FromSeconds(60)).Set("web1 disk.used", HealthState.OK).Minutes(30);
        Assert.DoesNotContain(simulation.Events, happened => happened is CheckChanged);
    }

    [Fact]
    public void What_is_now_a_warning_now_critical_is_a_warning_at_least()
    {
        var simulation = One();
        for (int i = 0; i < 4; i++) simulation.Set("web1 disk.used", i % 2 == 0 ? HealthState.Critical : HealthState.Warning).Run(TimeSpan.FromSeconds(30));
        Assert.Equal(HealthState.Warning, simulation.Check("web1 disk.used").Level);
    }

    [Fact]
    public void Critical_has_a_time_of_its_own_that_counts_from_when_it_got_critical()
    {
        var simulation = One(Simulation.Rules[3] with { CriticalFor = TimeSpan.FromMinutes(5) }).Set("web1 disk.used", HealthState.Critical).Minutes(3);
        Assert.Equal(HealthState.Warning, simulation.Check("web1 disk.used").Level);
        Assert.Equal(HealthState.Critical, simulation.Minutes(3).Check("web1 disk.used").Level);
    }

    [Fact]
    public void Recovery_takes_its_attempts_and_its_time_too_and_goes_no_further_than_what_all_agree_on()
    {
        var simulation = One().Set("web1 disk.used", HealthState.Critical).Minutes(3);
        Assert.Equal(HealthState.Critical, simulation.Check("web1 disk.used").Level);
        simulation.Set("web1 disk.used", HealthState.OK).Run(TimeSpan.FromSeconds(60));
        Assert.Equal(HealthState.Critical, simulation.Check("web1 disk.used").Level);
        simulation.Set("web1 disk.used", HealthState.Warning).Run(TimeSpan.FromSeconds(60));
        Assert.Equal(HealthState.Warning, simulation.Check("web1 disk.used").Level);
        Assert.Equal(HealthState.OK, simulation.Set("web1 disk.used", HealthState.OK).Run(TimeSpan.FromSeconds(90)).Check("web1 disk.used").Level);
    }

    [Fact]
    public void What_comes_and_goes_is_held_at_its_worst_and_told_once()
    {
        var simulation = One();
        for (int i = 0; i < 40; i++) simulation.Set("web1 disk.used", i % 2 == 0 ? HealthState.Critical : HealthState.OK).Run(TimeSpan.FromSeconds(60));
        Assert.True(simulation.Check("web1 disk.used") is { Flapping: true, Level: HealthState.Critical });
        Assert.Equal(["Flapping"], simulation.SentKinds);
        simulation.Minutes(4);
        Assert.True(simulation.Check("web1 disk.used").Flapping);
        simulation.Minutes(10);
        Assert.True(simulation.Check("web1 disk.used") is { Flapping: false, Level: HealthState.OK });
        Assert.Equal(["Flapping", "Recovery"], simulation.SentKinds);
    }

    [Fact]
    public void The_newest_changes_weigh_most_in_flapping()
    {
        var rule = Simulation.Rules[3];
        var start = DateTimeOffset.UnixEpoch;
        var check = new CheckState();
        for (int i = 0; i < 21; i++) check = CheckMachine.After(check, i % 2 == 0 ? HealthState.OK : HealthState.Critical, start + (i * rule.Interval));
        Assert.Equal(20, check.Changes.Count);
        var now = start + (20 * rule.Interval);
        Assert.Equal(1.0, CheckMachine.FlapShare(check, rule, now), 0.02);
        Assert.InRange(CheckMachine.FlapShare(check, rule, now + (10 * rule.Interval)), 0.40, 0.50);
        Assert.Equal(0, CheckMachine.FlapShare(check, rule, now + (20 * rule.Interval)));
    }

    [Fact]
    public void What_is_missing_becomes_unknown_and_resolves_nothing()
    {
        var simulation = One().Set("web1 disk.used", HealthState.Critical).Minutes(3).Set("web1 disk.used", null).Minutes(600);
        Assert.True(simulation.Check("web1 disk.used") is { Missing: true, Level: HealthState.Critical, Shown: HealthState.Critical });
        Assert.DoesNotContain("Recovery", simulation.SentKinds);
        Assert.Equal(HealthState.OK, simulation.Set("web1 disk.used", HealthState.OK).Minutes(2).Check("web1 disk.used").Shown);
        Assert.Equal("Recovery", simulation.SentKinds[^1]);
    }

    [Fact]
    public void An_ok_that_is_not_heard_of_for_two_and_a_half_intervals_is_unknown()
    {
        var simulation = One().Set("web1 disk.used", null).Run(TimeSpan.FromSeconds(60));
        Assert.Equal(HealthState.OK, simulation.Check("web1 disk.used").Shown);
        Assert.Equal(HealthState.Unknown, simulation.Run(TimeSpan.FromSeconds(60)).Check("web1 disk.used").Shown);
    }

    [Fact]
    public void What_is_asked_for_every_second_is_not_missing_while_its_answer_is_waited_for()
    {
        var rules = Simulation.Rules.Select(rule => rule with { Interval = TimeSpan.FromSeconds(1) }).ToList();
        var simulation = new Simulation([new("web1")], rules: rules).Set("web1 disk.used", HealthState.OK).Minutes(3).Set("web1 disk.used", null).Run(TimeSpan.FromSeconds(30));
        Assert.Equal(HealthState.OK, simulation.Check("web1 disk.used").Shown);
        Assert.Equal(HealthState.Unknown, simulation.Run(TimeSpan.FromSeconds(60)).Check("web1 disk.used").Shown);
    }

    [Fact]
    public void A_server_that_nobody_looks_at_is_told_of_once_and_not_for_each_of_its_checks()
    {
        var simulation = new Simulation([new("web1"), new("web2")]);
        string[] checks = ["web1 disk.used /", "web1 disk.used /srv", "web1 http", "web1 service"];
        foreach (string check in checks) simulation.Set(check, HealthState.OK);
        simulation.Minutes(3);

        foreach (string check in checks.Append("web1 reachability")) simulation.Set(check, null);
        simulation.Minutes(30);
        Assert.Equal(["web1 reachability"], simulation.Events.OfType<CheckChanged>().Where(changed => changed.Missing).Select(changed => changed.Key.ToString()));
        Assert.Equal(HealthState.Unknown, simulation.Check("web1 reachability").Shown);

        // It is looked at again: what is not heard of now is missing by itself.
        foreach (string check in checks.Skip(1)) simulation.Set(check, HealthState.OK);
        simulation.Up("web1").Minutes(3);
        Assert.Equal(HealthState.OK, simulation.Check("web1 reachability").Shown);
        Assert.Equal(["web1 disk.used /"], simulation.State.Checks.Where(check => check.Value.Missing).Select(check => check.Key.ToString()));
    }

    [Fact]
    public void Results_that_say_they_do_not_know_are_like_missing_ones()
    {
        var simulation = One().Set("web1 disk.used", HealthState.Unknown).Run(TimeSpan.FromSeconds(90));
        Assert.Equal(HealthState.Unknown, simulation.Check("web1 disk.used").Shown);
        simulation.Set("web1 disk.used", HealthState.OK).Run(TimeSpan.FromSeconds(90));
        Assert.Equal(HealthState.OK, simulation.Check("web1 disk.used").Shown);
        Assert.False(simulation.Check("web1 disk.used").Missing);
    }

    [Fact]
    public void Before_a_gap_nothing_was_seen_that_goes_on_behind_it()
    {
        var simulation = One(Simulation.Rules[3] with { For = TimeSpan.FromMinutes(5) }).Set("web1 disk.used", HealthState.Warning).Minutes(2);
        simulation.Set("web1 disk.used", null).Minutes(10).Set("web1 disk.used", HealthState.Warning).Minutes(2);
        Assert.Equal(HealthState.OK, simulation.Check("web1 disk.used").Level);
        Assert.Equal(HealthState.Warning, simulation.Minutes(4).Check("web1 disk.used").Level);
    }

    [Theory]
    [InlineData(1825 * 24)]
    [InlineData(-1825 * 24)]
    [InlineData(2)]
    [InlineData(-0.01)]
    public void A_clock_that_is_set_neither_fires_nor_resolves_anything(double hours)
    {
        var simulation = One().Set("web1 disk.used", HealthState.Critical).Run(TimeSpan.FromSeconds(60));
        int before = simulation.Events.Count;
        simulation.Now += TimeSpan.FromHours(hours);
        simulation.Once();
        Assert.DoesNotContain(simulation.Events.Skip(before), happened => happened is CheckChanged or NotificationDecided);
        Assert.Single(simulation.Events.OfType<MonitorBlind>());

        simulation.Minutes(5).Set("web1 disk.used", HealthState.OK).Run(TimeSpan.FromSeconds(60));
        before = simulation.Events.Count;
        simulation.Now += TimeSpan.FromHours(hours);
        simulation.Advance(TimeSpan.Zero);
        Assert.DoesNotContain(simulation.Events.Skip(before), happened => happened is CheckChanged or NotificationDecided);
        Assert.Equal(["Problem", "Recovery"], simulation.Minutes(5).SentKinds);
    }

    [Fact]
    public void Results_that_say_nothing_new_leave_no_trace()
    {
        var simulation = One();
        int before = simulation.Events.Count;
        simulation.Minutes(600);
        Assert.Equal(before, simulation.Events.Count);
        simulation.Set("web1 disk.used", HealthState.Warning).Minutes(600);
        Assert.InRange(simulation.Events.Count - before, 1, 12);
    }

    [Fact]
    public void What_may_become_certain_by_the_next_result_is_asked_for_sooner_and_as_soon_as_its_rule_wants()
    {
        var simulation = One();
        Assert.DoesNotContain("web1", simulation.Monitor.UrgentServers());
        Assert.Contains("web1", simulation.Set("web1 disk.used", HealthState.Warning).Run(TimeSpan.FromSeconds(30)).Monitor.UrgentServers());
        Assert.DoesNotContain("web1", simulation.Minutes(5).Monitor.UrgentServers());
        // What has to last for days is not asked for every ten seconds until then.
        var patient = One(Simulation.Rules[3] with { For = TimeSpan.FromDays(7) }).Set("web1 disk.used", HealthState.Warning).Run(TimeSpan.FromSeconds(60));
        Assert.Contains("web1", patient.Monitor.UrgentServers());
        Assert.DoesNotContain("web1", patient.Run(TimeSpan.FromSeconds(60)).Monitor.UrgentServers());
        Assert.Equal([null], One().Set("web1 disk.used", HealthState.Warning).Run(TimeSpan.FromSeconds(30)).Monitor.UrgentServers()["web1"]);
        var eager = One(Simulation.Rules[3] with { RetryInterval = TimeSpan.FromSeconds(2) }).Set("web1 disk.used", HealthState.Warning).Run(TimeSpan.FromSeconds(30));
        Assert.Equal([TimeSpan.FromSeconds(2)], eager.Monitor.UrgentServers()["web1"]);
    }
}
