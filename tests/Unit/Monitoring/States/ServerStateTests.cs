using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Tests.States;

public sealed class ServerStateTests
{
    [Fact]
    public void Behind_what_is_down_servers_are_unreachable_and_nobody_is_told_of_them()
    {
        var simulation = new Simulation([new("router"), new("web1") { Parents = ["router"] }, new("web2") { Parents = ["router"] }]).Set("web1 disk.used", HealthState.OK).Minutes(3);
        simulation.Down("router").Down("web1").Down("web2").Minutes(10);
        Assert.Equal([("router", HealthState.Critical), ("web1", HealthState.Unreachable), ("web2", HealthState.Unreachable)], simulation.State.Servers.Select(server => (server.Key, server.Value)));
        var sent = Assert.Single(simulation.Sent);
        Assert.Equal("Critical: router cannot be reached, and 2 more", sent.Title);
        Assert.Equal(HealthState.OK, simulation.Check("web1 disk.used").Shown);

        simulation.Up("router").Up("web1").Up("web2").Minutes(5);
        Assert.Empty(simulation.State.Servers);
        Assert.Equal(["Problem", "Recovery"], simulation.SentKinds);
    }

    [Fact]
    public void What_is_shown_is_under_what_explains_it()
    {
        var simulation = new Simulation([new("router"), new("web1") { Parents = ["router"] }, new("web2")]).Set("web1 disk.used", HealthState.Warning).Set("web2 disk.used", HealthState.Warning).Minutes(5);
        Assert.Equal([HealthState.OK, HealthState.Warning, HealthState.Warning, HealthState.Unknown], Servers("router", "web1", "web2", "web3"));
        simulation.Down("router").Down("web1").Minutes(5);
        Assert.Equal([HealthState.Critical, HealthState.Unreachable], Servers("router", "web1"));
        Assert.Equal([HealthState.Unreachable, HealthState.Unreachable], Checks("web1 reachability", "web1 disk.used"));
        simulation.Keep(simulation.Monitor.SetDowntime(simulation.Now, new Downtime { Server = "web2", Rule = "disk.used", From = simulation.Now }));
        Assert.Equal([HealthState.Maintenance, HealthState.OK], Checks("web2 disk.used", "web2 reachability"));
        simulation.Keep(simulation.Monitor.SetDowntime(simulation.Now, new Downtime { Server = "r*", From = simulation.Now }));
        Assert.Equal([HealthState.Maintenance, HealthState.Unreachable], Servers("router", "web1"));

        HealthState[] Servers(params string[] names)
        {
            HealthState[] each = [.. names.Select(name => HealthView.OfServer(simulation.State, name, simulation.Now))];
            // Counted all at once they are the same.
            Assert.Equal(each.GroupBy(state => state).OrderByDescending(group => group.Key).Select(group => (group.Key, group.Count())), HealthView.Count(simulation.State, names, simulation.Now));
            return each;
        }

        HealthState[] Checks(params string[] keys) => [.. keys.Select(key => HealthView.OfCheck(simulation.State, Simulation.Key(key), simulation.Now))];
    }

    [Fact]
    public void A_server_is_reached_through_any_of_several()
    {
        var simulation = new Simulation([new("a"), new("b"), new("web1") { Parents = ["a", "b"] }]).Minutes(3).Down("a").Minutes(20).Down("web1").Minutes(5);
        Assert.Equal(HealthState.Critical, simulation.State.Servers["web1"]);
        Assert.Equal(2, simulation.Sent.Count());
        simulation.Down("b").Minutes(5);
        Assert.Equal(HealthState.Unreachable, simulation.State.Servers["web1"]);
    }

    [Fact]
    public void When_this_machine_is_cut_off_nothing_is_believed_and_one_event_says_so()
    {
        string[] names = ["web1", "web2", "web3", "db1", "lb1"];
        var simulation = new Simulation([.. names.Select(name => new MonitoredServer(name))]).Set("web1 disk.used", HealthState.Critical).Minutes(5);
        int before = simulation.Events.Count;
        foreach (string name in names) simulation.Down(name);
        simulation.AnchorsAnswer = false;
        simulation.Minutes(60 * 24);
        Assert.IsType<ObserverIsolated>(Assert.Single(simulation.Events.Skip(before)));
        Assert.NotNull(simulation.State.Isolated);

        foreach (string name in names) simulation.Up(name);
        simulation.AnchorsAnswer = null;
        simulation.Minutes(5);
        Assert.Null(simulation.State.Isolated);
        Assert.Equal(["Problem"], simulation.SentKinds);
        Assert.Equal(HealthState.Critical, simulation.Check("web1 disk.used").Shown);
    }

    [Fact]
    public void Isolation_is_outlived_by_a_restart()
    {
        var simulation = new Simulation([new("a"), new("b"), new("c")]).Minutes(3).Down("a").Down("b").Down("c");
        simulation.AnchorsAnswer = false;
        simulation.Minutes(5).Restart(TimeSpan.FromMinutes(30)).Minutes(30);
        simulation.Up("a").Up("b").Up("c").Minutes(10);
        Assert.Empty(simulation.Sent);
        Assert.Null(simulation.State.Isolated);
    }

    [Fact]
    public void When_the_anchors_answer_it_is_the_servers_that_are_gone()
    {
        var simulation = new Simulation([new("a"), new("b"), new("c")]).Minutes(3).Down("a").Down("b").Down("c");
        simulation.AnchorsAnswer = true;
        simulation.Minutes(5);
        Assert.Equal("Critical: a cannot be reached, b cannot be reached, c cannot be reached", Assert.Single(simulation.Sent).Title);
    }

    [Fact]
    public void Anchors_are_asked_only_when_more_than_half_and_three_at_least_are_gone()
    {
        var simulation = new Simulation([new("a"), new("b"), new("c"), new("d"), new("e"), new("f")]).Minutes(3);
        Assert.False(simulation.Monitor.WantsAnchors(Silent("a", "b", "c")));
        Assert.True(simulation.Monitor.WantsAnchors(Silent("a", "b", "c", "d")));
        // What is only checked from outside, such as a web address, does not count: nobody asks whether it is there.
        var sites = new Simulation([new("a"), new("b"), new("c"), .. Enumerable.Range(0, 9).Select(i => new MonitoredServer($"https://{i}"))]);
        foreach (var site in Enumerable.Range(0, 9)) sites.Set($"https://{site} reachability", null);
        Assert.True(sites.Minutes(3).Monitor.WantsAnchors(Silent("a", "b", "c")));
        Assert.False(new Simulation([new("a"), new("b")]).Monitor.WantsAnchors(Silent("a", "b")));

        Round Silent(params string[] names) => new(simulation.Now, [.. names.Select(name => new Reading(CheckKey.ReachabilityOf(name), HealthState.Critical))]);
    }

    [Fact]
    public void A_dead_monitor_says_for_how_long_it_was_blind_and_decides_nothing_from_that_time()
    {
        var simulation = new Simulation([new("web1")]) { Step = TimeSpan.FromSeconds(30) }.Set("web1 disk.used", HealthState.OK).Minutes(5).Set("web1 disk.used", HealthState.Critical).Run(TimeSpan.FromSeconds(60));
        var died = simulation.Now;
        simulation.Restart(TimeSpan.FromHours(5));
        var blind = Assert.Single(simulation.Events.OfType<MonitorBlind>());
        Assert.Equal((died, simulation.Now, BlindReason.Stopped), (blind.From, blind.Time, blind.Reason));
        Assert.Equal(HealthState.OK, simulation.Check("web1 disk.used").Level);
        Assert.Equal(HealthState.Critical, simulation.Run(TimeSpan.FromSeconds(30)).Check("web1 disk.used").Level);
        Assert.Equal(["Problem"], simulation.Minutes(5).Restart(TimeSpan.FromDays(3)).Minutes(5).SentKinds);
    }

    [Fact]
    public void A_snapshot_is_the_state()
    {
        var simulation = new Simulation([new("router"), new("web1") { Parents = ["router"] }]).Set("web1 disk.used /var", HealthState.Warning).Minutes(5).Down("router").Down("web1").Minutes(3);
        simulation.Keep(simulation.Monitor.SetDowntime(simulation.Now, new Downtime { Server = "db*", From = simulation.Now }));
        string json = simulation.State.ToJson();
        Assert.Equal(json, Simulation.ReadState(json)!.ToJson());
        Assert.Null(Simulation.ReadState(json[..^5]));
        Assert.Null(Simulation.ReadState(json.Replace("\"v\":1", "\"v\":2", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_snapshot_that_is_read_without_checks_has_all_else()
    {
        var simulation = new Simulation([new("router"), new("web1") { Parents = ["router"] }]);
        // More than is in memory at once.
        for (int i = 0; i < 500; i++) simulation.Set($"web1 disk.used /mnt/{i}", HealthState.Warning);
        simulation.Minutes(5).Down("router").Down("web1").Minutes(3);
        simulation.Keep(simulation.Monitor.SetDowntime(simulation.Now, new Downtime { Server = "db*", From = simulation.Now }));
        string json = simulation.State.ToJson();
        var expected = Simulation.ReadState(json)!;
        Assert.True(expected.Checks.Count > 500);
        expected.Checks.Clear();
        Assert.Equal(expected.ToJson(), Simulation.ReadState(json, withChecks: false)!.ToJson());
        Assert.Null(Simulation.ReadState(json[..^5], withChecks: false));
        Assert.Null(Simulation.ReadState(json.Replace("\"v\":1", "\"v\":2", StringComparison.Ordinal), withChecks: false));
    }

    [Fact]
    public void An_event_that_was_taken_in_changes_nothing_when_it_comes_again()
    {
        var simulation = new Simulation([new("web1")]).Down("web1").Minutes(5);
        string before = simulation.State.ToJson();
        foreach (var happened in simulation.Events) simulation.State.Apply(happened);
        Assert.Equal(before, simulation.State.ToJson());
    }
}
