using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Monitoring.Tests.Rules;

public sealed class RuleWatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    private static readonly HealthRule Disk = new()
    {
        Name = "disk.full", Metric = "disk.used", Function = HealthFunction.Forecast, Limit = 100, Window = TimeSpan.FromHours(6),
        Warning = ThresholdText.Parse("< 24h"), Critical = ThresholdText.Parse("< 4h"),
    };

    [Fact]
    public void A_forecast_says_nothing_before_the_window_is_covered()
    {
        var watch = new RuleWatch(Disk, new Grading(Disk));
        for (int minute = 0; minute < 6 * 48; minute++) Assert.False(watch.Evaluate(Start.AddMinutes(minute), 70 + minute, HealthState.OK).Known);
    }

    [Theory]
    [InlineData(72, 2, HealthState.Warning)]
    [InlineData(80, 3, HealthState.Critical)]
    [InlineData(20, 6, HealthState.OK)]
    [InlineData(95, -0.5, HealthState.OK)]
    public void A_forecast_warns_of_a_disk_that_is_nearly_full_soon(double from, double perHour, HealthState expected)
    {
        var evaluation = Fill(minute => from + (perHour * minute / 60));
        Assert.True(evaluation.Known);
        Assert.Equal(expected, evaluation.State);
    }

    [Fact]
    public void A_forecast_says_when_the_limit_is_reached()
    {
        // 76 % after six hours of 1 % an hour: 24 hours to go.
        Assert.Equal(24 * 3600, Fill(minute => 70 + (minute / 60.0)).Value, 60.0);
    }

    [Fact]
    public void What_goes_up_and_down_has_no_forecast() =>
        Assert.Equal(HealthState.OK, Fill(minute => 85 + (10 * Math.Sin(minute / 20.0))).State);

    [Fact]
    public void A_counter_that_begins_anew_has_not_gone_down()
    {
        var rule = new HealthRule { Name = "restarts", Metric = "unit.restarts", Function = HealthFunction.Increase, Window = TimeSpan.FromHours(1), Coverage = 0, Warning = ThresholdText.Parse("> 3") };
        var watch = new RuleWatch(rule, new Grading(rule));
        double[] values = [40, 41, 0, 1, 2];
        var states = values.Select((value, i) => watch.Evaluate(Start.AddMinutes(i), value, HealthState.OK)).ToList();
        Assert.False(states[0].Known);
        Assert.Equal(1, states[1].Value);
        Assert.Equal(3, states[^1].Value);
        Assert.Equal(HealthState.OK, states[^1].State);
        Assert.Equal(HealthState.Warning, watch.Evaluate(Start.AddMinutes(9), 3, HealthState.OK).State);
    }

    [Fact]
    public void A_deviation_from_the_same_hour_of_the_week_needs_three_weeks()
    {
        var rule = new HealthRule { Name = "requests", Metric = "http.requests", Function = HealthFunction.Baseline, Warning = ThresholdText.Parse("> 4") };
        var baseline = new WeekBaseline();
        var watch = new RuleWatch(rule, new Grading(rule), baseline);
        Assert.False(watch.Evaluate(Start, 100, HealthState.OK).Known);
        for (int week = 3; week >= 1; week--) baseline.Learn(Start.AddDays(-7 * week), 100 + week);
        Assert.Equal(HealthState.OK, watch.Evaluate(Start.AddMinutes(30), 110, HealthState.OK).State);
        Assert.Equal(HealthState.Warning, watch.Evaluate(Start.AddMinutes(30), 10, HealthState.OK).State);
        Assert.False(watch.Evaluate(Start.AddHours(1), 10, HealthState.OK).Known);
    }

    [Fact]
    public void Rules_look_at_their_instances_and_the_last_of_a_name_holds()
    {
        var rules = new RuleSet(
        [
            .. DefaultRules.All,
            new HealthRule { Name = "disk.used", Metric = "disk.used", Roles = ["Database"], ExceptInstances = ["/mnt/*"], Warning = ThresholdText.Parse("> 50%") },
        ]);
        Assert.Equal(HealthState.OK, Read(rules.For("web1", ["App"]), "/var", 60).Single().State);
        Assert.Equal(HealthState.Warning, Read(rules.For("db1", ["database"]), "/var", 60).Single().State);
        Assert.Empty(Read(rules.For("db1", ["Database"]), "/mnt/usb", 60));
    }

    [Theory]
    [InlineData(new[] { "a", "b" }, null, HealthState.Critical, HealthState.Warning, HealthState.Warning)]
    [InlineData(new[] { "a", "b" }, null, HealthState.Critical, HealthState.OK, HealthState.OK)]
    [InlineData(new[] { "a", "b" }, null, HealthState.Critical, HealthState.Unknown, HealthState.Unknown)]
    [InlineData(new[] { "a", "b" }, null, HealthState.OK, HealthState.Unknown, HealthState.OK)]
    [InlineData(null, new[] { "a", "b" }, HealthState.OK, HealthState.Critical, HealthState.Critical)]
    [InlineData(null, new[] { "a", "b" }, HealthState.OK, HealthState.Unknown, HealthState.Unknown)]
    [InlineData(null, new[] { "a", "b" }, HealthState.Warning, HealthState.Unknown, HealthState.Warning)]
    public void Rules_about_rules_are_as_bad_as_the_best_or_the_worst_of_them(string[]? all, string[]? any, HealthState a, HealthState b, HealthState expected)
    {
        var rule = new HealthRule { Name = "both", All = all ?? [], Any = any ?? [] };
        Assert.Equal(expected, RuleSet.Combine(rule, name => name == "a" ? a : b));
    }

    [Fact]
    public void Checks_that_have_a_rule_of_their_own_are_not_taken_by_the_rule_for_all()
    {
        var rules = new ServerRules("web1", new RuleSet([.. DefaultRules.All, new HealthRule { Name = "site", Check = "http" }]).For("web1", []));
        var readings = new List<Reading>();
        rules.Take(new HealthCheckResult { Server = "web1", Check = "http", Instance = "https://shop", State = HealthState.Critical }, static _ => HealthState.OK, readings);
        rules.Take(new HealthCheckResult { Server = "web1", Check = "check_raid", State = HealthState.Unreachable }, static _ => HealthState.OK, readings);
        Assert.Equal([new CheckKey("web1", "site", "https://shop"), new CheckKey("web1", "check", "check_raid")], readings.Select(reading => reading.Key));
        Assert.Equal(HealthState.Unknown, readings[1].State);
    }

    [Theory]
    [InlineData(HealthState.OK, 0.2, HealthState.OK)]
    [InlineData(HealthState.OK, 0.8, HealthState.Warning)]
    [InlineData(HealthState.Critical, 0.1, HealthState.Critical)]
    [InlineData(HealthState.OK, null, HealthState.OK)]
    [InlineData(HealthState.Unknown, 9.0, HealthState.Unknown)]
    public void A_rule_makes_a_check_stricter_by_its_value_and_never_milder(HealthState said, double? seconds, HealthState expected)
    {
        var rules = new ServerRules("web1", new RuleSet([new HealthRule { Name = "slow", Check = "http", Warning = ThresholdText.Parse("> 500ms") }]).For("web1", []));
        var readings = new List<Reading>();
        rules.Take(new HealthCheckResult { Check = "http", State = said, Value = seconds, Unit = "s" }, static _ => HealthState.OK, readings);
        Assert.Equal(expected, readings.Single().State);
    }

    [Fact]
    public void What_was_measured_before_a_start_fills_the_windows()
    {
        var rules = new ServerRules("web1", new RuleSet(DefaultRules.All).For("web1", []));
        Assert.Equal(TimeSpan.FromHours(6), rules.Windows.Max(static window => window.Window));
        for (int i = 0; i < 20; i++) rules.Recall(new Measurement("cpu.busy", null, 99), Start.AddSeconds(30 * i));
        var readings = new List<Reading>();
        rules.Evaluate(new Measurement("cpu.busy", null, 99), Start.AddMinutes(10), static _ => HealthState.OK, readings, []);
        Assert.Equal(HealthState.Warning, readings.Single().State);
    }

    [Fact]
    public void Default_rules_look_at_metrics_there_are_in_their_units()
    {
        Assert.All(DefaultRules.All.Where(rule => rule.Metric is not null), rule => Assert.NotNull(MetricCatalog.Find(rule.Metric!)));
        Assert.All(DefaultRules.All.Where(rule => rule is { Metric: not null, Function: not (HealthFunction.Forecast or HealthFunction.Baseline) }),
            rule => Assert.Equal(MetricCatalog.UnitOf(rule.Metric!), rule.Warning!.Unit));
    }

    [Fact]
    public void Evaluating_a_sample_allocates_nothing()
    {
        var rules = new ServerRules("db1", new RuleSet(DefaultRules.All).For("db1", []));
        var readings = new List<Reading>(16);
        var seen = new List<CheckKey>(16);
        Func<CheckKey, HealthState> level = static _ => HealthState.OK;
        Round(0, 2000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round(2000, 1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Round(int from, int count)
        {
            for (int i = from; i < from + count; i++)
            {
                readings.Clear();
                seen.Clear();
                rules.Evaluate(new Measurement("cpu.busy", null, i % 100), Start.AddSeconds(30 * i), level, readings, seen);
                rules.Evaluate(new Measurement("disk.used", "/var", 70 + (i % 10)), Start.AddSeconds(30 * i), level, readings, seen);
            }
        }
    }

    [Theory]
    [InlineData("looks at nothing")]
    [InlineData("no rule 'missing'")]
    [InlineData("needs a window")]
    [InlineData("no limit")]
    public void Rules_that_cannot_work_are_refused_with_what_to_write(string why)
    {
        var rule = why switch
        {
            "looks at nothing" => new HealthRule { Name = "broken" },
            "no rule 'missing'" => new HealthRule { Name = "broken", Check = "x", DependsOn = ["missing"] },
            "needs a window" => Disk with { Name = "broken", Window = TimeSpan.Zero },
            _ => Disk with { Name = "broken", Limit = null },
        };
        var error = Assert.Throws<ProdOpsException>(() => new RuleSet([rule]));
        Assert.Equal("HealthRuleInvalid", error.ErrorId);
        Assert.Contains(why, error.Message);
        Assert.NotEmpty(error.Recommendation!);
    }

    private static Evaluation Fill(Func<int, double> value)
    {
        var watch = new RuleWatch(Disk, new Grading(Disk));
        Evaluation last = default;
        for (int minute = 0; minute <= 360; minute++) last = watch.Evaluate(Start.AddMinutes(minute), value(minute), HealthState.OK);
        return last;
    }

    private static List<Reading> Read(IReadOnlyList<(HealthRule Rule, Grading? Grading)> rules, string instance, double value)
    {
        var readings = new List<Reading>();
        new ServerRules("x", rules).Evaluate(new Measurement("disk.used", instance, value), Start, static _ => HealthState.OK, readings, []);
        return readings;
    }
}
