using ProdOps.Monitoring.Replay;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Tests.Store;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Monitoring.Tests.Replay;

public sealed class RuleReplayTests : IDisposable
{
    private static readonly DateTimeOffset Start = StoreCase.Start;

    private readonly StoreCase _case = new();

    public void Dispose() => _case.Dispose();

    [Fact]
    public void A_disk_that_fills_fires_once_and_is_told_of_when_it_begins_when_it_gets_worse_and_when_it_is_over()
    {
        Measure("disk.used", "/var", TimeSpan.FromHours(2), minute => minute < 30 ? 80 : minute < 60 ? 90 : minute < 70 ? 97 : 80);
        var firing = Assert.Single(Replay("disk.used"));
        Assert.Equal(("disk.used", "web1", "/var", HealthState.Critical, 97, "%", 3), (firing.Rule, firing.Server, firing.Instance, firing.State, firing.Peak!.Value, firing.Unit, firing.Messages));
        Assert.Equal((TimeSpan.FromMinutes(31), TimeSpan.FromMinutes(71)), (firing.From - Start, firing.To!.Value - Start));
        Assert.Equal((firing.To - firing.From, Start.AddMinutes(60)), (firing.Duration, firing.PeakTime!.Value));
    }

    [Fact]
    public void What_lasts_too_short_does_not_fire_and_what_goes_on_has_no_end()
    {
        Measure("disk.used", "/", TimeSpan.FromHours(1), minute => minute == 10 ? 99 : 50);
        Measure("disk.used", "/data", TimeSpan.FromHours(1), minute => minute < 50 ? 50 : 88);
        var firing = Assert.Single(Replay("disk.used"));
        Assert.Equal(("/data", HealthState.Warning, null, 88, 1), (firing.Instance, firing.State, firing.To, firing.Peak!.Value, firing.Messages));
        Assert.Equal(TimeSpan.FromMinutes(60 - 51) - TimeSpan.FromSeconds(30), firing.Duration);
    }

    [Fact]
    public void Time_in_which_nobody_looked_counts_for_nothing()
    {
        Measure("disk.used", "/", TimeSpan.FromHours(3), minute => minute is < 10 or > 169 ? 50 : minute is >= 11 and < 169 ? double.NaN : 99);
        Assert.Empty(Replay("disk.used"));
    }

    [Fact]
    public void Too_little_is_worst_at_its_least_and_a_server_that_was_not_measured_for_a_while_is_not_told_of()
    {
        Measure("memory.available", null, TimeSpan.FromHours(1), minute => minute is > 20 and < 30 ? 4 : 50);
        Measure("memory.available", null, TimeSpan.FromHours(1), minute => minute is > 20 and < 50 ? double.NaN : 60, "web2");
        var firing = Assert.Single(Replay("memory.available"));
        Assert.Equal(("web1", HealthState.Critical, 4), (firing.Server, firing.State, firing.Peak!.Value));
    }

    [Fact]
    public void What_fires_on_several_servers_at_once_is_told_in_one_message()
    {
        foreach (string server in new[] { "web1", "web2", "web3" }) Measure("disk.used", "/", TimeSpan.FromHours(1), minute => minute < 20 ? 50 : 90, server);
        var firings = Replay("disk.used");
        Assert.Equal(["web1", "web2", "web3"], firings.Select(firing => firing.Server));
        Assert.All(firings, firing => Assert.Equal(1, firing.Messages));
    }

    [Fact]
    public void A_rule_holds_for_the_servers_that_it_is_for_and_those_who_are_told_are_the_environments()
    {
        var environment = new ProdOpsEnvironment
        {
            Name = "test", Path = "/e.psd1", Servers = [new Server { Name = "web1", Roles = ["App"] }, new Server { Name = "db1", Roles = ["Database"] }],
            Monitoring = new MonitoringOptions
            {
                Rules = [new() { Name = "disk.used", Warning = ThresholdText.Parse("> 40%"), Roles = ["Database"] }],
                Notify = [new() { Name = "app", Channels = ["x"], Roles = ["App"] }, new() { Name = "one", Channels = ["x"] }, new() { Name = "two", Channels = ["x"], Repeat = TimeSpan.Zero, RepeatWarning = TimeSpan.FromMinutes(30) }],
            },
        };
        foreach (string server in new[] { "web1", "db1" }) Measure("disk.used", "/", TimeSpan.FromHours(2), minute => 50, server);
        var firing = Assert.Single(Replay("disk.used", environment: environment));
        Assert.Equal(("db1", HealthState.Warning, 5), (firing.Server, firing.State, firing.Messages));
        Assert.Empty(Replay("disk.used", environment: environment, servers: ["web*"]));
    }

    [Fact]
    public void Windows_are_filled_with_what_was_before()
    {
        Measure("oom.kills", null, TimeSpan.FromHours(3), minute => minute < 50 ? 3 : 4);
        var whole = Assert.Single(Replay("oom.kills"));
        Assert.Equal(TimeSpan.FromMinutes(50), whole.From - Start);
        var later = Assert.Single(Replay("oom.kills", Start.AddMinutes(80)));
        Assert.Equal((TimeSpan.FromMinutes(80), 1), (later.From - Start, later.Peak!.Value));
    }

    [Fact]
    public void A_rule_about_rules_fires_when_they_do_together()
    {
        Measure("disk.used", "/", TimeSpan.FromHours(2), minute => minute is > 10 and < 60 ? 90 : 50);
        Measure("cpu.load", null, TimeSpan.FromHours(2), minute => minute is > 30 and < 90 ? 9 : 1);
        HealthRule[] rules =
        [
            .. DefaultRules.All, new() { Name = "load", Metric = "cpu.load", Warning = ThresholdText.Parse("> 5") }, new() { Name = "both", All = ["disk.used", "load"], Advice = "x" },
        ];
        var firing = Assert.Single(Replay("both", rules: rules));
        Assert.Equal((TimeSpan.FromMinutes(31.5), HealthState.Warning, null), (firing.From - Start, firing.State, firing.Peak));
        Assert.InRange(firing.To!.Value - Start, TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(63));
    }

    [Fact]
    public void History_of_which_only_roll_ups_are_left_is_replayed_at_their_pace()
    {
        Measure("disk.used", "/", TimeSpan.FromHours(6), minute => minute is > 60 and < 120 ? 90 : 50);
        _case.SetTime(Start.AddDays(20));
        _case.Store.Append([StoreCase.Sample(Start.AddDays(20), 50, name: "disk.used", instance: "/")]);
        _case.Store.Retain(new RetentionSpans { Raw = TimeSpan.FromDays(2), FiveMinutes = TimeSpan.FromDays(180), Hours = TimeSpan.FromDays(1000) }, default);
        var firing = Assert.Single(Replay("disk.used", to: Start.AddDays(19)));
        Assert.Equal(("web1", 90), (firing.Server, firing.Peak!.Value));
        Assert.InRange(firing.From - Start, TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(75));
    }

    [Theory]
    [InlineData("disk.usd", "HealthRuleNotFound")]
    [InlineData("service", "HealthRuleNotReplayable")]
    [InlineData("cpu.busy", "HealthHistoryMissing")]
    public void What_cannot_be_replayed_is_an_error(string rule, string error)
    {
        Measure("disk.used", "/", TimeSpan.FromMinutes(5), minute => 50);
        Assert.Equal(error, Assert.Throws<ProdOpsException>(() => Replay(rule)).ErrorId);
    }

    private IReadOnlyList<HealthRuleFiring> Replay(
        string rule, DateTimeOffset? from = null, DateTimeOffset? to = null, ProdOpsEnvironment? environment = null, IReadOnlyList<HealthRule>? rules = null, IReadOnlyList<string>? servers = null) =>
        new RuleReplay(_case.Store, new ReplayRequest
        {
            Rules = rules ?? RuleBook.All(environment), Rule = rule, Environment = environment, Servers = servers ?? ["*"], From = from ?? Start, To = to ?? Start.AddDays(1),
        }, _case).Run(default);

    /// <summary>A sample each 30 seconds; none where there is no number.</summary>
    private void Measure(string metric, string? instance, TimeSpan time, Func<double, double> valueAt, string server = "web1")
    {
        if (_case.Time.GetUtcNow() < Start + time) _case.SetTime(Start + time);
        var samples = new List<MetricSample>();
        for (var at = TimeSpan.Zero; at < time; at += TimeSpan.FromSeconds(30))
            if (valueAt(at.TotalMinutes) is var value && !double.IsNaN(value)) samples.Add(StoreCase.Sample(Start + at, value, server, metric, instance));
        _case.Store.Append(samples);
    }
}
