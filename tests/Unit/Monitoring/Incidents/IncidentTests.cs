using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Tests.States;

namespace ProdOps.Monitoring.Tests.Incidents;

public sealed class IncidentTests
{
    [Theory]
    [InlineData("db1 reachability", "db1 cannot be reached")]
    [InlineData("db1 service postgresql", "db1 service postgresql")]
    public void With_the_database_gone_200_dependents_are_one_message_that_names_it(string cause, string named)
    {
        var random = new Random(200);
        var simulation = Shop(200).Minutes(3).Set(cause, HealthState.Critical);
        // The dependents notice at different times, some before the database is known to be gone.
        for (int i = 0; i < 200; i++)
        {
            simulation.Set($"web{i} http", HealthState.Critical);
            if (random.Next(20) == 0) simulation.Run(TimeSpan.FromSeconds(10));
        }

        simulation.Minutes(12);
        var sent = Assert.Single(simulation.Sent);
        Assert.StartsWith($"Critical: {named}", sent.Title);
        var incident = Assert.Single(simulation.State.Incidents.Values);
        Assert.Equal((201, Simulation.Key(cause)), (incident.Members.Count, incident.Root));

        simulation.Set(cause, HealthState.OK).Minutes(1);
        for (int i = 0; i < 200; i++) simulation.Set($"web{i} http", HealthState.OK);
        simulation.Minutes(5);
        Assert.Equal(["Problem", "Recovery"], simulation.SentKinds);
        Assert.StartsWith($"OK: {named}: over after", simulation.Sent.Last().Title);
        Assert.Empty(simulation.State.Incidents);
    }

    [Fact]
    public void Dependents_that_notice_before_their_cause_wait_for_it()
    {
        // The database is looked at once a minute, the applications every 10 seconds.
        var simulation = Shop(5).Minutes(3);
        for (int i = 0; i < 5; i++) simulation.Set($"web{i} http", HealthState.Critical);
        simulation.Run(TimeSpan.FromSeconds(20)).Down("db1").Minutes(10);
        Assert.Equal("Critical: db1 cannot be reached, and 5 more", Assert.Single(simulation.Sent).Title);
    }

    [Theory]
    [InlineData("web0", "Critical: web0 cannot be reached, and 1 more")]
    [InlineData("db1", "Critical: db1 cannot be reached, and 1 more")]
    public void A_check_from_outside_that_is_certain_before_its_server_was_heard_of_again_waits_for_that(string gone, string title)
    {
        // The server is asked all the time, and says nothing yet: it takes long until that is an answer, too.
        var simulation = Shop(1).Minutes(3).Set($"{gone} reachability", null).Set("web0 http", HealthState.Critical).Minutes(1);
        Assert.Empty(simulation.Sent);
        Assert.Equal(title, Assert.Single(simulation.Down(gone).Minutes(10).Sent).Title);
    }

    [Theory]
    [InlineData(null, "Critical: door1 cannot be reached")]
    [InlineData("door2", "Critical: behind1 cannot be reached")]
    public void A_server_that_is_reached_through_others_waits_until_one_of_them_was_heard_of(string? well, string title)
    {
        var simulation = new Simulation([new MonitoredServer("door1"), new MonitoredServer("door2"), new MonitoredServer("behind1") { Parents = ["door1", "door2"] }]).Minutes(3);
        foreach (string door in new[] { "door1", "door2" }.Where(door => door != well)) simulation.Set($"{door} reachability", null);
        simulation.Down("behind1").Minutes(1);
        if (well is null)
        {
            Assert.Empty(simulation.Sent);
            simulation.Down("door1").Down("door2");
        }

        simulation.Minutes(1);
        Assert.StartsWith(title, simulation.Sent.First().Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_waits_for_long_for_a_server_of_which_nothing_is_heard()
    {
        var simulation = Shop(1).Minutes(3).Set("db1 reachability", null).Set("web0 http", HealthState.Critical).Minutes(5);
        Assert.Contains(simulation.Sent, sent => sent.Title.Contains("web0 http", StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_that_turns_out_to_be_the_cause_of_what_people_know_is_told_at_once()
    {
        var simulation = Shop(1).Minutes(3).Set("web0 http", HealthState.Critical).Minutes(2).Down("db1").Minutes(2);
        Assert.Equal(["Critical: web0 http", "Critical: db1 cannot be reached, and 1 more"], simulation.Sent.Select(sent => sent.Title));
        Assert.Equal(["Problem", "Update"], simulation.Minutes(30).SentKinds);
    }

    [Fact]
    public void A_cause_that_was_suspected_in_vain_is_not_blamed()
    {
        var simulation = Shop(2).Minutes(3).Set("web0 http", HealthState.Critical).Down("db1").Run(TimeSpan.FromSeconds(20)).Up("db1").Minutes(5);
        Assert.Equal("Critical: web0 http", Assert.Single(simulation.Sent).Title);
    }

    [Fact]
    public void What_goes_on_although_its_cause_is_gone_is_told_after_a_while()
    {
        var simulation = Shop(3).Minutes(3).Down("db1").Set("web1 http", HealthState.Critical).Minutes(10).Up("db1").Minutes(4);
        Assert.Equal(["Problem"], simulation.SentKinds);
        simulation.Minutes(10);
        Assert.Equal(["Problem", "Update"], simulation.SentKinds);
        Assert.Equal("Critical: web1 http", simulation.Sent.Last().Title);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(300)]
    public void A_server_that_comes_back_without_its_services_is_one_problem_which_is_over_when_they_are_up(int seconds)
    {
        // They are asked as soon as it answers, and are bad for certain before, when or after it is certain that it is back.
        var rules = Simulation.Rules.Select(rule => rule.Name == "service" ? rule with { For = TimeSpan.FromSeconds(seconds) } : rule).ToList();
        var simulation = new Simulation([Simulation.Server("db1")], rules: rules).Set("db1 service postgresql", HealthState.OK).Minutes(3).Down("db1").Minutes(60);
        simulation.Set("db1 service postgresql", HealthState.Critical).Up("db1").Minutes(4);
        Assert.Equal(["Problem"], simulation.SentKinds);
        Assert.Single(simulation.State.Incidents);
        simulation.Restart(TimeSpan.FromSeconds(10)).Set("db1 service postgresql", HealthState.OK).Minutes(3);
        Assert.Equal(["Problem", "Recovery"], simulation.SentKinds);
        Assert.StartsWith("OK: db1 cannot be reached: over after", simulation.Sent.Last().Title);
        Assert.Empty(simulation.State.Incidents);
    }

    [Fact]
    public void Services_that_stay_away_from_a_server_that_is_back_are_told()
    {
        var simulation = Shop(0).Minutes(3).Down("db1").Minutes(60).Set("db1 service postgresql", HealthState.Critical).Up("db1").Minutes(20);
        Assert.Equal(["Problem", "Update"], simulation.SentKinds);
        Assert.Equal("Critical: db1 service postgresql", simulation.Sent.Last().Title);
    }

    [Fact]
    public void A_full_disk_of_the_database_server_does_not_explain_a_broken_application()
    {
        var simulation = Shop(1).Minutes(3).Set("db1 disk.used", HealthState.Critical).Minutes(30).Set("web0 http", HealthState.Critical).Minutes(5);
        Assert.Equal(2, simulation.Sent.Count());
    }

    [Fact]
    public void What_has_been_broken_for_long_does_not_explain_what_breaks_now()
    {
        var simulation = Shop(1).Minutes(3).Set("db1 service report", HealthState.Critical).Minutes(60).Set("web0 http", HealthState.Critical).Minutes(5);
        Assert.Equal(["Critical: db1 service report", "Critical: web0 http"], simulation.Sent.Select(sent => sent.Title));
    }

    [Fact]
    public void A_check_is_folded_under_the_rule_it_depends_on()
    {
        var rules = Simulation.Rules.Select(rule => rule.Name == "http" ? rule with { DependsOn = ["service"] } : rule).ToList();
        var simulation = new Simulation([new("web1")], rules: rules).Minutes(3).Set("web1 http", HealthState.Critical).Set("web1 service nginx", HealthState.Critical).Minutes(30);
        Assert.Equal("Critical: web1 service nginx, and 1 more", Assert.Single(simulation.Sent).Title);
    }

    [Fact]
    public void Problems_of_one_server_or_of_one_rule_that_begin_together_are_one_incident()
    {
        var simulation = Shop(3).Minutes(3).Set("web1 disk.used /a", HealthState.Warning).Set("web2 disk.used /a", HealthState.Warning).Set("web1 service x", HealthState.Warning).Minutes(30);
        Assert.Single(simulation.State.Incidents);
        Assert.Equal(["Problem", "Update"], simulation.SentKinds);
        Assert.Equal(["Problem", "Update", "Problem"], simulation.Set("web2 disk.used /b", HealthState.Warning).Minutes(30).SentKinds);
        Assert.Equal(2, simulation.State.Incidents.Count);
    }

    [Fact]
    public void News_of_an_incident_are_told_once_when_they_last_and_at_once_when_it_gets_worse()
    {
        var simulation = Shop(3).Minutes(3).Set("web1 disk.used /a", HealthState.Warning).Minutes(4).Set("web1 disk.used /b", HealthState.Warning).Minutes(4);
        Assert.Equal(["Problem"], simulation.SentKinds);
        Assert.Equal(["Problem", "Update"], simulation.Minutes(20).SentKinds);
        simulation.Set("web1 disk.used /a", HealthState.Critical).Run(TimeSpan.FromSeconds(70));
        Assert.Equal(["Problem", "Update", "Worse"], simulation.SentKinds);
        Assert.Equal(["Problem", "Update", "Worse"], simulation.Set("web1 disk.used /a", HealthState.Warning).Minutes(30).Set("web1 disk.used /a", HealthState.Critical).Minutes(30).SentKinds);
    }

    [Fact]
    public void Two_servers_that_depend_on_each_other_are_one_incident()
    {
        var simulation = new Simulation([Simulation.Server("a", "b"), Simulation.Server("b", "a")]).Minutes(3).Down("a").Down("b").Minutes(60);
        Assert.Single(simulation.State.Incidents);
        Assert.Equal(["Problem"], simulation.SentKinds);
        Assert.InRange(simulation.Events.Count, 1, 30);
    }

    [Fact]
    public void Incidents_with_one_cause_become_one_and_whoever_knew_of_either_learns_the_end()
    {
        var simulation = new Simulation([Simulation.Server("db1"), Simulation.Server("web1", "db1"), Simulation.Server("web2", "db1")],
            [new NotificationRoute { Name = "one", Servers = ["web1"] }, new NotificationRoute { Name = "two", Servers = ["web2"] }]).Minutes(3);
        simulation.Set("web1 http", HealthState.Critical).Minutes(2).Set("web2 service x", HealthState.Critical).Minutes(2);
        Assert.Equal(2, simulation.State.Incidents.Count);
        simulation.Down("db1").Minutes(2);
        Assert.Equal(CheckKey.ReachabilityOf("db1"), Assert.Single(simulation.State.Incidents.Values).Root);
        simulation.Up("db1").Set("web1 http", HealthState.OK).Set("web2 service x", HealthState.OK).Minutes(3);
        Assert.Equal(["one", "two"], simulation.Sent.Where(sent => sent.Kind == NotificationKind.Recovery).Select(sent => sent.Route));
        Assert.Empty(simulation.State.Incidents);
    }

    private static Simulation Shop(int applications) =>
        new Simulation([Simulation.Server("db1"), .. Enumerable.Range(0, applications).Select(i => Simulation.Server($"web{i}", "db1"))]).Set("db1 service postgresql", HealthState.OK);
}
