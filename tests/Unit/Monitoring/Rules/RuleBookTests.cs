using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Monitoring.Tests.Rules;

public sealed class RuleBookTests
{
    private static readonly HealthCheckDefinition Port = new() { Name = "port", Kind = HealthCheckKind.Tcp, Target = "5432", Server = ["role:Database"], Interval = TimeSpan.FromMinutes(5) };

    [Fact]
    public void The_environments_reader_knows_the_names_of_the_default_rules() =>
        Assert.Equal(DefaultRules.All.Select(rule => rule.Name).Order(StringComparer.Ordinal), HealthRuleNames.Defaults.Order(StringComparer.Ordinal));

    [Fact]
    public void Without_an_environment_the_default_rules_hold()
    {
        var rules = RuleBook.Of(null).For("web1", ["App"]);
        Assert.Equal(DefaultRules.All.Count, rules.Count);
        Assert.All(rules, entry => Assert.Equal(HealthRuleOrigin.Default, entry.Rule.Origin));
    }

    [Fact]
    public void A_rule_changes_what_it_says_and_leaves_the_rest()
    {
        var rules = new MonitoringOptions { Rules = [new() { Name = "Disk.Used", Warning = At("> 80%"), Roles = ["Database"], For = TimeSpan.FromMinutes(5) }] };
        var changed = Rule(rules, "disk.used", "db1", "Database");
        Assert.Equal(("> 80 %", "> 95 %", TimeSpan.FromMinutes(5), "disk.used", HealthRuleOrigin.Environment), ($"{changed.Warning}", $"{changed.Critical}", changed.For, changed.Metric, changed.Origin));
        Assert.NotEmpty(changed.Advice);
        Assert.Equal(("> 85 %", HealthRuleOrigin.Default), ($"{Rule(rules, "disk.used", "web1").Warning}", Rule(rules, "disk.used", "web1").Origin));
    }

    [Fact]
    public void Of_several_rules_of_a_name_each_changes_the_last_that_is_for_all()
    {
        var rules = new MonitoringOptions
        {
            Rules =
            [
                new() { Name = "disk.used", Warning = At("> 70%") },
                new() { Name = "disk.used", Critical = At("> 90%"), Servers = ["db1"] },
                new() { Name = "disk.used", Attempts = 1, Servers = ["web1"] },
            ],
        };
        Assert.Equal(["> 70 % > 90 % 3", "> 70 % > 95 % 1", "> 70 % > 95 % 3"], new[] { "db1", "web1", "other" }.Select(server => Rule(rules, "disk.used", server)).Select(rule => $"{rule.Warning} {rule.Critical} {rule.Attempts}"));
    }

    [Fact]
    public void A_rule_for_some_instances_leaves_the_others_to_the_one_of_its_name()
    {
        var options = new MonitoringOptions
        {
            Checks = [Port],
            Rules =
            [
                new() { Name = "disk.used", Instances = ["/backup*"], ExceptInstances = ["/backup/tmp"], Warning = At("> 98%"), Critical = At("> 99%") },
                new() { Name = "disk.used", Instances = ["/old"], Enabled = false },
                new() { Name = "disk.used", Instances = ["/backup2"], Warning = At("> 50%"), Servers = ["db1"] },
                new() { Name = "port", Instances = ["replica"], Enabled = false },
            ],
        };
        var book = RuleBook.Of(Around(options));
        Assert.Equal((HealthState.Critical, HealthState.OK, null, null), (StateOf("web1", "/"), StateOf("web1", "/backup2"), StateOf("web1", "/old"), StateOf("web1", "/backup/tmp")));
        Assert.Equal((HealthState.Critical, HealthState.OK, HealthState.Critical), (StateOf("db1", "/"), StateOf("db1", "/backup1"), StateOf("db1", "/backup2")));
        Assert.Equal(["", "/backup*", "/backup2", "/old"], RuleBook.Holding(RuleBook.All(Around(options))).Where(rule => rule.Name == "disk.used").Select(rule => string.Join(',', rule.Instances)).Order(StringComparer.Ordinal));

        // What is switched off of a check with a rule of its own does not go to the rule for all checks.
        var readings = new List<Reading>();
        var rules = new ServerRules("db1", book.For("db1", ["Database"]));
        foreach (string? instance in (string?[])[null, "replica"]) rules.Take(new HealthCheckResult { Check = "port", Instance = instance, State = HealthState.Critical }, static _ => HealthState.OK, readings);
        Assert.Equal([new CheckKey("db1", "port")], readings.Select(reading => reading.Key));

        var plan = new MonitorPlan([new MonitoredServer("web1")], book);
        Assert.Equal(("> 98 %", "> 85 %", null), ($"{plan.RuleOf(new CheckKey("web1", "disk.used", "/backup1"))!.Warning}", $"{plan.RuleOf(new CheckKey("web1", "disk.used", "/"))!.Warning}", plan.RuleOf(new CheckKey("web1", "disk.used", "/old"))));

        HealthState? StateOf(string server, string mount)
        {
            var found = new List<Reading>();
            new ServerRules(server, book.For(server, [])).Evaluate(new Measurement("disk.used", mount, 97), DateTimeOffset.UnixEpoch, static _ => HealthState.OK, found, []);
            return found.Count == 0 ? null : found.Single(reading => reading.Key.Rule == "disk.used").State;
        }
    }

    [Fact]
    public void A_rule_is_switched_off_by_its_name_alone()
    {
        var book = RuleBook.Of(Around(new() { Rules = [new() { Name = "unit.failed", Enabled = false, Servers = ["build1"] }] }));
        Assert.DoesNotContain(book.For("build1", []), entry => entry.Rule.Name == "unit.failed");
        Assert.Contains(book.For("web1", []), entry => entry.Rule.Name == "unit.failed");
    }

    [Fact]
    public void A_rule_that_looks_at_something_else_takes_nothing_from_the_one_of_its_name()
    {
        var rule = Rule(new() { Rules = [new() { Name = "disk.full", Metric = "inode.used", Warning = At("> 99%") }] }, "disk.full", "web1");
        Assert.Equal((HealthFunction.Last, TimeSpan.Zero, null, ""), (rule.Function, rule.Window, rule.Critical, rule.Advice));
    }

    [Fact]
    public void A_threshold_of_its_own_is_not_cleared_by_that_of_another()
    {
        var rules = new MonitoringOptions { Rules = [new() { Name = "x", Metric = "m", Warning = At("> 10"), ClearWarning = At("< 5") }, new() { Name = "x", Warning = At("> 3"), Servers = ["web1"] }] };
        Assert.Equal((null, "< 5"), (Rule(rules, "x", "web1").ClearWarning, $"{Rule(rules, "x", "db1").ClearWarning}"));
    }

    [Fact]
    public void Each_check_has_a_rule_of_its_name_with_its_pace_for_its_servers()
    {
        var options = new MonitoringOptions { Checks = [Port with { Warning = At("> 2s"), For = TimeSpan.Zero, Advice = "Start it." }, Port with { Name = "plain" }] };
        var port = Rule(options, "port", "db1", "Database");
        Assert.Equal(("port", "> 2 s", TimeSpan.Zero, TimeSpan.FromMinutes(5), "Start it.", HealthRuleOrigin.Check, 3), (port.Check, $"{port.Warning}", port.For, port.Interval, port.Advice, port.Origin, port.Attempts));
        Assert.Equal(["db1"], port.Servers);
        var plain = Rule(options, "plain", "db1", "Database");
        Assert.Equal((TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(5), null), (plain.For, plain.Interval, plain.Warning));
        Assert.DoesNotContain(RuleBook.Of(Around(options)).For("web1", []), entry => entry.Rule.Name is "port" or "plain");
    }

    [Fact]
    public void Rules_with_wildcards_are_what_the_rules_of_their_checks_begin_with()
    {
        var options = new MonitoringOptions
        {
            Checks = [Port, Port with { Name = "shop page", Kind = HealthCheckKind.Http, Target = "https://shop.example.org/", Server = [], Attempts = 9 }],
            Rules = [new() { Name = "pages", Check = "*page", For = TimeSpan.FromMinutes(9), Attempts = 5 }, new() { Name = "port", RecoverAttempts = 7 }, new() { Name = "port", Attempts = 8, Servers = ["db1"] }],
        };
        var page = Rule(options, "shop page", "shop.example.org");
        Assert.Equal((TimeSpan.FromMinutes(9), 9, HealthRuleOrigin.Check), (page.For, page.Attempts, page.Origin));
        var port = Rule(options, "port", "db1", "Database");
        Assert.Equal((8, 7, "port", TimeSpan.FromMinutes(5), HealthRuleOrigin.Environment), (port.Attempts, port.RecoverAttempts, port.Check, port.Interval, port.Origin));
    }

    [Fact]
    public void Names_of_other_rules_may_be_written_in_another_case() =>
        Assert.Equal(["disk.used"], Rule(new() { Rules = [new() { Name = "both", All = ["DISK.used"] }] }, "both", "web1").All);

    [Fact]
    public void A_rule_that_contradicts_what_it_keeps_is_refused_by_its_name()
    {
        var error = Assert.Throws<ProdOpsException>(() => RuleBook.Of(Around(new() { Rules = [new() { Name = "memory.available", Warning = At("< 3%") }] })));
        Assert.Equal(("HealthRuleInvalid", "memory.available"), (error.ErrorId, error.Target));
        Assert.Contains("give both", error.Recommendation);
    }

    [Fact]
    public void A_check_whose_thresholds_contradict_each_other_is_told_of_and_spoils_no_other_rule()
    {
        var odd = new HealthCheckDefinition { Name = "odd", Kind = HealthCheckKind.Tcp, Target = "db1:1", Warning = At("> 2s"), Critical = At("> 1s") };
        var tight = new HealthCheckDefinition { Name = "tight", Kind = HealthCheckKind.Tcp, Target = "db1:1", Warning = At("> 10s") };
        var monitoring = new MonitoringOptions { Checks = [odd, tight], Rules = [new() { Name = "any", Check = "t*", Critical = At("> 5s") }] };
        Assert.Null(Rule(monitoring, "odd", "db1", "Database").Critical);
        Assert.Equal(("HealthRuleInvalid", "odd"), (RuleBook.ProblemOf(odd, Around(monitoring))!.ErrorId, RuleBook.ProblemOf(odd, Around(monitoring))!.Target));
        // By what holds for checks like it, too.
        Assert.NotNull(RuleBook.ProblemOf(tight, Around(monitoring)));
        Assert.Null(RuleBook.ProblemOf(tight, Around(monitoring with { Rules = [] })));
        Assert.Null(RuleBook.ProblemOf(tight, null));
    }

    private static HealthThreshold At(string text) => ThresholdText.Parse(text);

    private static HealthRule Rule(MonitoringOptions monitoring, string name, string server, params string[] roles) => Assert.Single(RuleBook.Of(Around(monitoring)).For(server, roles), entry => entry.Rule.Name == name).Rule;

    private static ProdOpsEnvironment Around(MonitoringOptions monitoring) =>
        new() { Name = "test", Path = "/test/environment.psd1", Servers = [new Server { Name = "db1", Roles = ["Database"] }, new Server { Name = "web1" }, new Server { Name = "build1" }], Monitoring = monitoring };
}
